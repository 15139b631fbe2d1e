import { createHash } from "node:crypto";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresNode } from "./client.ts";
import { postgresPaths } from "./spec.ts";
import { renderYaml } from "./yaml.ts";

export interface EtcdSpec {
  /** The Postgres cluster that it serves. */
  readonly cluster: string;
  readonly members: readonly PostgresNode[];
}

/**
 * Names the membership: members of two different memberships never talk, and each keeps its data in a directory of its own. etcd
 * holds nothing that Patroni cannot write again from the data directory, so growing from one member to three starts a new etcd.
 */
export function etcdToken({ cluster, members }: EtcdSpec): string {
  const membership = members.map((m) => `${m.name}=${m.address}`).join(",");
  return `${cluster}-${createHash("sha256").update(membership).digest("hex").slice(0, 8)}`;
}

/** `/etc/etcd/etcd.yml`: mutual TLS both among members and towards clients. */
export function renderEtcd(spec: EtcdSpec, member: PostgresNode): string {
  const token = etcdToken(spec);
  const own = (port: number) => `https://${member.address}:${port}`;
  const tls = {
    "cert-file": tlsPaths.certificate,
    "key-file": tlsPaths.key,
    "trusted-ca-file": tlsPaths.ca,
    "client-cert-auth": true,
  };
  return renderYaml({
    name: member.name,
    "data-dir": `${postgresPaths.etcdData}/${token}`,
    "listen-peer-urls": own(ports.etcdPeer),
    "initial-advertise-peer-urls": own(ports.etcdPeer),
    "listen-client-urls": `${own(ports.etcdClient)},https://127.0.0.1:${ports.etcdClient}`,
    "advertise-client-urls": own(ports.etcdClient),
    // Plain HTTP for Prometheus; without credentials or keys of the store.
    "listen-metrics-urls": `http://${member.address}:${ports.etcdMetrics}`,
    "initial-cluster": spec.members.map((m) => `${m.name}=https://${m.address}:${ports.etcdPeer}`).join(","),
    "initial-cluster-token": token,
    "initial-cluster-state": "new",
    // Milliseconds: what drills with volumes under load and links of a few ms held with.
    "heartbeat-interval": 250,
    "election-timeout": 2500,
    "pre-vote": true,
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "client-transport-security": tls,
    "peer-transport-security": tls,
    "log-level": "warn",
  });
}

/** The distribution's unit takes arguments from here. With a configuration file, etcd ignores its other settings. */
export function renderEtcdDefaults(): string {
  return `DAEMON_ARGS="--config-file ${postgresPaths.etcdConfig}"\n`;
}

/**
 * Before Patroni starts. In a new etcd nobody holds the primary's lock, so a node that changed over while others still
 * follow the old one would become a second primary. Only a cluster of one node may change over by itself.
 */
export function renderMembershipGuard(spec: EtcdSpec): string {
  const record = `${postgresPaths.data}/etcd-membership`;
  return `#!/bin/bash
set -euo pipefail
now='${spec.members.length} ${etcdToken(spec)}'
if [ -e ${postgresPaths.dataDirectory}/PG_VERSION ] && [ -e ${record} ]; then
  was=$(cat ${record})
  if [ "$was" != "$now" ] && [ "\${was%% *}" != 1 ]; then
    echo "etcd's members changed ($was, now $now) under a cluster of several nodes: not started, so that there are never two primaries. Give the stack the former members again; or stop Patroni on every node, delete ${record} on the former primary, and start that one first" >&2
    exit 1
  fi
fi
echo "$now" > ${record}
`;
}
