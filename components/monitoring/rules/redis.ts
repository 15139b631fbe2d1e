import { ports } from "../../ports.ts";
import type { AlertRule, RuleGroup, RuleSettings } from "./rule.ts";

const onSessions = `and on (instance) redis_instance_info{tcp_port="${ports.redisSessions}"}`;
// The exporter's own label `role` comes second to the target's of that name, and is renamed.
const masters = 'redis_instance_info{job="redis",exported_role="master"}';
// Sentinel's exporters say so too, of servers that are never master.
const servers = 'redis_instance_info{job="redis"}';

/** Sessions and cache are told apart by their port, which the server itself reports. */
export function redisRules(settings: RuleSettings): RuleGroup {
  return {
    name: "redis",
    rules: [
      {
        alert: "RedisDown",
        expr: "redis_up == 0",
        for: "1m",
        severity: "warning",
        summary: "The Redis behind {{ $labels.instance }} of {{ $labels.host }} does not answer",
        action: "`systemctl --failed` and the journal there. Of three, one may be missing.",
      },
      {
        alert: "RedisNoMaster",
        expr: `count by (tcp_port) (${servers}) unless on (tcp_port) count by (tcp_port) (${masters}) or absent(${servers}) == 1`,
        for: "30s",
        severity: "critical",
        summary: "No master on Redis port {{ $labels.tcp_port }}: nothing can be written",
        action: "Sentinel needs a majority: are two of three hosts there? `SENTINEL CKQUORUM` on one of them.",
      },
      {
        alert: "RedisTwoMasters",
        expr: `count by (tcp_port) (${masters}) > 1`,
        for: "30s",
        severity: "critical",
        summary: "{{ $value }} masters on Redis port {{ $labels.tcp_port }}",
        action:
          "A returned master that was not told. Ask the Sentinels who it is (`SENTINEL GET-MASTER-ADDR-BY-NAME`), make the other one its replica (`REPLICAOF`).",
      },
      {
        alert: "RedisSessionsMemoryHigh",
        expr: `redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9 ${onSessions}`,
        for: "5m",
        severity: "warning",
        summary: "Sessions fill {{ $value | humanizePercentage }} of their memory on {{ $labels.host }}",
        action: "When it is full, people cannot log in or are logged out. A larger server type, or shorter sessions.",
      },
      {
        alert: "RedisSessionsEvicted",
        expr: `increase(redis_evicted_keys_total[10m]) > 0 ${onSessions}`,
        severity: "critical",
        summary: "Sessions were evicted on {{ $labels.host }}: people are logged out",
        action: "A larger server type. The cache is another instance and does not take this memory.",
      },
      {
        alert: "RedisSnapshotFailing",
        expr: "redis_rdb_last_bgsave_status == 0",
        for: "5m",
        severity: "critical",
        summary: "The Redis behind {{ $labels.instance }} of {{ $labels.host }} cannot save its data",
        action: "It refuses writes then. Disk full, or too little memory for the fork: its journal tells.",
      },
      ...(settings.redis.nodes > 1 ? replicaRules(settings.redis.nodes - 1) : []),
    ],
  };
}

function replicaRules(replicas: number): AlertRule[] {
  return [
    {
      alert: "RedisReplicationBroken",
      expr: "redis_master_link_up == 0",
      for: "1m",
      severity: "warning",
      summary: "The replica behind {{ $labels.instance }} of {{ $labels.host }} has lost its master",
      action: "Its log tells why: network, password or certificate. Until then it must not be promoted.",
    },
    {
      alert: "RedisReplicasMissing",
      expr: `redis_connected_slaves < ${replicas} and on (instance) ${masters}`,
      for: "2m",
      severity: "warning",
      summary: `The master behind {{ $labels.instance }} of {{ $labels.host }} has {{ $value }} of ${replicas} replicas`,
      action: "Without any it refuses writes (min-replicas-to-write 1). Bring the missing ones back.",
    },
  ];
}

/** Who decides on the master. */
export function sentinelRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "sentinel",
    rules: [
      {
        alert: "SentinelNoQuorum",
        expr: "redis_sentinel_master_ckquorum_status == 0",
        for: "1m",
        severity: "critical",
        summary: "The Sentinels could not fail {{ $labels.master_name }} over",
        action: "Fewer than two see each other and the master. Bring the missing hosts back.",
      },
    ],
  };
}
