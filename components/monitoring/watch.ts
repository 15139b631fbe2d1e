import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { MachineFile, MachineUnit, Role } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { type Receiver, receiverEgress, receiverSecret, type WebhookReceiver } from "./alertmanager.ts";
import { blackboxFiles, restart } from "./blackbox.ts";
import { checkSeconds, type HealthCheck, healthChecks, healthUrl, usualFailures } from "./health.ts";
import { type AlertRule, runbook } from "./rules/rule.ts";

/**
 * The host that watches the monitoring host: one, so that nobody is told twice. The first Redis host is there at every size of a
 * stack, has a planned address, and holds less that a failure of its own could take away than a database.
 */
export const watcherPlace = { role: "redis", ordinal: 1 } as const;

const program = "/usr/local/lib/sovereign/watch-monitoring";
const secrets = "/etc/sovereign/watch";
const stateDirectory = "sovereign-watch";
export const watchTimer = "sovereign-watch.timer";
/** What drills read of it. */
export const watchFiles = {
  settings: "/etc/sovereign/watch.json",
  state: `/var/lib/${stateDirectory}/state.json`,
} as const;

/** Source of a round; run by Debian's own python3, standard library only. */
const source = readFileSync(new URL("./watch.py", import.meta.url), "utf8");

export interface WatchSpec {
  readonly stack: string;
  readonly location: LocationName;
  /** Name of the machine that watches. */
  readonly name: string;
  /** The monitoring host. */
  readonly watched: { readonly name: string; readonly address: string };
  /** All that the stack has: those that can be told are chosen from them. */
  readonly receivers: readonly Receiver[];
}

/** What no Prometheus can say. */
export const monitoringDown: Omit<AlertRule, "expr"> = {
  alert: "MonitoringDown",
  for: `${(usualFailures - 1) * checkSeconds}s`,
  severity: "critical",
  summary: "The monitoring on {{ $labels.host }} does not work",
  action:
    "Until it does nobody is told of anything else; services go on. `systemctl status prometheus prometheus-alertmanager haproxy` there. If it does not answer at all, look at the provider's console; if it is gone, raise monitoring.generation: its data are on the volume. Expected while that replaces it.",
};

/** Who is told by the watcher: webhooks that take critical alerts. A heartbeat notices by itself. */
export function watchReceivers(receivers: readonly Receiver[]): WebhookReceiver[] {
  return receivers.filter(
    (receiver): receiver is WebhookReceiver =>
      receiver.kind === "webhook" &&
      receiver.heartbeat !== true &&
      (receiver.severities ?? ["critical"]).includes("critical"),
  );
}

/** Asks the monitoring host whether it works, and tells the receivers itself when it does not. */
export function watchRole(spec: WatchSpec): Role {
  const receivers = watchReceivers(spec.receivers);
  return {
    name: "watch",
    packages: ["prometheus-blackbox-exporter", "python3"],
    files: [
      ...blackboxFiles(renderWatchModules()),
      { path: program, content: source, mode: "0755" },
      { path: watchFiles.settings, content: renderWatch(spec) },
      ...receivers.flatMap(secretFiles),
    ],
    units: watchUnits(receivers),
    openings: [],
    scrape: [],
    egress: receiverEgress(receivers),
  };
}

const secretFile = (receiver: Receiver): string => `${secrets}/${receiver.name}`;

/** Root's alone: the service, which has a user of its own, is handed them by systemd. */
function secretFiles(receiver: Receiver): MachineFile[] {
  const name = receiverSecret(receiver);
  return name === undefined ? [] : [{ path: secretFile(receiver), content: secretToken(name), mode: "0600" }];
}

/** Settings of a round. */
export function renderWatch(spec: WatchSpec): string {
  const { watched } = spec;
  return `${JSON.stringify(
    {
      exporter: `http://127.0.0.1:${ports.blackboxExporter}`,
      state: watchFiles.state,
      /** Seconds for the exporter's answer, and for a receiver's. */
      timeout: 10,
      intervalSeconds: checkSeconds,
      /** Until everything was well once, the monitoring host may still be in the making. */
      failuresBeforeSeen: 60,
      /** Seconds until a receiver is reminded, as Alertmanager does. */
      repeatAfter: 4 * 3600,
      externalUrl: `http://${watched.address}:${ports.alertmanager}`,
      checks: healthChecks.map(({ name, means, failures }) => ({
        name,
        means,
        failures,
        module: name,
        target: healthUrl(watched.address, name),
      })),
      alert: {
        labels: {
          alertname: monitoringDown.alert,
          severity: monitoringDown.severity,
          host: watched.name,
          role: "monitoring",
          location: spec.location,
          stack: spec.stack,
          watcher: spec.name,
        },
        annotations: {
          summary: monitoringDown.summary.replace("{{ $labels.host }}", watched.name),
          description: monitoringDown.action,
          runbook: runbook(monitoringDown.alert),
        },
      },
      receivers: watchReceivers(spec.receivers).map(({ name, url, hasToken = false }) => ({ name, url, hasToken })),
    },
    undefined,
    1,
  )}\n`;
}

/** One module of the blackbox exporter for each check. */
export function renderWatchModules(): string {
  const module = ({ expects }: HealthCheck) => ({
    prober: "http",
    timeout: "5s",
    http: {
      method: "GET",
      preferred_ip_protocol: "ip4",
      follow_redirects: false,
      valid_status_codes: [200],
      ...(expects === undefined ? {} : { fail_if_body_not_matches_regexp: [expects] }),
      tls_config: { ca_file: tlsPaths.ca, cert_file: tlsPaths.certificate, key_file: tlsPaths.key },
    },
  });
  const modules = Object.fromEntries(healthChecks.map((check) => [check.name, module(check)]));
  return stringify({ modules }, { lineWidth: 0, aliasDuplicateObjects: false });
}

const watchUnits = (receivers: readonly Receiver[]): MachineUnit[] => [
  {
    name: "prometheus-blackbox-exporter.service",
    // The key of this machine's certificate, which the monitoring host asks for.
    dropIn: `[Service]\nSupplementaryGroups=${tlsPaths.group}\n${restart}`,
  },
  {
    name: "sovereign-watch.service",
    content: `[Unit]
Description=Ask whether the monitoring host works
Wants=network-online.target
After=network-online.target prometheus-blackbox-exporter.service

[Service]
Type=oneshot
DynamicUser=yes
ExecStart=${program} ${watchFiles.settings}
StateDirectory=${stateDirectory}
${receivers
  .filter((receiver) => receiverSecret(receiver) !== undefined)
  .map((receiver) => `LoadCredential=${receiver.name}:${secretFile(receiver)}\n`)
  .join("")}TimeoutStartSec=60
# Three lines for every round would drown the journal; what the program itself says is kept.
LogLevelMax=notice
SyslogLevel=notice
ProtectHome=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
MemoryMax=128M
`,
  },
  {
    name: watchTimer,
    content: `[Unit]
Description=Ask whether the monitoring host works, every ${checkSeconds} seconds

[Timer]
OnBootSec=30
OnUnitActiveSec=${checkSeconds}
AccuracySec=100ms

[Install]
WantedBy=timers.target
`,
  },
];
