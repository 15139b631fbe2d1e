import { ports } from "../ports.ts";
import type { RedisClientSpec, RedisInstance } from "./client.ts";
import type { RedisMemory } from "./memory.ts";

/** One Redis host, as its renderers need it. */
export interface RedisHostSpec extends RedisClientSpec {
  /** From 1: which of `nodes` this is. The first is master when there is no earlier state. */
  readonly ordinal: number;
  readonly memory: RedisMemory;
}

export const instancePorts: Readonly<Record<RedisInstance, number>> = {
  sessions: ports.redisSessions,
  cache: ports.redisCache,
};

export const exporterPorts = {
  sessions: ports.redisExporter,
  cache: ports.redisCacheExporter,
  sentinel: ports.sentinelExporter,
} as const;

/** Where this host's own settings are; what runs is made from them at each start (see start-script.ts). */
export const settingsDirectory = "/etc/sovereign/redis";

/** This host among the nodes. Throws when the ordinal is beyond them. */
export function ownNode(spec: RedisHostSpec): RedisHostSpec["nodes"][number] {
  const node = spec.nodes[spec.ordinal - 1];
  if (!node) throw new Error(`redis host ${spec.ordinal} is not one of the ${spec.nodes.length} nodes`);
  return node;
}
