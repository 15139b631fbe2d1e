import { secretToken } from "../host/secret-token.ts";
import {
  type BackupSchedule,
  type BackupSpec,
  backupSecrets,
  type PostgresSpec,
  postgresPaths,
  stanza,
} from "./spec.ts";

const defaultSchedule: Required<BackupSchedule> = {
  full: "Sun *-*-* 01:30:00 UTC",
  differential: "Mon..Sat *-*-* 01:30:00 UTC",
  incremental: "*-*-* 00/4:00:00 UTC",
};

/** A full backup with its WAL is useless without the ones that depend on it: two at least, so that one is always complete. */
const defaultRetention = { full: 4, differential: 6 } as const;

/** Where the store is reached. */
export function storeAddress({ endpoint, port }: BackupSpec): { host: string; port: number } {
  return { host: endpoint, port: port ?? 443 };
}

/** `/etc/pgbackrest/pgbackrest.conf`: everything is encrypted on the machine before it leaves. */
export function renderPgbackrest(spec: PostgresSpec, backup: BackupSpec): string {
  return `[global]
repo1-type=s3
repo1-path=/${spec.cluster}
repo1-s3-endpoint=${storeAddress(backup).host}
repo1-s3-bucket=${backup.bucket}
repo1-s3-region=${backup.region}
repo1-s3-uri-style=${backup.uriStyle ?? "path"}
repo1-s3-key=${secretToken(backupSecrets.accessKey)}
repo1-s3-key-secret=${secretToken(backupSecrets.secretKey)}
repo1-storage-port=${storeAddress(backup).port}
${backup.caCertificate ? `repo1-storage-ca-file=${postgresPaths.backupAuthority}\n` : ""}repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=${secretToken(backupSecrets.cipher)}
repo1-retention-full=${backup.retentionFull ?? defaultRetention.full}
repo1-retention-diff=${backup.retentionDifferential ?? defaultRetention.differential}
repo1-bundle=y
repo1-block=y
compress-type=zst
compress-level=3
process-max=${Math.max(1, Math.min(4, Math.floor(spec.machine.cores / 2)))}
# A dead store must not hold up a shutdown, and must not fill the volume: beyond this, WAL is dropped and
# points in time are lost until the next backup.
io-timeout=5
archive-push-queue-max=${Math.floor(spec.storageGb / 4)}GiB
delta=y
start-fast=y
log-level-console=info
log-level-file=off

[${stanza}]
pg1-path=${postgresPaths.dataDirectory}
pg1-socket-path=${postgresPaths.socket}
`;
}

/** Runs a backup, and only where the primary is. */
export function renderBackupScript(): string {
  return `#!/bin/bash
set -euo pipefail
role=$(psql -XqAt -h ${postgresPaths.socket} -U postgres -d postgres -c 'SELECT pg_is_in_recovery()') || { echo "PostgreSQL does not answer: no backup from here" >&2; exit 1; }
if [ "$role" != f ]; then echo "a replica: the primary makes the backup"; exit 0; fi
pgbackrest --stanza=${stanza} stanza-create
pgbackrest --stanza=${stanza} --type="$1" backup
`;
}

/** Called by Patroni instead of initdb when the cluster is to start from a backup. */
export function renderRestoreScript(target: string | undefined): string {
  const until = target ? ` --type=time --target='${target}' --target-action=promote` : "";
  return `#!/bin/bash
set -euo pipefail
mkdir -p ${postgresPaths.dataDirectory}
chmod 0700 ${postgresPaths.dataDirectory}
exec pgbackrest --stanza=${stanza}${until} restore
`;
}

/**
 * The service that the timers start, one instance per kind of backup. One that falls into a restore waits for its end, or for the next time:
 * the restore stops PostgreSQL, and the backup would be a failed one.
 */
export function renderBackupService(): string {
  return `[Unit]
Description=Backup of PostgreSQL (%i)
After=patroni.service

[Service]
Type=oneshot
User=postgres
Group=postgres
ExecCondition=+/usr/bin/flock --shared --wait 300 ${postgresPaths.restoreLock} true
ExecStart=${postgresPaths.scripts}/postgres-backup %i
TimeoutStartSec=12h
Nice=10
IOSchedulingClass=idle
`;
}

export type BackupKind = "full" | "diff" | "incr";

export const backupKinds: readonly BackupKind[] = ["full", "diff", "incr"];

/** Timers run on every node; the script decides. The first backup comes minutes after the first boot. */
export function renderBackupTimer(kind: BackupKind, backup: BackupSpec): string {
  const schedule = { ...defaultSchedule, ...backup.schedule };
  const calendar = { full: schedule.full, diff: schedule.differential, incr: schedule.incremental }[kind];
  return `[Unit]
Description=Schedule of PostgreSQL backups (${kind})

[Timer]
OnCalendar=${calendar}
${kind === "incr" ? "OnBootSec=10min\n" : ""}RandomizedDelaySec=2min
Persistent=${kind === "incr" ? "no" : "yes"}

[Install]
WantedBy=timers.target
`;
}
