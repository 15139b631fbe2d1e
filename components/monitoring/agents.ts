import type { Role } from "../host/role.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { farewellRole } from "./farewell.ts";
import { textfileDirectory } from "./textfile.ts";

/** Address that machines send their journal to. It must be a name or an address in the certificate of the monitoring host. */
export function journalUrl(monitoringAddress: string): string {
  return `https://${monitoringAddress}:${ports.journalRemote}`;
}

/** What every machine runs so that it can be watched: metrics of the machine, and its journal sent to the monitoring host. */
export interface AgentsSpec {
  /**
   * Where the journal goes (see `journalUrl`). Undefined sends it nowhere: for the monitoring host itself, whose own
   * journal is on the spot, and for a stack without monitoring.
   */
  readonly journalUrl?: string | undefined;
  /** Whether the machine comes and goes: then it says when it powers off on purpose, so that nobody looks for it. @default false */
  readonly isStateless?: boolean;
}

/** The role that `Host` gives to every machine. */
export function agentsRole(spec: AgentsSpec): Role {
  const upload = spec.journalUrl === undefined ? undefined : journalUploadRole({ url: spec.journalUrl });
  const parts = [nodeExporterRole(), ...(upload ? [upload] : []), ...(spec.isStateless ? [farewellRole()] : [])];
  return {
    name: "agents",
    packages: parts.flatMap((part) => part.packages),
    files: parts.flatMap((part) => part.files),
    units: parts.flatMap((part) => part.units),
    openings: [],
    scrape: parts.flatMap((part) => part.scrape),
  };
}

/**
 * Metrics of the machine, with the state of systemd's units, the expiry of its certificate, and whether it waits for a
 * reboot. Listens on every address: the packet filter lets the monitoring subnet in and nobody else.
 */
export function nodeExporterRole(): Role {
  return {
    name: "node-exporter",
    // The systemd collector asks over D-Bus, which a minimal image does not have.
    packages: ["prometheus-node-exporter", "dbus", "openssl"],
    files: [
      { path: "/etc/default/prometheus-node-exporter", content: renderNodeExporterDefaults() },
      { path: "/usr/local/lib/sovereign/host-facts", content: renderHostFacts(), mode: "0755" },
    ],
    units: [
      { name: "prometheus-node-exporter.service" },
      { name: "sovereign-host-facts.service", content: hostFactsService },
      { name: "sovereign-host-facts.timer", content: hostFactsTimer },
    ],
    openings: [],
    scrape: [{ job: "node", port: ports.nodeExporter }],
  };
}

/** Sends the whole journal over TLS, from where it stopped; what could not be sent waits in the machine's own journal. */
export function journalUploadRole(spec: { readonly url: string }): Role {
  if (!/^https:\/\/[a-z0-9.-]+:\d{1,5}$/.test(spec.url)) {
    throw new Error(`journal URL ${JSON.stringify(spec.url)}: expected https://NAME-OR-ADDRESS:PORT`);
  }
  return {
    name: "journal-upload",
    packages: ["systemd-journal-remote"],
    files: [
      {
        path: "/etc/systemd/journal-upload.conf.d/sovereign.conf",
        content: `[Upload]
URL=${spec.url}
ServerKeyFile=${tlsPaths.key}
ServerCertificateFile=${tlsPaths.certificate}
TrustedCertificateFile=${tlsPaths.ca}
`,
      },
    ],
    units: [
      {
        name: "systemd-journal-upload.service",
        // Without these the fifth quick failure is the last: systemd's start limit ends the distribution's retries.
        dropIn: `[Unit]
StartLimitIntervalSec=0

[Service]
SupplementaryGroups=${tlsPaths.group}
Restart=always
RestartSec=10
`,
      },
    ],
    openings: [],
    scrape: [],
  };
}

/** Only services, timers and mounts: the states of slices, devices and scopes are many series that no rule reads. */
export function renderNodeExporterDefaults(): string {
  const args = [
    "--collector.systemd",
    "--collector.systemd.unit-include=.+[.](service|timer|mount)",
    `--collector.textfile.directory=${textfileDirectory}`,
    "--collector.netclass.ignored-devices=^(lo|veth.*)$",
  ];
  return `ARGS="${args.join(" ").replaceAll("$", "\\$")}"\n`;
}

/** Facts that the node exporter has no collector for. */
export function renderHostFacts(): string {
  return `#!/bin/sh
set -eu
out=${textfileDirectory}/host-facts.prom
tmp=$(mktemp "$out.XXXXXX")
trap 'rm -f "$tmp"' EXIT
{
  echo '# HELP sovereign_certificate_not_after_seconds When the certificate of this machine expires, Unix time.'
  echo '# TYPE sovereign_certificate_not_after_seconds gauge'
  for file in ${tlsPaths.certificate} ${tlsPaths.ca}; do
    end=$(openssl x509 -noout -enddate -in "$file" | cut -d= -f2)
    echo "sovereign_certificate_not_after_seconds{path=\\"$file\\"} $(date -d "$end" +%s)"
  done
  echo '# HELP sovereign_reboot_required Whether an update waits for a reboot.'
  echo '# TYPE sovereign_reboot_required gauge'
  if [ -e /run/reboot-required ]; then echo 'sovereign_reboot_required 1'; else echo 'sovereign_reboot_required 0'; fi
} > "$tmp"
chmod 0644 "$tmp"
mv "$tmp" "$out"
`;
}

const hostFactsService = `[Unit]
Description=Expiry of certificates and waiting reboots, for the node exporter

[Service]
Type=oneshot
ExecStart=/usr/local/lib/sovereign/host-facts
ProtectSystem=strict
ReadWritePaths=${textfileDirectory}
PrivateTmp=yes
PrivateNetwork=yes
NoNewPrivileges=yes
`;

const hostFactsTimer = `[Unit]
Description=Hourly facts about this machine, for the node exporter

[Timer]
OnBootSec=1min
OnUnitActiveSec=1h

[Install]
WantedBy=timers.target
`;
