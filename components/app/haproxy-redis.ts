import { secretToken } from "../host/secret-token.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import {
  hasSentinel,
  type RedisClientSpec,
  type RedisInstance,
  type RedisNode,
  redisInstances,
  redisSecrets,
  redisUsers,
  sentinelQuorum,
} from "../redis/client.ts";
import { instancePorts } from "../redis/spec.ts";

/** Backend that leads to one node, up while that node says it is master. */
export const nodeBackend = (instance: RedisInstance, ordinal: number): string => `redis-${instance}-${ordinal}`;
/** Backend that is never used: as many of its servers are up as Sentinels name this node master. */
export const sentinelBackend = (instance: RedisInstance, ordinal: number): string => `sentinel-${instance}-${ordinal}`;

/** Spaces of an argument in HAProxy's configuration language. */
const send = (command: string): string => `  tcp-check send ${command.replaceAll(" ", "\\ ")}\\r\\n`;
const login = [
  "  option tcp-check",
  send(`AUTH ${redisUsers.monitor} ${secretToken(redisSecrets.monitor)}`),
  "  tcp-check expect string +OK",
].join("\n");

/**
 * Not `on-marked-down shutdown-sessions`: in HAProxy 3.0 a client whose connection is still being made at that moment is
 * neither served nor closed, ever. A master that was demoted closes its clients itself (Sentinel has it do so), and one
 * that no longer answers is given up by TCP after this time.
 */
const unacknowledged = "tcp-ut 3s";

/** TLS to a node, for the check as for the traffic. The name in the certificate must be the node's own. */
const server = ({ name, address }: RedisNode, port: number): string =>
  `  server ${name} ${address}:${port} check ${unacknowledged} ssl verify required ca-file ${tlsPaths.ca} verifyhost ${name} sni str(${name})`;

/** Otherwise an answer that does not match is waited on until the check's timeout: it could still go on. */
const atOnce = "min-recv 0";

/**
 * What a lost master costs after Sentinel has promoted another: until the old one's checks and votes have gone, both look like
 * masters. So one missing answer is enough, and Sentinels are asked twice a second.
 */
const patience = "  timeout connect 1s\n  timeout check 1s";

function renderNode(spec: RedisClientSpec, instance: RedisInstance, node: RedisNode, ordinal: number): string {
  return `backend ${nodeBackend(instance, ordinal)}
${login}
${send("INFO replication")}
  tcp-check expect ${atOnce} string role:master
${patience}
  default-server fall 1
${server(node, instancePorts[instance])}

backend ${sentinelBackend(instance, ordinal)}
${login}
${send(`SENTINEL get-master-addr-by-name ${instance}`)}
  tcp-check expect ${atOnce} string \\r\\n${node.address}\\r\\n
${patience}
  default-server inter 500ms fall 1
${spec.nodes.map((sentinel) => server(sentinel, ports.sentinel)).join("\n")}
`;
}

/**
 * The way to the master of one instance. That a node says `role:master` is not enough: a former master that comes back,
 * or one that is cut off, says so as well. So a majority of Sentinels must name it too, and two nodes cannot have that.
 */
function renderInstance(spec: RedisClientSpec, instance: RedisInstance): string {
  const bind = `  bind 127.0.0.1:${instancePorts[instance]}`;
  if (!hasSentinel(spec)) {
    return `listen redis-${instance}
${bind}
${login}
${send("INFO replication")}
  tcp-check expect ${atOnce} string role:master
${server(spec.nodes[0]!, instancePorts[instance])}
`;
  }
  const ordinals = spec.nodes.map((_, index) => index + 1);
  const isMaster = (ordinal: number) =>
    `{ nbsrv(${sentinelBackend(instance, ordinal)}) ge ${sentinelQuorum(spec)} } { nbsrv(${nodeBackend(instance, ordinal)}) ge 1 }`;
  // For up to a second after a failover the last answers of some Sentinels are old: better nobody than the wrong one.
  const ambiguous = ordinals.flatMap((one) =>
    ordinals
      .filter((other) => other > one)
      .map((other) => `  tcp-request content reject if ${isMaster(one)} ${isMaster(other)}`),
  );
  const choices = ordinals.map((ordinal) => `  use_backend ${nodeBackend(instance, ordinal)} if ${isMaster(ordinal)}`);
  return `frontend redis-${instance}
${bind}
${ambiguous.join("\n")}
${choices.join("\n")}
  default_backend no-master

${spec.nodes.map((node, index) => renderNode(spec, instance, node, index + 1)).join("\n")}`;
}

/** HAProxy's sections for Redis: one address per instance on loopback that leads to its master, or to nobody. */
export function renderHaproxyRedis(spec: RedisClientSpec): string {
  const sections = redisInstances.map((instance) => renderInstance(spec, instance));
  if (hasSentinel(spec)) sections.push("backend no-master\n  tcp-request content reject\n");
  return sections.join("\n");
}
