import { stringify } from "yaml";
import type { EgressNeed, MachineFile } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import type { Severity } from "./rules/rule.ts";

interface ReceiverBase {
  /** Unique; a-z, 0-9 and "-". Part of file names and of the names of secrets. */
  readonly name: string;
  /** Which alerts it gets. @default ["critical", "warning"] */
  readonly severities?: readonly Exclude<Severity, "none">[];
}

/** POSTs Alertmanager's JSON. */
export interface WebhookReceiver extends ReceiverBase {
  readonly kind: "webhook";
  /** http or https. Not secret: put a token into `token`, which goes into the Authorization header. */
  readonly url: string;
  /** Whether a bearer token is sent (the secret `receiverSecret(name)`). @default false */
  readonly hasToken?: boolean;
  /** Gets the dead man's switch every minute and nothing else: for a service that calls when it stays away. @default false */
  readonly heartbeat?: boolean;
}

export interface EmailReceiver extends ReceiverBase {
  readonly kind: "email";
  readonly to: string;
  readonly from: string;
  /** `host:port` of the mail server; TLS is required. */
  readonly smarthost: string;
  /** With it, the password is the secret `receiverSecret(name)`. */
  readonly username?: string | undefined;
}

export type Receiver = WebhookReceiver | EmailReceiver;

const nobody = "nobody";
const directory = "/etc/prometheus/receivers";

/** Name of the secret that a receiver needs, if it needs one. */
export function receiverSecret(receiver: Receiver): string | undefined {
  const needed = receiver.kind === "webhook" ? receiver.hasToken === true : receiver.username !== undefined;
  return needed ? `alert-receiver.${receiver.name}` : undefined;
}

const secretFile = (receiver: Receiver) => `${directory}/${receiver.name}`;

/** The files with the receivers' secrets; the configuration itself holds none. */
export function receiverFiles(receivers: readonly Receiver[]): MachineFile[] {
  return receivers.flatMap((receiver) => {
    const name = receiverSecret(receiver);
    return name === undefined
      ? []
      : [{ path: secretFile(receiver), content: secretToken(name), mode: "0640", owner: "root:prometheus" }];
  });
}

/** Everything wrong with a list of receivers; empty when nothing is. */
export function receiverProblems(receivers: readonly Receiver[]): string[] {
  const names = receivers.map((receiver) => receiver.name);
  return receivers.flatMap((receiver, i) => {
    const at = `receivers[${i}]`;
    return [
      ...(/^[a-z0-9][a-z0-9-]{0,62}$/.test(receiver.name) && receiver.name !== nobody
        ? []
        : [`${at}.name: ${JSON.stringify(receiver.name)} is not a name of a-z, 0-9 and "-" other than "${nobody}"`]),
      ...(names.indexOf(receiver.name) === i ? [] : [`${at}.name: ${JSON.stringify(receiver.name)} is there twice`]),
      ...(receiver.kind === "webhook" && !isWebUrl(receiver.url)
        ? [`${at}.url: expected an http or https URL without a user and password in it`]
        : []),
      ...(receiver.kind === "email" && !smarthost(receiver.smarthost)
        ? [`${at}.smarthost: ${JSON.stringify(receiver.smarthost)} is not host:port`]
        : []),
    ];
  });
}

function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ["http:", "https:"].includes(url.protocol) && url.username === "" && url.password === "";
}

function smarthost(text: string): { host: string; port: number } | undefined {
  const match = /^([a-z0-9.-]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  return match && port >= 1 && port <= 65_535 ? { host: match[1]!, port } : undefined;
}

/** Where alerts leave the private network to: nowhere without receivers. */
export function receiverEgress(receivers: readonly Receiver[]): EgressNeed[] {
  return receivers.map((receiver) => {
    const purpose = `alerts to ${receiver.name}`;
    if (receiver.kind === "email") {
      const server = smarthost(receiver.smarthost)!;
      return { ...server, purpose, protocol: server.port === 465 ? "tls" : "relay" };
    }
    const url = new URL(receiver.url);
    const isTls = url.protocol === "https:";
    return {
      host: url.hostname,
      port: Number(url.port) || (isTls ? 443 : 80),
      purpose,
      protocol: isTls ? "tls" : "http",
    };
  });
}

/**
 * alertmanager.yml. Receivers get the severities they asked for; what nobody asked for goes to nobody but stays visible in
 * Alertmanager. One failed machine is one message: the root cause inhibits its consequences.
 */
export function renderAlertmanager(receivers: readonly Receiver[]): string {
  return stringify(
    {
      route: {
        receiver: nobody,
        group_by: ["alertname", "location"],
        group_wait: "15s",
        group_interval: "2m",
        repeat_interval: "4h",
        ...(receivers.length ? { routes: receivers.map(route) } : {}),
      },
      inhibit_rules: inhibitions,
      receivers: [{ name: nobody }, ...receivers.map(receiverConfig)],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function route(receiver: Receiver) {
  if (receiver.kind === "webhook" && receiver.heartbeat) {
    return {
      receiver: receiver.name,
      matchers: ['alertname = "Watchdog"'],
      group_wait: "0s",
      group_interval: "1m",
      repeat_interval: "1m",
      continue: true,
    };
  }
  const severities = receiver.severities ?? ["critical", "warning"];
  return { receiver: receiver.name, matchers: [`severity =~ "${severities.join("|")}"`], continue: true };
}

function receiverConfig(receiver: Receiver) {
  if (receiver.kind === "email") {
    return {
      name: receiver.name,
      email_configs: [
        {
          to: receiver.to,
          from: receiver.from,
          smarthost: receiver.smarthost,
          require_tls: true,
          send_resolved: true,
          ...(receiver.username === undefined
            ? {}
            : { auth_username: receiver.username, auth_password_file: secretFile(receiver) }),
        },
      ],
    };
  }
  return {
    name: receiver.name,
    webhook_configs: [
      {
        url: receiver.url,
        send_resolved: receiver.heartbeat !== true,
        max_alerts: 100,
        ...(receiver.hasToken ? { http_config: { authorization: { credentials_file: secretFile(receiver) } } } : {}),
      },
    ],
  };
}

const inhibitions = [
  {
    source_matchers: ['alertname =~ "HostDown|StatelessHostDown"'],
    target_matchers: ['alertname !~ "HostDown|StatelessHostDown"', 'host != ""'],
    equal: ["host"],
  },
  {
    source_matchers: ['alertname = "DiskSpaceCritical"'],
    target_matchers: ['alertname =~ "DiskSpaceLow|DiskFills.*"'],
    equal: ["host", "mountpoint"],
  },
  {
    source_matchers: ['alertname = "PostgresNoPrimary"'],
    target_matchers: [
      'alertname =~ "PostgresNoSynchronousStandby|PostgresReplica.*|HttpErrors|ResponseTimeHigh|QueueDepthHigh|DatabasePoolHigh|PgBouncer.*"',
    ],
  },
  {
    source_matchers: ['alertname = "EtcdNoLeader"'],
    target_matchers: ['alertname =~ "PatroniCannotReachEtcd"'],
  },
  {
    source_matchers: ['alertname = "RedisNoMaster"'],
    target_matchers: ['alertname =~ "RedisReplic.*|SentinelNoQuorum"'],
  },
];

/** /etc/default/prometheus-alertmanager: the private address and loopback; no cluster, since there is one. */
export function renderAlertmanagerDefaults(address: string): string {
  const args = [
    `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
    `--web.listen-address=${address}:${ports.alertmanager}`,
    "--cluster.listen-address=",
  ];
  return `ARGS="${args.join(" ")}"\n`;
}
