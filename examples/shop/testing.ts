import { renderEnvironmentFile } from "../../components/app/environment.ts";
import { createAuthority, createLeaf } from "../../components/pki/certificates.ts";
import { tlsPaths } from "../../components/pki/paths.ts";
import { testAuthority } from "../../components/pki/testing.ts";
import { pgbouncerRole } from "../../components/postgres/pgbouncer.ts";
import { renderRolesSql } from "../../components/postgres/roles-sql.ts";
import { fillTestSecrets, machineFiles, testClient, testSpec } from "../../components/postgres/testing.ts";
import { renderServerSettings } from "../../components/redis/server-settings.ts";
import { testSpec as testRedisSpec } from "../../components/redis/testing.ts";
import type { DebianFile } from "../../lab/debian/run.ts";
import { buildRelease } from "./release.ts";

/**
 * For tests only: the shop's release on one machine with a primary, a replica, PgBouncer and Valkey, all as the platform sets them up
 * for an app server. HAProxy is left out: the two servers stand on its ports.
 */
export async function shopFiles(client: string): Promise<Record<string, DebianFile | string>> {
  const spec = testSpec();
  const redis = testRedisSpec("valkey", 1);
  const leaf = await createLeaf(testAuthority, { commonName: "db", dnsNames: ["db"], ipAddresses: ["127.0.0.1"] });
  const workload = { kind: "service", command: ["/usr/bin/node"], migrations: true } as const;
  const users = renderServerSettings(redis, "sessions").match(/^user .*$/gm)!;
  return {
    ...machineFiles([pgbouncerRole({ client: testClient(spec), appServers: 6 })]),
    [tlsPaths.ca]: (await createAuthority(testAuthority)).certificate,
    "/db.crt": { content: leaf.certificate, owner: "postgres:postgres" },
    "/db.key": { content: leaf.privateKey, owner: "postgres:postgres", mode: "0600" },
    "/roles.sql": fillTestSecrets(
      [
        renderRolesSql(spec),
        ...[spec.owner, spec.user].map(({ name }) => `ALTER ROLE "${name}" PASSWORD :'${name}';`),
      ].join(""),
    ),
    "/passwords": [spec.owner, spec.user].map((l) => `-v ${l.name}=${l.passwordSecret.replace(/\W/g, "")}\n`).join(""),
    "/valkey.conf": `bind 127.0.0.1\nport 6379\nsave ""\n${fillTestSecrets(users.join("\n"))}\n`,
    "/workload.env": fillTestSecrets(
      renderEnvironmentFile({ workload, postgres: testClient(spec), redis: { engine: "valkey", nodes: redis.nodes } }),
    ),
    "/shop.tar.gz": { content: (await buildRelease()).archive },
    "/client.mjs": client,
  };
}

/**
 * Shell functions: `shop PORT` starts one in the background, `serving PORT...` waits; `client NAME` runs a function of the client;
 * `sql STATEMENT` and `replica STATEMENT` as superuser; `until_ok COMMAND...`.
 */
export const shopShell = `
mkdir -p /opt/app /run/postgresql
tar -C /opt/app -xzf /shop.tar.gz
chown postgres: /run/postgresql
as() { setpriv --reuid=$1 --regid=$1 --clear-groups "\${@:2}"; }
bin=/usr/lib/postgresql/17/bin
until_ok() {
  local end=$(($(date +%s) + 30))
  until "$@" > /dev/null 2>&1; do
    if [ "$(date +%s)" -ge $end ]; then echo "never: $*"; tail -n 20 /*.log; exit 1; fi
    sleep 0.1
  done
}
as postgres $bin/initdb -D /tmp/primary -A trust --no-sync > /dev/null
cat >> /tmp/primary/postgresql.conf <<'END'
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '/db.crt'
ssl_key_file = '/db.key'
shared_buffers = 32MB
shared_preload_libraries = 'pg_stat_statements'
fsync = off
END
cat > /tmp/primary/pg_hba.conf <<'END'
local all,replication postgres trust
hostssl all all 127.0.0.1/32 scram-sha-256
END
start() { as postgres $bin/pg_ctl -D /tmp/$1 -o "-p $2" -l /tmp/$1.log -w start > /dev/null; }
start primary 5000
sql() { as postgres psql -XqAt -h /run/postgresql -p 5000 -d shop -c "$1"; }
replica() { as postgres psql -XqAt -h /run/postgresql -p 5001 -d shop -c "$1"; }
as postgres psql -Xq -v ON_ERROR_STOP=1 -h /run/postgresql -p 5000 $(cat /passwords) -f /roles.sql > /dev/null
as postgres $bin/pg_basebackup -h /run/postgresql -p 5000 -D /tmp/replica -R -c fast
start replica 5001
as postgres pgbouncer -q /etc/pgbouncer/pgbouncer.ini 2> /pgbouncer.log &
start_valkey() {
  setpriv --reuid=valkey --regid=valkey --clear-groups valkey-server /valkey.conf > /valkey.log 2>&1 & valkey=$!
  disown $valkey
}
start_valkey
shop() {
  ( set -a; . /workload.env; PORT=$1; cd /; exec setpriv --reuid=nobody --regid=nogroup --clear-groups node /opt/app/shop.mjs ) >> /shop.$1.log 2>&1 &
}
serving() { local port; for port; do until_ok curl -sf http://127.0.0.1:$port/healthz; done; }
client() { node /client.mjs "$@"; }
`;
