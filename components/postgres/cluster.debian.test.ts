import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { appFiles, clusterFiles, clusterShell, folderStore, testBackup, testNode, testSpec } from "./testing.ts";

const rolesAre = (wanted: Record<string, number>) =>
  `python3 -c '
import json, sys
members = json.load(sys.stdin)
roles = sorted(m["Role"] for m in members if m["State"] in ("running", "streaming"))
sys.exit(roles != ${JSON.stringify(
    Object.entries(wanted)
      .flatMap(([role, count]) => Array<string>(count).fill(role))
      .sort(),
  )})'`;

describeWithDebian("A Postgres cluster, run by the real programs", (debian) => {
  test("three nodes: either standby confirms, logins of least rights, a backup, and a failover that loses nothing", async () => {
    const spec = testSpec({ machine: { cores: 2, memoryGb: 4 }, storageGb: 10, backup: testBackup });
    const { code, stdout, stderr } = await debian.script({
      files: { ...(await clusterFiles(spec)), ...appFiles(spec) },
      timeoutMs: 280_000,
      script: `${clusterShell(spec).replace("for n in 1 2 3; do boot", `${folderStore}for n in 1 2 3; do boot`)}
mkdir -p /etc/sovereign/tls
cp /machines/1/etc/sovereign/tls/ca.crt /etc/sovereign/tls/
healthy() { members "$1" | ${rolesAre({ Leader: 1, "Quorum Standby": 2 })}; }
until_ok 60 healthy 1
echo "errors [$(sql 1 "SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL" ; sql 1 "SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL")]"
echo "settings $(sql 1 "SELECT string_agg(name || '=' || current_setting(name), ' ' ORDER BY name) FROM pg_settings WHERE name IN ('shared_buffers', 'max_connections', 'data_checksums', 'wal_log_hints', 'password_encryption')")"
echo "replication $(sql 1 "SELECT string_agg(sync_state || '/' || ssl, ' ' ORDER BY sync_state) FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)")"

on 1 postgres /usr/local/lib/sovereign/postgres-leader > /log.leader
sql 1 "ALTER ROLE app PASSWORD 'other'"
on 1 postgres rm /run/postgresql/sovereign-roles
echo "enforced: $(on 1 postgres /usr/local/lib/sovereign/postgres-leader | grep password)"
echo "again: [$(on 1 postgres /usr/local/lib/sovereign/postgres-leader | grep password)]"
echo "on a replica: [$(on 2 postgres /usr/local/lib/sovereign/postgres-leader)]"
edit() { on 1 postgres patronictl -c /etc/patroni/config.yml edit-config --quiet --force "$@" > /log.edit 2>&1; }
strict() { on 1 postgres /usr/local/lib/sovereign/postgres-leader; on 1 postgres patronictl -c /etc/patroni/config.yml show-config | grep '^synchronous_mode_strict'; }
edit -s hands_off=true -s synchronous_mode_strict=false
echo "by hand: $(strict | paste -sd '|')"
edit -s hands_off=null
echo "as the stack says: $(strict)"
on 2 postgres bash /usr/local/lib/sovereign/postgres-backup full
on 1 postgres bash /usr/local/lib/sovereign/postgres-backup full > /log.backup 2>&1 || { cat /log.backup >&2; exit 1; }
echo "backups $(on 1 postgres pgbackrest info --output=json | python3 -c 'import json, sys; s = json.load(sys.stdin)[0]; print(s["status"]["message"], s["cipher"], len(s["backup"]))')"

setpriv --reuid=postgres --regid=postgres --clear-groups pgbouncer /etc/pgbouncer/pgbouncer.ini > /log.pgbouncer 2>&1 &
haproxy -f /etc/haproxy/test.cfg > /log.haproxy 2>&1 &
ask() { login=$1 database=$2; shift 2; PGPASSWORD=postgres$login psql -XqAt -h 127.0.0.1 -p 6432 -U "$(test $login = owner && echo app_owner || echo app)" -d "$database" -c "$1" 2>&1; }
# Before HAProxy has checked, nobody must answer rather than any node.
answers() { case "$(ask $1 shop 'SELECT pg_is_in_recovery()')" in f) true ;; t) echo "a replica answered" ;; *) false ;; esac; }
until_ok 60 answers app
until_ok 60 answers owner
echo "workload makes tables: $(ask app shop 'CREATE TABLE t (i int)' | head -n 1)"
ask owner shop 'CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, note text)'
ask app shop "INSERT INTO orders (note) SELECT 'before' FROM generate_series(1, 1000)"
until_ok 30 ask app shop_ro 'SELECT 1'
echo "read-only: $(ask app shop_ro 'INSERT INTO orders (note) VALUES (1)' | head -n 1)"
echo "wrong password: $(PGPASSWORD=x psql -XqAt -h 127.0.0.1 -p 6432 -U app -d shop -c 'SELECT 1' 2>&1 | grep -o 'authentication failed')"
echo "plain: $(PGSSLMODE=disable PGPASSWORD=postgresapp psql -XqAt -h 10.0.2.4 -U app -d shop -c 'SELECT 1' 2>&1 | grep -o 'no encryption')"
echo "other database: $(PGCHANNELBINDING=disable PGPASSWORD=postgresapp psql -XqAt -h 10.0.2.4 -U app -d postgres -c 'SELECT 1' 2>&1 | grep -om 1 'no pg_hba.conf entry' | head -n 1)"

exporter() { echo "set -a; . $1/etc/default/$2; exec $2 \\$ARGS"; }
on 1 prometheus sh -c "$(exporter /machines/1 prometheus-postgres-exporter)" > /log.postgres-exporter 2>&1 &
on 1 postgres sh -c "$(exporter /machines/1 prometheus-pgbackrest-exporter)" > /log.pgbackrest-exporter 2>&1 &
setpriv --reuid=postgres --regid=postgres --clear-groups sh -c "$(exporter '' prometheus-pgbouncer-exporter)" > /log.pgbouncer-exporter 2>&1 &
shows() { ip netns exec m1 curl -sf "http://$1/metrics" | grep -E "$2"; }
until_ok 20 shows 127.0.0.1:9187 '^pg_up 1$'
until_ok 20 shows 127.0.0.1:9854 '^pgbackrest_stanza_status.* 0$'
until_ok 20 shows 10.0.2.4:2381 '^etcd_server_has_leader 1$'
until_ok 20 sh -c "curl -sf http://127.0.0.1:9127/metrics | grep '^pgbouncer_up 1$'"

crash 1
written() { ask app shop "INSERT INTO orders (note) VALUES ('after')" | grep -q . && return 1 || return 0; }
until_ok 60 written
echo "rows after failover $(ask app shop "SELECT count(*) FROM orders WHERE note = 'before'")"
boot 1
until_ok 60 healthy 2
echo "former primary rewound: $(grep -c 'pg_rewind exit code=0' /log.patroni.1)"
`,
    });
    expect(stderr.replace(/^.*Killed.*\n/gm, "")).toBe("");
    expect(stdout.replace(/^.*Killed.*\n/gm, "").split("\n")).toEqual([
      "errors []",
      "settings data_checksums=on max_connections=50 password_encryption=scram-sha-256 shared_buffers=1GB wal_log_hints=on",
      "replication quorum/true quorum/true",
      "enforced: password of app set",
      "again: []",
      "on a replica: []",
      "by hand: settings stay as they are: hands_off is set|synchronous_mode_strict: false",
      "as the stack says: synchronous_mode_strict: true",
      "a replica: the primary makes the backup",
      "backups ok aes-256-cbc 1",
      "workload makes tables: ERROR:  permission denied for schema public",
      "read-only: ERROR:  cannot execute INSERT in a read-only transaction",
      "wrong password: authentication failed",
      "plain: no encryption",
      "other database: no pg_hba.conf entry",
      "rows after failover 1000",
      "former primary rewound: 1",
      "",
    ]);
    expect(code).toBe(0);
  }, 290_000);

  test("two nodes and a witness: asynchronous, and writes go on when the replica is gone", async () => {
    const nodes = [1, 2].map(testNode);
    const spec = testSpec({
      nodes,
      etcd: [...nodes, { name: "shop-etcd-fsn1-1", address: "10.0.2.9", location: "fsn1" }],
      machine: { cores: 2, memoryGb: 4 },
      storageGb: 10,
      durability: "low-latency",
    });
    const { code, stdout, stderr } = await debian.script({
      files: await clusterFiles(spec),
      timeoutMs: 170_000,
      script: `${clusterShell(spec)}
healthy() { members 1 | ${rolesAre({ Leader: 1, Replica: 1 })}; }
until_ok 60 healthy
echo "replication $(sql 1 "SELECT sync_state FROM pg_stat_replication")"
crash 2
sql 1 "CREATE TABLE written (i int)"
echo "written $(sql 1 "INSERT INTO written VALUES (1) RETURNING i")"
`,
    });
    expect(stderr).toBe("");
    expect(stdout.replace(/^.*Killed.*\n/gm, "")).toBe("replication async\nwritten 1\n");
    expect(code).toBe(0);
  }, 180_000);
});
