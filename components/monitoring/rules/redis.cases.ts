import { ports } from "../../ports.ts";
import type { RuleCase } from "./cases.ts";

/** Labels of an exporter on one of three hosts. */
const on = (n: number, port: number) =>
  `job="redis",role="redis",host="redis-${n}",instance="10.0.48.${n + 3}:${port}"`;
const info = (n: number, port: number, role: "master" | "slave") =>
  `redis_instance_info{${on(n, port)},tcp_port="${port}",exported_role="${role}"}`;
const of = (metric: string, n: number, port: number) => `${metric}{${on(n, port)}}`;
const { redisSessions: sessions, redisCache: cache } = ports;
const memory = (port: number, used: string) => ({
  [info(1, port, "master")]: "1x20",
  [of("redis_memory_used_bytes", 1, port)]: used,
  [of("redis_memory_max_bytes", 1, port)]: "100x20",
});

export const redisCases: readonly RuleCase[] = [
  { alert: "RedisDown", when: "down", series: { [of("redis_up", 1, sessions)]: "0x10" }, at: "3m", fires: 1 },
  { alert: "RedisDown", when: "up", series: { [of("redis_up", 1, sessions)]: "1x10" }, at: "3m", fires: 0 },
  {
    alert: "RedisNoMaster",
    when: "the cache has none",
    series: {
      [info(1, sessions, "master")]: "1x10",
      [info(1, cache, "slave")]: "1x10",
      [info(2, cache, "slave")]: "1x10",
    },
    at: "3m",
    fires: 1,
    with: `tcp_port="${cache}"`,
  },
  { alert: "RedisNoMaster", when: "nothing answers", series: {}, at: "3m", fires: 1 },
  {
    alert: "RedisNoMaster",
    when: "each has one",
    series: { [info(1, sessions, "master")]: "1x10", [info(2, cache, "master")]: "1x10" },
    at: "3m",
    fires: 0,
  },
  {
    alert: "RedisNoMaster",
    when: "Sentinel's exporter gives its own series",
    series: {
      [info(1, sessions, "master")]: "1x10",
      'redis_instance_info{job="redis-sentinel",host="redis-1",instance="10.0.48.4:26379",tcp_port="26379"}': "1x10",
    },
    at: "3m",
    fires: 0,
  },
  {
    alert: "RedisTwoMasters",
    when: "two of the sessions",
    series: { [info(1, sessions, "master")]: "1x10", [info(2, sessions, "master")]: "1x10" },
    at: "3m",
    fires: 1,
  },
  {
    alert: "RedisTwoMasters",
    when: "one of each",
    series: { [info(1, sessions, "master")]: "1x10", [info(2, cache, "master")]: "1x10" },
    at: "3m",
    fires: 0,
  },
  {
    alert: "RedisSessionsMemoryHigh",
    when: "sessions 95 % full",
    series: memory(sessions, "95x20"),
    at: "10m",
    fires: 1,
  },
  {
    alert: "RedisSessionsMemoryHigh",
    when: "a cache that is full, as it should be",
    series: memory(cache, "100x20"),
    at: "10m",
    fires: 0,
  },
  {
    alert: "RedisSessionsEvicted",
    when: "sessions",
    series: { [info(1, sessions, "master")]: "1x20", [of("redis_evicted_keys_total", 1, sessions)]: "0x5 3x14" },
    at: "8m",
    fires: 1,
    with: 'severity="critical"',
  },
  {
    alert: "RedisSessionsEvicted",
    when: "cache",
    series: { [info(1, cache, "master")]: "1x20", [of("redis_evicted_keys_total", 1, cache)]: "0+9x20" },
    at: "8m",
    fires: 0,
  },
  {
    alert: "RedisSnapshotFailing",
    when: "failed",
    series: { [of("redis_rdb_last_bgsave_status", 1, sessions)]: "0x20" },
    at: "10m",
    fires: 1,
  },
  {
    alert: "RedisSnapshotFailing",
    when: "fine",
    series: { [of("redis_rdb_last_bgsave_status", 1, sessions)]: "1x20" },
    at: "10m",
    fires: 0,
  },
  {
    alert: "RedisReplicationBroken",
    when: "link down",
    series: { [of("redis_master_link_up", 2, sessions)]: "0x10" },
    at: "3m",
    fires: 1,
    with: 'host="redis-2"',
  },
  {
    alert: "RedisReplicationBroken",
    when: "link up",
    series: { [of("redis_master_link_up", 2, sessions)]: "1x10" },
    at: "3m",
    fires: 0,
  },
  {
    alert: "RedisReplicasMissing",
    when: "one of two",
    series: { [info(1, sessions, "master")]: "1x10", [of("redis_connected_slaves", 1, sessions)]: "1x10" },
    at: "5m",
    fires: 1,
  },
  {
    alert: "RedisReplicasMissing",
    when: "a replica has none of its own",
    series: { [info(2, sessions, "slave")]: "1x10", [of("redis_connected_slaves", 2, sessions)]: "0x10" },
    at: "5m",
    fires: 0,
  },
  {
    alert: "SentinelNoQuorum",
    when: "no quorum",
    series: { 'redis_sentinel_master_ckquorum_status{master_name="sessions"}': "0x10" },
    at: "3m",
    fires: 1,
    with: 'master_name="sessions"',
  },
  {
    alert: "SentinelNoQuorum",
    when: "quorum",
    series: { 'redis_sentinel_master_ckquorum_status{master_name="sessions"}': "1x10" },
    at: "3m",
    fires: 0,
  },
];
