import { type AlertRule, type RuleGroup, type RuleSettings, silentExporter } from "./rule.ts";

const hour = 3600;
/** Bytes of WAL; four segments of 16 MiB. */
const lagBytes = 64 * 1024 ** 2;

/** The cluster as Patroni sees it. */
export function patroniRules(settings: RuleSettings): RuleGroup {
  const { members, zeroLoss } = settings.postgres;
  return {
    name: "patroni",
    rules: [
      {
        alert: "PostgresNoPrimary",
        expr: "sum by (scope) (patroni_primary) == 0 or absent(patroni_primary) == 1",
        for: "1m",
        severity: "critical",
        summary: "Postgres has no primary: nothing can be written",
        action:
          "A failover takes up to 30 s; this lasts longer. `patronictl list` on a member. Is etcd there (EtcdNoLeader)? In zero-loss mode a node takes over only when so many others answer that none can have more than it: bring the old primary or the missing standby back.",
      },
      {
        alert: "PostgresTwoPrimaries",
        expr: "sum by (scope) (patroni_primary) > 1",
        for: "1m",
        severity: "critical",
        summary: "{{ $value }} members of Postgres say that they are primary",
        action: "Stop Patroni on the one that does not hold the leader key (`patronictl list`), then reinitialise it.",
      },
      {
        alert: "PostgresMemberDown",
        expr: "patroni_postgres_running == 0",
        for: "2m",
        severity: "warning",
        summary: "Postgres does not run on {{ $labels.host }}",
        action: "`journalctl -u patroni` there. When its data are broken: `patronictl reinit` from the primary.",
      },
      {
        alert: "PostgresTimelineDiverged",
        expr: "(patroni_postgres_timeline > 0) < on (scope) group_left () max by (scope) (patroni_postgres_timeline)",
        for: "2m",
        severity: "critical",
        summary: "{{ $labels.host }} stays on timeline {{ $value }} and misses what was written since",
        action:
          "A former primary that could not rewind, though it says that it runs as a replica. Clients may read old rows from it: take it out (`patronictl reinit`), and see that the rewind user can log in.",
      },
      {
        alert: "PatroniCannotReachEtcd",
        expr: "time() - patroni_dcs_last_seen > 60",
        for: "30s",
        severity: "critical",
        summary: "Patroni on {{ $labels.host }} has not reached etcd for {{ $value | humanizeDuration }}",
        action: "A primary without etcd steps down. `etcdctl endpoint health --cluster` on the member.",
      },
      {
        alert: "PatroniPaused",
        expr: "patroni_is_paused == 1",
        for: "1h",
        severity: "warning",
        summary: "Automatic failover is switched off",
        action: "Somebody forgot `patronictl resume` after maintenance.",
      },
      {
        alert: "PostgresPendingRestart",
        expr: "patroni_pending_restart == 1",
        for: "1d",
        severity: "info",
        summary: "A setting of Postgres on {{ $labels.host }} waits for a restart",
        action: "`patronictl restart` of the replicas, then a switchover, then the former primary.",
      },
      ...(members > 1 ? replicaRules(zeroLoss) : []),
    ],
  };
}

function replicaRules(zeroLoss: boolean): AlertRule[] {
  const synchronous: AlertRule = {
    alert: "PostgresNoSynchronousStandby",
    expr: "sum by (scope) (patroni_sync_standby) + sum by (scope) (patroni_quorum_standby) == 0",
    for: "1m",
    severity: "critical",
    summary: "No standby confirms transactions: writes wait",
    action: "Zero loss means that nothing is acknowledged which is on one machine only. Bring a replica back.",
  };
  return [
    ...(zeroLoss ? [synchronous] : []),
    {
      alert: "PostgresReplicaNotStreaming",
      expr: "patroni_replica == 1 and on (instance) patroni_postgres_streaming == 0",
      for: "2m",
      severity: "warning",
      summary: "The replica on {{ $labels.host }} does not stream from the primary",
      action: "`patronictl list`; its log names the reason: login, network, or WAL that is no longer there (reinit).",
    },
    {
      alert: "PostgresReplicationLag",
      expr: `max by (scope) (patroni_xlog_location) - on (scope) group_right () (patroni_xlog_replayed_location and on (instance) patroni_replica == 1) > ${lagBytes}`,
      for: "2m",
      severity: "warning",
      summary: "The replica on {{ $labels.host }} is {{ $value | humanize1024 }}B behind",
      action: "Readers see old rows. A long query on the replica, a slow disk, or a burst of writes.",
    },
  ];
}

/** Inside Postgres. */
export function postgresRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "postgres",
    rules: [
      {
        alert: "PostgresUnreachable",
        expr: "pg_up == 0",
        for: "2m",
        severity: "warning",
        summary: "The exporter on {{ $labels.host }} cannot log in to Postgres",
        action: "Postgres is down or out of connections, or the exporter's password does not fit.",
      },
      {
        alert: "PostgresConnectionsHigh",
        expr: "sum by (instance, host, location) (pg_stat_database_numbackends) / sum by (instance, host, location) (pg_settings_max_connections) > 0.8",
        for: "5m",
        severity: "warning",
        summary: "{{ $value | humanizePercentage }} of the connections of Postgres on {{ $labels.host }} are taken",
        action: "Who holds them: pg_stat_activity. Everything should come through PgBouncer.",
      },
      {
        alert: "PostgresArchiveFailing",
        // A shorter window than `for`: a failure that is over must not go on counting until it fires. Tries are up to 105 s apart.
        expr: "increase(pg_stat_archiver_failed_count[4m]) > 0",
        for: "5m",
        severity: "critical",
        summary: "{{ $labels.host }} cannot archive its WAL",
        action:
          "No restore to a point in time from now on, and pg_wal grows until the disk is full. `pgbackrest check`: object storage reachable, key valid, bucket there?",
      },
    ],
  };
}

/** What can be restored. */
export function backupRules(settings: RuleSettings): RuleGroup {
  const newest = "min by (stanza) (pgbackrest_backup_since_last_completion_seconds)";
  return {
    name: "backup",
    rules: [
      {
        alert: "BackupTooOld",
        expr: `${newest} > ${settings.postgres.backupMaxAgeHours * hour} or absent(pgbackrest_backup_since_last_completion_seconds) == 1`,
        for: "1h",
        severity: "critical",
        summary: `No backup of Postgres in the last ${settings.postgres.backupMaxAgeHours} hours`,
        action: "`pgbackrest info` and the journal of its timer on the primary; then run the backup by hand.",
      },
      {
        alert: "BackupRepositoryBroken",
        expr: "max by (stanza) (pgbackrest_stanza_status) > 0",
        for: "15m",
        severity: "critical",
        summary: "pgBackRest reports an error of stanza {{ $labels.stanza }}",
        action: "`pgbackrest check` on the primary: object storage reachable, key valid, bucket there?",
      },
    ],
  };
}

/** Where Patroni keeps who is primary. */
export function etcdRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "etcd",
    rules: [
      {
        alert: "EtcdNoLeader",
        expr: "etcd_server_has_leader == 0",
        for: "30s",
        severity: "critical",
        summary: "etcd on {{ $labels.host }} has no leader",
        action: "Fewer than two of three members see each other: then Postgres has no primary. Bring members back.",
      },
      {
        alert: "EtcdMemberDown",
        expr: 'up{job="etcd"} == 0',
        for: "2m",
        severity: "warning",
        summary: "etcd on {{ $labels.host }} does not answer",
        action: "One more and Postgres has no primary. `journalctl -u etcd` there.",
      },
      {
        alert: "EtcdDiskSlow",
        expr: "histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.2",
        for: "10m",
        severity: "warning",
        summary: "etcd on {{ $labels.host }} waits {{ $value | humanizeDuration }} for its disk",
        action: "Slow writes cost elections, and those cost failovers. What else writes to that volume?",
      },
    ],
  };
}

/** The pools on the app servers. */
export function pgbouncerRules(_settings: RuleSettings): RuleGroup {
  return {
    name: "pgbouncer",
    rules: [
      {
        alert: "PgBouncerDown",
        // Debian stops the exporter with PgBouncer.
        expr: `pgbouncer_up == 0 or ${silentExporter('job="pgbouncer"')}`,
        for: "1m",
        severity: "warning",
        summary: "PgBouncer on {{ $labels.host }} does not answer",
        action: "The server is not ready and gets no requests. `journalctl -u pgbouncer`.",
      },
      {
        alert: "PgBouncerClientsWait",
        expr: "pgbouncer_pools_client_maxwait_seconds > 1",
        for: "2m",
        severity: "warning",
        summary: "A client has waited {{ $value | humanizeDuration }} for {{ $labels.database }} on {{ $labels.host }}",
        action: "The pool is used up (DatabasePoolHigh), or Postgres does not answer (PostgresNoPrimary).",
      },
    ],
  };
}
