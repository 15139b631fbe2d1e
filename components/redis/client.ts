/** `valkey` is the Linux Foundation's fork under BSD; `redis` the vendor's under AGPL. The same protocol, both in Debian 13. */
export const redisEngines = ["valkey", "redis"] as const;
export type RedisEngine = (typeof redisEngines)[number];

/**
 * The two instances on every Redis host. They are separate processes with separate memory, so that a full cache never
 * evicts a session. The names are also those of the Sentinel masters.
 */
export const redisInstances = ["sessions", "cache"] as const;
export type RedisInstance = (typeof redisInstances)[number];

/** Users (ACL) on the instances and on Sentinel, each with the least it needs; the default user is off. */
export const redisUsers = {
  /** The application: data and scripts, no administration. */
  application: "app",
  /** A replica at its master. */
  replication: "replica",
  /** Sentinel at an instance, and Sentinels among themselves. */
  sentinel: "sentinel",
  /** Health checks and exporters: INFO, PING and questions to Sentinel; no data. */
  monitor: "monitor",
} as const;

/** Names of the secret tokens with the users' passwords. */
export const redisSecrets = {
  sessions: "redis-sessions-password",
  cache: "redis-cache-password",
  replication: "redis-replication-password",
  sentinel: "redis-sentinel-password",
  monitor: "redis-monitor-password",
} as const;

/** Those of them that a client's machine needs: its own and the health check's. */
export const redisClientSecrets = [redisSecrets.sessions, redisSecrets.cache, redisSecrets.monitor] as const;

/** A Redis host as its clients see it. */
export interface RedisNode {
  /** The host's name, which is also in its certificate. */
  readonly name: string;
  /** Planned address on the private network. */
  readonly address: string;
}

/** All that a client's machine has to know of the Redis part. No secrets: passwords are tokens (see `redisSecrets`). */
export interface RedisClientSpec {
  readonly engine: RedisEngine;
  /** In order of ordinals; one, or three with a Sentinel on each. */
  readonly nodes: readonly RedisNode[];
}

/** Whether Sentinels decide who is master. */
export function hasSentinel(spec: Pick<RedisClientSpec, "nodes">): boolean {
  return spec.nodes.length > 1;
}

/** Sentinels that must agree: a majority. */
export function sentinelQuorum(spec: Pick<RedisClientSpec, "nodes">): number {
  return Math.floor(spec.nodes.length / 2) + 1;
}
