import type { Role } from "../host/role.ts";
import { type SubnetRole, subnetRoles } from "../network/plan.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";

export interface JournalRemoteSpec {
  /** Private address of the monitoring host. */
  readonly address: string;
  /** GB for the journals of all machines; the oldest go first. */
  readonly sizeGb: number;
  readonly retentionDays: number;
  /** Roles whose machines send theirs. @default all */
  readonly from?: readonly SubnetRole[];
}

const directory = "/var/log/journal/remote";

/**
 * Takes the journals of all machines, over TLS and only with a certificate of the stack's authority; a file for each sender's name.
 * Read them with `journalctl -D /var/log/journal/remote`.
 */
export function journalRemoteRole(spec: JournalRemoteSpec): Role {
  return {
    name: "journal-remote",
    packages: ["systemd-journal-remote"],
    files: [{ path: "/etc/systemd/journal-remote.conf.d/sovereign.conf", content: renderJournalRemote(spec) }],
    units: [
      {
        name: "systemd-journal-remote.socket",
        dropIn: `[Socket]
ListenStream=
ListenStream=${spec.address}:${ports.journalRemote}
FreeBind=yes
`,
      },
      {
        name: "systemd-journal-remote.service",
        dropIn: `[Unit]
StartLimitIntervalSec=0

[Service]
SupplementaryGroups=${tlsPaths.group}
Restart=always
RestartSec=5
`,
      },
      {
        name: "sovereign-journal-retention.service",
        content: `[Unit]
Description=Forget journals of machines after ${spec.retentionDays} days

[Service]
Type=oneshot
ExecStart=/usr/bin/journalctl --directory=${directory} --quiet --vacuum-time=${spec.retentionDays}d
`,
      },
      {
        name: "sovereign-journal-retention.timer",
        content: `[Unit]
Description=Forget old journals of machines, daily

[Timer]
OnCalendar=daily
RandomizedDelaySec=1h
Persistent=yes

[Install]
WantedBy=timers.target
`,
      },
    ],
    openings: [{ port: ports.journalRemote, from: spec.from ?? subnetRoles, purpose: "journals of all machines" }],
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
ServerKeyFile=${tlsPaths.key}
ServerCertificateFile=${tlsPaths.certificate}
TrustedCertificateFile=${tlsPaths.ca}
Seal=no
SplitMode=host
MaxUse=${Math.floor(spec.sizeGb * 0.8 * 1000)}M
MaxFileSize=64M
`;
}
