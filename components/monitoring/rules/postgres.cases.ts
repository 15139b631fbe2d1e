import type { RuleCase } from "./cases.ts";

type PerMember = readonly [string, string, string];
/** A Patroni metric on three members. */
const patroni = (metric: string, values: PerMember) =>
  Object.fromEntries(
    values.map((v, i) => [
      `patroni_${metric}{job="patroni",scope="main",name="db-${i + 1}",host="db-${i + 1}",instance="10.0.32.${i + 4}:8008"}`,
      v,
    ]),
  );
const standbys = (sync: PerMember, quorum: PerMember) => ({
  ...patroni("sync_standby", sync),
  ...patroni("quorum_standby", quorum),
});
const off: PerMember = ["0x10", "0x10", "0x10"];
const db = 'host="db-1",role="postgres",location="fsn1",instance="a"';
const hours = (n: number) => n * 3600;
const lag = (replayed: string) => ({
  ...patroni("xlog_location", ["200000000x10", "0x10", "0x10"]),
  ...patroni("xlog_replayed_location", ["0x10", replayed, "200000000x10"]),
  ...patroni("replica", ["0x10", "1x10", "1x10"]),
});

export const postgresCases: readonly RuleCase[] = [
  {
    alert: "PostgresNoPrimary",
    when: "all replicas",
    series: patroni("primary", off),
    at: "3m",
    fires: 1,
    with: 'severity="critical"',
  },
  { alert: "PostgresNoPrimary", when: "no member answers", series: {}, at: "3m", fires: 1 },
  {
    alert: "PostgresNoPrimary",
    when: "a failover of 30 s",
    series: patroni("primary", ["1 1 _x10", "0 0 0 1x10", "0x12"]),
    at: "3m15s",
    fires: 0,
  },
  {
    alert: "PostgresTwoPrimaries",
    when: "two",
    series: patroni("primary", ["1x10", "1x10", "0x10"]),
    at: "3m",
    fires: 1,
  },
  {
    alert: "PostgresTwoPrimaries",
    when: "one",
    series: patroni("primary", ["1x10", "0x10", "0x10"]),
    at: "3m",
    fires: 0,
  },
  {
    alert: "PostgresMemberDown",
    when: "one stopped",
    series: patroni("postgres_running", ["1x10", "0x10", "1x10"]),
    at: "5m",
    fires: 1,
    with: 'host="db-2"',
  },
  {
    alert: "PostgresMemberDown",
    when: "all run",
    series: patroni("postgres_running", ["1x10", "1x10", "1x10"]),
    at: "5m",
    fires: 0,
  },
  {
    alert: "PostgresTimelineDiverged",
    when: "a former primary stays behind",
    series: patroni("postgres_timeline", ["1x10", "2x10", "2x10"]),
    at: "5m",
    fires: 1,
    with: 'host="db-1",severity="critical"',
  },
  {
    alert: "PostgresTimelineDiverged",
    when: "all on the second",
    series: patroni("postgres_timeline", ["2x10", "2x10", "2x10"]),
    at: "5m",
    fires: 0,
  },
  {
    alert: "PostgresTimelineDiverged",
    when: "one is stopped",
    series: patroni("postgres_timeline", ["0x10", "2x10", "2x10"]),
    at: "5m",
    fires: 0,
  },
  {
    alert: "PatroniCannotReachEtcd",
    when: "two minutes ago",
    series: patroni("dcs_last_seen", ["60x10", "60x10", "600x10"]),
    at: "4m",
    fires: 2,
  },
  {
    alert: "PatroniCannotReachEtcd",
    when: "just now",
    series: patroni("dcs_last_seen", ["0+60x10", "0+60x10", "0+60x10"]),
    at: "4m",
    fires: 0,
  },
  {
    alert: "PatroniPaused",
    when: "for two hours",
    series: patroni("is_paused", ["1x130", "0x130", "0x130"]),
    at: "2h",
    fires: 1,
  },
  {
    alert: "PatroniPaused",
    when: "for half an hour",
    series: patroni("is_paused", ["1x130", "0x130", "0x130"]),
    at: "30m",
    fires: 0,
  },
  {
    alert: "PostgresPendingRestart",
    when: "for two days",
    series: patroni("pending_restart", ["1x2900", "0x2900", "0x2900"]),
    at: "2d",
    fires: 1,
  },
  {
    alert: "PostgresPendingRestart",
    when: "none",
    series: patroni("pending_restart", ["0x2900", "0x2900", "0x2900"]),
    at: "2d",
    fires: 0,
  },
  { alert: "PostgresNoSynchronousStandby", when: "none", series: standbys(off, off), at: "3m", fires: 1 },
  {
    alert: "PostgresNoSynchronousStandby",
    when: "one synchronous",
    series: standbys(["0x10", "1x10", "0x10"], off),
    at: "3m",
    fires: 0,
  },
  {
    alert: "PostgresNoSynchronousStandby",
    when: "quorum",
    series: standbys(off, ["0x10", "1x10", "1x10"]),
    at: "3m",
    fires: 0,
  },
  {
    alert: "PostgresReplicaNotStreaming",
    when: "one of two",
    series: {
      ...patroni("replica", ["0x10", "1x10", "1x10"]),
      ...patroni("postgres_streaming", ["0x10", "1x10", "0x10"]),
    },
    at: "5m",
    fires: 1,
    with: 'host="db-3"',
  },
  {
    alert: "PostgresReplicaNotStreaming",
    when: "both stream",
    series: {
      ...patroni("replica", ["0x10", "1x10", "1x10"]),
      ...patroni("postgres_streaming", ["0x10", "1x10", "1x10"]),
    },
    at: "5m",
    fires: 0,
  },
  {
    alert: "PostgresReplicationLag",
    when: "100 MB on one",
    series: lag("100000000x10"),
    at: "5m",
    fires: 1,
    with: 'host="db-2"',
  },
  { alert: "PostgresReplicationLag", when: "1 MB", series: lag("199000000x10"), at: "5m", fires: 0 },
  { alert: "PostgresUnreachable", when: "no login", series: { [`pg_up{${db}}`]: "0x10" }, at: "5m", fires: 1 },
  { alert: "PostgresUnreachable", when: "answers", series: { [`pg_up{${db}}`]: "1x10" }, at: "5m", fires: 0 },
  {
    alert: "PostgresConnectionsHigh",
    when: "90 of 100 over two databases",
    series: {
      [`pg_stat_database_numbackends{${db},datname="a"}`]: "80x20",
      [`pg_stat_database_numbackends{${db},datname="b"}`]: "10x20",
      [`pg_settings_max_connections{${db},server="x"}`]: "100x20",
    },
    at: "10m",
    fires: 1,
    with: 'host="db-1"',
  },
  {
    alert: "PostgresConnectionsHigh",
    when: "half",
    series: {
      [`pg_stat_database_numbackends{${db},datname="a"}`]: "50x20",
      [`pg_settings_max_connections{${db},server="x"}`]: "100x20",
    },
    at: "10m",
    fires: 0,
  },
  {
    alert: "PostgresArchiveFailing",
    when: "fails on",
    series: { [`pg_stat_archiver_failed_count{${db}}`]: "0+1x40" },
    at: "30m",
    fires: 1,
  },
  {
    // Half way through an outage of ten minutes, which the WAL of a busy database may not outlast.
    alert: "PostgresArchiveFailing",
    when: "has failed for seven minutes",
    series: { [`pg_stat_archiver_failed_count{${db}}`]: "0+1x40" },
    at: "7m",
    fires: 1,
  },
  {
    alert: "PostgresArchiveFailing",
    when: "has failed for four minutes",
    series: { [`pg_stat_archiver_failed_count{${db}}`]: "0+1x40" },
    at: "4m",
    fires: 0,
  },
  ...["11m", "12m", "30m"].map((at) => ({
    // As a new cluster does until its backups know it.
    alert: "PostgresArchiveFailing",
    when: `failed for a moment at 6m, seen at ${at}`,
    series: { [`pg_stat_archiver_failed_count{${db}}`]: "0x5 12x40" },
    at,
    fires: 0,
  })),
  {
    alert: "BackupTooOld",
    when: "full of 3 days, incremental of 30 hours",
    series: {
      'pgbackrest_backup_since_last_completion_seconds{stanza="main",backup_type="full"}': `${hours(72)}x100`,
      'pgbackrest_backup_since_last_completion_seconds{stanza="main",backup_type="incr"}': `${hours(30)}x100`,
    },
    at: "90m",
    fires: 1,
  },
  { alert: "BackupTooOld", when: "never one", series: {}, at: "90m", fires: 1 },
  {
    alert: "BackupTooOld",
    when: "full of 3 days, incremental of 2 hours",
    series: {
      'pgbackrest_backup_since_last_completion_seconds{stanza="main",backup_type="full"}': `${hours(72)}x100`,
      'pgbackrest_backup_since_last_completion_seconds{stanza="main",backup_type="incr"}': `${hours(2)}x100`,
    },
    at: "90m",
    fires: 0,
  },
  {
    alert: "BackupRepositoryBroken",
    when: "error 2",
    series: { 'pgbackrest_stanza_status{stanza="main"}': "2x40" },
    at: "30m",
    fires: 1,
  },
  {
    alert: "BackupRepositoryBroken",
    when: "fine",
    series: { 'pgbackrest_stanza_status{stanza="main"}': "0x40" },
    at: "30m",
    fires: 0,
  },
  { alert: "EtcdNoLeader", when: "alone", series: { [`etcd_server_has_leader{${db}}`]: "0x10" }, at: "3m", fires: 1 },
  { alert: "EtcdNoLeader", when: "has one", series: { [`etcd_server_has_leader{${db}}`]: "1x10" }, at: "3m", fires: 0 },
  { alert: "EtcdMemberDown", when: "gone", series: { [`up{job="etcd",${db}}`]: "0x10" }, at: "5m", fires: 1 },
  { alert: "EtcdMemberDown", when: "there", series: { [`up{job="etcd",${db}}`]: "1x10" }, at: "5m", fires: 0 },
  {
    alert: "EtcdDiskSlow",
    when: "half a second",
    series: {
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${db},le="0.1"}`]: "0x40",
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${db},le="0.5"}`]: "0+10x40",
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${db},le="+Inf"}`]: "0+10x40",
    },
    at: "30m",
    fires: 1,
  },
  {
    alert: "EtcdDiskSlow",
    when: "quick",
    series: {
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${db},le="0.1"}`]: "0+10x40",
      [`etcd_disk_wal_fsync_duration_seconds_bucket{${db},le="+Inf"}`]: "0+10x40",
    },
    at: "30m",
    fires: 0,
  },
];
