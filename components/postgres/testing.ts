import type { DebianFile } from "../../lab/debian/run.ts";
import type { Role } from "../host/role.ts";
import { fillSecrets, secretNames } from "../host/secret-token.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { tlsPaths } from "../pki/paths.ts";
import { testAuthority } from "../pki/testing.ts";
import { ports } from "../ports.ts";
import type { PostgresClientSpec, PostgresNode } from "./client.ts";
import { etcdMember, etcdRuntimeConfig } from "./etcd.ts";
import { maxConnections } from "./parameters.ts";
import { pgbouncerRole } from "./pgbouncer.ts";
import { etcdRole, postgresRole } from "./role.ts";
import { type BackupSpec, defaultLogins, type PostgresSpec } from "./spec.ts";

/** For tests only. */
export const testNode = (ordinal: number): PostgresNode => ({
  name: `shop-postgres-fsn1-${ordinal}`,
  address: `10.0.2.${ordinal + 3}`,
  location: "fsn1",
});

export const testBackup: BackupSpec = {
  endpoint: "fsn1.your-objectstorage.com",
  bucket: "shop-backups",
  region: "fsn1",
};

export function testSpec(changes: Partial<PostgresSpec> = {}): PostgresSpec {
  const nodes = changes.nodes ?? [1, 2, 3].map(testNode);
  return {
    cluster: "shop-postgres",
    nodes,
    etcd: nodes.slice(0, 3),
    founder: nodes[0]!.name,
    machine: { cores: 8, memoryGb: 64 },
    storageGb: 50,
    durability: "zero-loss",
    database: "shop",
    ...defaultLogins,
    appRanges: ["10.0.1.0/24"],
    postgresRanges: ["10.0.2.0/24"],
    ...changes,
  };
}

export function testClient(spec: PostgresSpec): PostgresClientSpec {
  const { nodes, database, user, owner } = spec;
  return { nodes, database, user, owner, maxConnections: maxConnections(spec) };
}

/** The value of every secret is made from its name. */
export function fillTestSecrets(text: string): string {
  return fillSecrets(text, Object.fromEntries(secretNames(text).map((name) => [name, name.replace(/\W/g, "")])));
}

/** Every file, unit and drop-in of roles, by path, as a machine has them. */
export function machineFiles(roles: readonly Role[]): Record<string, DebianFile> {
  const files = roles.flatMap((role) => role.files);
  const units = roles
    .flatMap((role) => role.units)
    .flatMap(({ name, content, dropIn }) => [
      ...(content ? [{ path: `/etc/systemd/system/${name}`, content }] : []),
      ...(dropIn ? [{ path: `/etc/systemd/system/${name}.d/sovereign.conf`, content: dropIn }] : []),
    ]);
  return Object.fromEntries(
    [...files, ...units].map((file) => [
      file.path,
      {
        content: fillTestSecrets(file.content),
        ...("mode" in file && file.mode ? { mode: file.mode } : {}),
        ...("owner" in file && file.owner ? { owner: file.owner } : {}),
      },
    ]),
  );
}

/** Files of all machines of a cluster with their certificates, each machine's below `/machines/<number>`, in one generation. */
export async function clusterFiles(spec: PostgresSpec, generation = 1): Promise<Record<string, DebianFile>> {
  const members = [...new Set([...spec.nodes, ...spec.etcd])];
  const ca = (await createAuthority(testAuthority)).certificate;
  const machines = await Promise.all(
    members.map(async (member, index) => {
      const leaf = await createLeaf(testAuthority, {
        commonName: member.name,
        dnsNames: [member.name],
        ipAddresses: ["127.0.0.1", member.address],
      });
      const roles = [
        ...(spec.etcd.includes(member)
          ? [etcdRole({ cluster: spec.cluster, members: spec.etcd, founder: spec.founder, generation }, member)]
          : []),
        ...(spec.nodes.includes(member) ? [postgresRole(spec, index + 1)] : []),
      ];
      const files: Record<string, DebianFile> = {
        ...machineFiles(roles),
        [tlsPaths.ca]: { content: ca },
        [tlsPaths.certificate]: { content: leaf.certificate },
        [tlsPaths.key]: { content: leaf.privateKey, mode: "0640" },
      };
      return Object.entries(files).map(([path, file]): [string, DebianFile] => [`/machines/${index + 1}${path}`, file]);
    }),
  );
  return Object.fromEntries(machines.flat());
}

/** What an app server has between its workload and the cluster. HAProxy here is the least that finds the primary. */
export function appFiles(spec: PostgresSpec): Record<string, DebianFile | string> {
  const client = testClient(spec);
  const listen = (port: number, path: string) => `listen p${port}
  bind 127.0.0.1:${port}
  option httpchk OPTIONS ${path}
  default-server inter 1s fall 2 rise 1 check check-ssl port ${ports.patroni} verify required ca-file ${tlsPaths.ca} on-marked-down shutdown-sessions
${client.nodes.map((node) => `  server ${node.name} ${node.address}:${ports.postgres}`).join("\n")}
`;
  return {
    ...machineFiles([pgbouncerRole({ client, appServers: 3 })]),
    "/etc/haproxy/test.cfg": `defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
${listen(ports.localPrimary, "/primary")}${listen(ports.localReplicas, "/replica")}`,
  };
}

/**
 * Shell functions that make one machine of each member: an address of its own on a bridge, and its own files and data over the shared tree.
 * Boots all of them, or those given.
 * `boot N`, `crash N`, `on N USER COMMAND...`, `sql N STATEMENT`, `until_ok SECONDS COMMAND...`.
 */
export function clusterShell(spec: PostgresSpec, booted?: readonly number[]): string {
  const members = [...new Set([...spec.nodes, ...spec.etcd])];
  const numbers = members.map((_, index) => index + 1).join(" ");
  const withPatroni = spec.nodes.map((_, index) => index + 1).join(" ");
  return `groupadd -r ${tlsPaths.group}
ip link add br0 type bridge
ip addr add 10.0.1.4/24 dev br0
ip addr add 10.0.2.200/24 dev br0
ip link set br0 up
mkdir -p /etc/patroni /etc/etcd /etc/sovereign /etc/pgbackrest /usr/local/lib/sovereign /usr/local/sbin /run/postgresql
chown postgres: /run/postgresql
${members
  .map((member, index) => {
    const n = index + 1;
    return `chgrp ${tlsPaths.group} /machines/${n}${tlsPaths.key}
for dir in postgresql etcd; do mkdir -p /machines/${n}/var/lib/$dir; chmod 0700 /machines/${n}/var/lib/$dir; done
mkdir -p /machines/${n}/run/postgresql
chown postgres: /machines/${n}/var/lib/postgresql /machines/${n}/run/postgresql
chown etcd: /machines/${n}/var/lib/etcd
ip netns add m${n}
ip link add v${n} type veth peer name eth0 netns m${n}
ip link set v${n} master br0 up
ip -n m${n} link set lo up
ip -n m${n} addr add ${member.address}/24 dev eth0
ip -n m${n} link set eth0 up
ip -n m${n} route add default via 10.0.2.200`;
  })
  .join("\n")}
cat > /enter <<'ENTER'
#!/bin/sh
set -eu
below=/machines/$1 user=$2
shift 2
for dir in etc/patroni etc/etcd etc/pgbackrest etc/sovereign usr/local/lib/sovereign usr/local/sbin var/lib/postgresql var/lib/etcd run/postgresql; do
  if [ -d "$below/$dir" ]; then mount --bind "$below/$dir" "/$dir"; fi
done
export HOME=/tmp PGCHANNELBINDING=disable
cd /
exec setpriv "--reuid=$user" "--regid=$(id -g "$user")" "--groups=$(getent group ${tlsPaths.group} | cut -d: -f3)" -- "$@"
ENTER
on() { machine=$1; shift; ip netns exec "m$machine" unshare --mount sh /enter "$machine" "$@"; }
boot() {
  on "$1" etcd sh -c '${etcdMember} belongs && ${etcdMember} prepare || exit; ${etcdMember} settle & exec etcd --config-file ${etcdRuntimeConfig}' > "/log.etcd.$1" 2>&1 &
  case " ${withPatroni} " in *" $1 "*) on "$1" postgres patroni /etc/patroni/config.yml >> "/log.patroni.$1" 2>&1 & ;; esac
}
crash() { for process in $(ip netns pids "m$1"); do kill -9 "$process" 2>/dev/null || true; done; }
sql() { machine=$1; shift; timeout 5 ip netns exec "m$machine" unshare --mount sh /enter "$machine" postgres psql -XqAt -h /run/postgresql -U postgres -d postgres -c "$1"; }
members() { timeout 20 ip netns exec "m$1" unshare --mount sh /enter "$1" postgres patronictl -c /etc/patroni/config.yml list -f json; }
until_ok() {
  seconds=$1; shift
  end=$(($(date +%s) + seconds))
  until "$@" > /until_ok.out 2>&1; do
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "gave up after $seconds s: $*" >&2; cat /until_ok.out >&2; for log in /log.*; do echo "$log" >&2; tail -n 15 "$log" >&2; done
      exit 1
    fi
    sleep 0.5
  done
}
for n in ${booted?.join(" ") ?? numbers}; do boot "$n"; done
`;
}

/** A repository in a folder in place of the object store, with everything else of the configuration as it is. */
export const folderStore = `for conf in /machines/*/etc/pgbackrest/pgbackrest.conf; do
  sed -i 's|^repo1-type=.*|repo1-type=posix|; /^repo1-s3/d; /^repo1-storage/d; s|^repo1-path=.*|repo1-path=/repository|' "$conf"
done
mkdir -p /repository
chown postgres: /repository
`;
