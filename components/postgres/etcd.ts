import { readFileSync } from "node:fs";
import { volumePath } from "../host/data-volume.ts";
import { condensePython, withSettings } from "../host/python.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresNode } from "./client.ts";
import { postgresPaths } from "./spec.ts";
import { renderYaml } from "./yaml.ts";

export interface EtcdSpec {
  /** The Postgres cluster that it serves. */
  readonly cluster: string;
  readonly members: readonly PostgresNode[];
  /** Name of the member that founds the membership where there is none. */
  readonly founder: string;
  /** Of the member's machine: one that was taken out joins again with the next. */
  readonly generation: number;
}

/** What etcd is started with: written by {@link renderEtcdMember} from `etcd.yml` and the members that there are. */
export const etcdRuntimeConfig = `${postgresPaths.etcdData}/etcd.yml`;
/**
 * Run on a node that is no member: the volume of a former one may be a member's again, whose list of members is then the one that it
 * joined with. Without this mark it joins anew.
 */
export const forgetMembership = `rm -f ${volumePath(postgresPaths.etcdData)}/members`;
export const etcdMember = `${postgresPaths.scripts}/etcd-member`;

const program = condensePython(readFileSync(new URL("./etcd-member.py", import.meta.url), "utf8"));

/** `/etc/etcd/etcd.yml`, without the members: mutual TLS both among members and towards clients. */
export function renderEtcd({ cluster }: Pick<EtcdSpec, "cluster">, member: PostgresNode): string {
  const own = (port: number) => `https://${member.address}:${port}`;
  const tls = {
    "cert-file": tlsPaths.certificate,
    "key-file": tlsPaths.key,
    "trusted-ca-file": tlsPaths.ca,
    "client-cert-auth": true,
  };
  return renderYaml({
    name: member.name,
    "data-dir": `${postgresPaths.etcdData}/data`,
    "listen-peer-urls": own(ports.etcdPeer),
    "initial-advertise-peer-urls": own(ports.etcdPeer),
    "listen-client-urls": `${own(ports.etcdClient)},https://127.0.0.1:${ports.etcdClient}`,
    "advertise-client-urls": own(ports.etcdClient),
    // Plain HTTP for Prometheus; without credentials or keys of the store.
    "listen-metrics-urls": `http://${member.address}:${ports.etcdMetrics}`,
    "initial-cluster-token": cluster,
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
  return `DAEMON_ARGS="--config-file ${etcdRuntimeConfig}"\n`;
}

/**
 * Seconds until a connection of this machine that nobody answers is given up: some 13, not 15 minutes; etcd has no setting of its own. It keeps what it sends to another member in one
 * connection; after a cut of a minute the kernel's next try was up to 50 s away, and a host lost meanwhile left etcd without a leader for a
 * minute. https://github.com/etcd-io/etcd/issues/18052
 */
export const etcdKernelSettings = { "net.ipv4.tcp_retries2": 5 };

/**
 * Who belongs to a membership changes while it serves: a stack grows into another location, a volume is lost. A member without data joins the
 * members that there are, without a vote until it has caught up, and then takes the votes of those that the stack no longer names. Only
 * `founder` may begin a new membership, and only where no other member answers: two memberships under one cluster would be two primaries.
 */
export function renderEtcdMember({ members, founder, generation }: EtcdSpec, member: PostgresNode): string {
  const settings = {
    self: member.name,
    founder,
    generation,
    members: Object.fromEntries(members.map(({ name, address }) => [name, address])),
    data: postgresPaths.etcdData,
    config: postgresPaths.etcdConfig,
    ca: tlsPaths.ca,
    certificate: tlsPaths.certificate,
    key: tlsPaths.key,
    peerPort: ports.etcdPeer,
    clientPort: ports.etcdClient,
  };
  return withSettings(program, settings);
}
