import { tlsPaths } from "../pki/paths.ts";
import { etcdMember } from "./etcd.ts";
import { type PostgresSpec, postgresPaths, stanza } from "./spec.ts";

/**
 * Over the distribution's unit. `Type=exec`: a member is ready when it runs; with `notify` the first member would hold up its machine's boot
 * until the others are there.
 */
export const etcdDropIn = `[Unit]
StartLimitIntervalSec=0

[Service]
Type=exec
SupplementaryGroups=${tlsPaths.group}
ExecCondition=${etcdMember} belongs
ExecStartPre=${etcdMember} prepare
TimeoutStartSec=infinity
Restart=always
RestartSec=2
`;

/** For a member that has joined; nothing where it has not, or is done. */
export const etcdSettleService = `[Unit]
Description=Gives this member of etcd its vote
After=etcd.service
StartLimitIntervalSec=0

[Service]
User=etcd
Group=etcd
SupplementaryGroups=${tlsPaths.group}
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths=${postgresPaths.etcdData}
ProtectHome=true
ExecStart=${etcdMember} settle
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;

/**
 * libpq would bind the password exchange to the server's certificate, which fails for Ed25519 certificates ("could not find digest for
 * NID UNDEF"): the server is authenticated by the stack's authority instead. In the environment, since Patroni leaves the
 * setting out of pg_basebackup's connection string; the WAL receiver in turn only takes it from Patroni's configuration.
 */
const channelBinding = "PGCHANNELBINDING=disable";

/** Over the distribution's unit: Patroni comes back after any exit, and PostgreSQL gets time to shut down in order. */
export const patroniDropIn = `[Unit]
StartLimitIntervalSec=0
After=etcd.service

[Service]
Environment=${channelBinding}
SupplementaryGroups=${tlsPaths.group}
Restart=always
RestartSec=5
TimeoutStopSec=120
OOMScoreAdjust=-900
LimitNOFILE=65536
`;

export const leaderService = `[Unit]
Description=Logins, settings and backup store as the stack says, on the primary
After=patroni.service

[Service]
Type=oneshot
User=postgres
Group=postgres
SupplementaryGroups=${tlsPaths.group}
ExecStart=${postgresPaths.scripts}/postgres-leader
TimeoutStartSec=5min
`;

export const leaderTimer = `[Unit]
Description=Keeps the primary as the stack says

[Timer]
OnActiveSec=20s
OnUnitInactiveSec=2min

[Install]
WantedBy=timers.target
`;

/** Set in Patroni's dynamic configuration by an operator whose settings in it are to stay. */
const handsOff = "hands_off";

/** On the primary alone: what Patroni takes only at bootstrap is brought up to date, and the backup store is made ready. */
export function renderLeaderScript(spec: PostgresSpec): string {
  const backup = `sql() { psql -XqAt -h ${postgresPaths.socket} -U postgres -d postgres -c "$1"; }
# Asked of the store only while WAL does not get there.
if [ "$(sql "SELECT archived_count = 0 OR coalesce(last_failed_time > last_archived_time, false) FROM pg_stat_archiver")" = t ]; then
  pgbackrest --stanza=${stanza} stanza-create
fi
`;
  return `#!/bin/bash
set -euo pipefail
role=$(psql -XqAt -h ${postgresPaths.socket} -U postgres -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null) || exit 0
[ "$role" = f ] || exit 0
# Once after every boot, promotion and change, so that a quiet cluster stays quiet.
done=/run/postgresql/sovereign-roles
state=$({ cat ${postgresPaths.rolesSql} ${postgresPaths.rolesSecrets}; psql -XqAt -h ${postgresPaths.socket} -U postgres -d postgres -c 'SELECT timeline_id FROM pg_control_checkpoint()'; } | sha256sum)
if [ "$state" != "$(cat "$done" 2>/dev/null)" ]; then
  ${postgresPaths.scripts}/postgres-roles
  echo "$state" > "$done"
fi
# In the cluster's configuration itself, so that it holds whichever machine is the primary. Not known is not the same as not set.
shared=$(patronictl -c ${postgresPaths.patroniConfig} show-config)
if grep -qx '${handsOff}: true' <<< "$shared"; then
  echo 'settings stay as they are: ${handsOff} is set'
else
  patronictl -c ${postgresPaths.patroniConfig} edit-config --quiet --force --apply ${postgresPaths.dynamicConfig} >/dev/null
fi
${spec.backup ? backup : ""}`;
}

/** Connects over the socket as its own system user. Local statistics only: no settings or table contents. */
export function renderPostgresExporterDefaults(): string {
  return `DATA_SOURCE_NAME="user=postgres_exporter host=${postgresPaths.socket} dbname=postgres sslmode=disable"
ARGS="--collector.long_running_transactions"
`;
}

/** The store is asked every ten minutes, by every node: each shows the same. */
export function renderPgbackrestExporterDefaults(): string {
  return `ARGS="--collect.interval=600 --backrest.config=${postgresPaths.pgbackrestConfig}"
`;
}
