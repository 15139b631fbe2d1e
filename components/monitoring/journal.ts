import type { Role } from "../host/role.ts";
import { ports } from "../ports.ts";

export interface JournalRemoteSpec {
  /** GB for the journals of all machines; the oldest go first. */
  readonly sizeGb: number;
  readonly retentionDays: number;
}

const directory = "/var/log/journal/remote";

/** MB that journals may take: some of the volume stays free for the file system and the file being written. */
const maxUseMb = (spec: Pick<JournalRemoteSpec, "sizeGb">) => Math.floor(spec.sizeGb * 0.8 * 1000);

/**
 * Takes the journals of all machines, over TLS and only with a certificate of the stack's authority. Read them with
 * `journalctl -D /var/log/journal/remote _HOSTNAME=NAME`.
 *
 * Its proxy (see `proxyRole`) checks the certificates: Debian 13 builds systemd without GnuTLS, and its journal receiver then takes entries
 * from anybody, whatever its settings say.
 */
export function journalRemoteRole(spec: JournalRemoteSpec): Role {
  const remote = "/usr/lib/systemd/systemd-journal-remote";
  return {
    name: "journal-remote",
    packages: ["systemd-journal-remote"],
    files: [{ path: "/etc/systemd/journal-remote.conf.d/sovereign.conf", content: renderJournalRemote(spec) }],
    units: [
      {
        name: "systemd-journal-remote.socket",
        dropIn: `[Socket]
ListenStream=
ListenStream=127.0.0.1:${ports.journalSink}
`,
      },
      {
        name: "systemd-journal-remote.service",
        dropIn: `[Unit]
StartLimitIntervalSec=0

[Service]
ExecStart=
ExecStart=${remote} --listen-http=-3 --split-mode=none --output=${directory}/hosts.journal
Restart=always
RestartSec=5
`,
      },
      {
        name: "sovereign-journal-retention.service",
        content: `[Unit]
Description=Forget journals of machines after ${spec.retentionDays} days, or before when the volume is full

[Service]
Type=oneshot
ExecStart=/usr/bin/journalctl --directory=${directory} --quiet --vacuum-time=${spec.retentionDays}d --vacuum-size=${maxUseMb(spec)}M
`,
      },
      {
        name: "sovereign-journal-retention.timer",
        content: `[Unit]
Description=Forget old journals of machines, hourly

[Timer]
OnBootSec=15min
OnUnitActiveSec=1h

[Install]
WantedBy=timers.target
`,
      },
    ],
    openings: [],
    scrape: [],
    data: [
      {
        path: directory,
        owner: "systemd-journal-remote:systemd-journal-remote",
        mode: "0750",
        sizeGb: spec.sizeGb,
      },
    ],
  };
}

/** Files are cut small, so that age and size can drop old ones. */
export function renderJournalRemote(spec: Pick<JournalRemoteSpec, "sizeGb">): string {
  return `[Remote]
Seal=no
MaxUse=${maxUseMb(spec)}M
MaxFileSize=64M
`;
}
