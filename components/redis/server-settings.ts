import { secretToken } from "../host/secret-token.ts";
import { hasSentinel, type RedisInstance, redisSecrets, redisUsers } from "./client.ts";
import { engines } from "./engine.ts";
import { instancePorts, ownNode, type RedisHostSpec } from "./spec.ts";
import { renderTlsSettings } from "./tls-settings.ts";

/**
 * Sessions may never be evicted, or people would be logged out: a full instance refuses new ones instead. They are kept
 * in snapshots and in an append-only file (at most one second is lost when the process dies). A cache is neither.
 */
const instanceSettings: Readonly<Record<RedisInstance, string>> = {
  sessions: `maxmemory-policy noeviction
save 900 1 300 10
appendonly yes
appendfsync everysec`,
  cache: `maxmemory-policy allkeys-lru
save ""
appendonly no`,
};

/** `info` is what client libraries ask first; clearing a whole cache is normal, clearing all sessions is not. */
const applicationCommands: Readonly<Record<RedisInstance, string>> = {
  sessions: "+@all -@admin -@dangerous +info",
  cache: "+@all -@admin -@dangerous +info +keys +flushdb",
};

function renderUsers(spec: RedisHostSpec, instance: RedisInstance): string {
  const sentinelCommands =
    "+multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill";
  return [
    "user default off",
    `user ${redisUsers.application} on >${secretToken(redisSecrets[instance])} ~* &* ${applicationCommands[instance]}`,
    `user ${redisUsers.monitor} on >${secretToken(redisSecrets.monitor)} resetchannels -@all +ping +info +client|setname +slowlog|get +slowlog|len +latency|latest +latency|histogram`,
    ...(hasSentinel(spec)
      ? [
          `user ${redisUsers.replication} on >${secretToken(redisSecrets.replication)} resetchannels -@all +psync +replconf +ping`,
          `user ${redisUsers.sentinel} on >${secretToken(redisSecrets.sentinel)} allchannels -@all ${sentinelCommands}`,
        ]
      : []),
  ].join("\n");
}

/** A master that sees no replica stops taking writes: what a cut-off one accepted would be lost when it follows again. */
function renderReplication(spec: RedisHostSpec): string {
  return `replica-announce-ip ${ownNode(spec).address}
masteruser ${redisUsers.replication}
masterauth ${secretToken(redisSecrets.replication)}
min-replicas-to-write 1
min-replicas-max-lag 5
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-backlog-size 32mb
`;
}

/** Settings of one instance: everything but whom it follows. */
export function renderServerSettings(spec: RedisHostSpec, instance: RedisInstance): string {
  const memoryMb = instance === "sessions" ? spec.memory.sessionsMb : spec.memory.cacheMb;
  return `bind ${ownNode(spec).address}
protected-mode no
${renderTlsSettings(instancePorts[instance])}
dir ${engines[spec.engine].dataDirectory}/${instance}
timeout 300
tcp-keepalive 60
maxmemory ${memoryMb}mb
${instanceSettings[instance]}
${hasSentinel(spec) ? renderReplication(spec) : ""}${renderUsers(spec, instance)}
`;
}
