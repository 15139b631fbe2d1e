import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { Host, type HostArgs } from "../host/host.ts";
import { hostName, type Platform } from "../host/platform.ts";
import type { SubnetRole } from "../network/plan.ts";
import { ports } from "../ports.ts";
import {
  type EmailReceiver,
  type Receiver,
  receiverProblems,
  receiverSecret,
  type WebhookReceiver,
} from "./alertmanager.ts";
import { grafanaPasswordSecret, imageProblem } from "./grafana.ts";
import { type MonitoringSpec, monitoringRoles } from "./roles.ts";
import type { RuleSettings } from "./rules/rule.ts";
import type { MonitoredHost } from "./topology.ts";

type Named<T extends Receiver> = Omit<T, "name" | "hasToken"> & {
  /** @default the kind and the place in the list: `webhook-1` */
  readonly name?: string;
};

/** Who is told of alerts. */
export type ReceiverArgs =
  | (Named<WebhookReceiver> & {
      /** Sent as a bearer token. */
      readonly token?: pulumi.Input<string>;
    })
  | (Named<EmailReceiver> & {
      /** Together with `username`. */
      readonly password?: pulumi.Input<string>;
    });

/**
 * The monitoring host is stateful: a change of any argument below that ends up in its files reaches it with its next
 * `generation`, which replaces the server and keeps the volume. The number of app servers is not among them.
 */
export interface MonitoringArgs {
  readonly platform: Platform;
  /** All other hosts; those without an address are found by the monitoring itself in the subnet of their role. */
  readonly hosts: readonly MonitoredHost[];
  /** App servers that must be up, or an alert says so; 0 where there are none. */
  readonly minAppServers: number;
  readonly postgres: RuleSettings["postgres"];
  readonly redis: RuleSettings["redis"];
  /** Changed in place, with a power-off. @default "cpx22" */
  readonly serverType?: ServerTypeName;
  /** GB of the data volume: three fifths for metrics, the rest for journals. Grows in place; never shrinks. @default 40 */
  readonly storageGb?: number;
  /** Days that metrics and journals are kept; less when the volume is full before. @default 30 */
  readonly retentionDays?: number;
  /** @default nobody: alerts are seen in Alertmanager only, and nothing leaves the network */
  readonly receivers?: readonly ReceiverArgs[];
  /** Role of the host that has `watchRole` and looks after this one. @default nobody does */
  readonly watchedFrom?: SubnetRole | undefined;
  /** Public URLs asked every 15 s, with an alert when they fail or their certificate expires. @default none */
  readonly probes?: readonly string[];
  /** Gauge in the workload's own metrics that counts what waits. @default HAProxy's queue in front of the workload */
  readonly queueMetric?: string;
  /** Grafana's container image, with registry and digest. @default no Grafana */
  readonly grafanaImage?: string;
  /** Raise it to roll out what changed. @default 1 */
  readonly generation?: number;
  readonly transform?: HostArgs["transform"];
}

/**
 * Prometheus, Alertmanager and the journals of all machines on one host; Grafana where its image is named.
 *
 * Cost: the server type, 0.50 EUR for IPv4, and 0.0572 EUR per GB of the data volume, each month: 22.28 EUR with the defaults.
 */
export class Monitoring extends pulumi.ComponentResource {
  readonly host: Host;
  /** Planned private address. */
  readonly address: string;
  /** On the private network: see docs/components/monitoring.md for the way there. */
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** Secret; undefined without Grafana. */
  readonly grafanaPassword: pulumi.Output<string> | undefined;

  /** @throws pulumi.RunError with every problem of the arguments */
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = monitoringProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:monitoring:Monitoring", name, {}, opts);
    const { platform } = args;
    const spec = monitoringSpec(args);

    this.address = spec.address;
    this.prometheusUrl = `http://${spec.address}:${ports.prometheus}`;
    this.alertmanagerUrl = `http://${spec.address}:${ports.alertmanager}`;
    this.grafanaPassword =
      spec.grafanaImage === undefined
        ? undefined
        : pulumi.secret(
            new random.RandomPassword(`${spec.name}-grafana`, { length: 32, special: false }, { parent: this }).result,
          );
    this.host = new Host(
      spec.name,
      {
        platform,
        role: "monitoring",
        ordinal: 1,
        serverType: args.serverType ?? "cpx22",
        state: { kind: "stateful", address: spec.address, generation: args.generation ?? 1 },
        roles: monitoringRoles(spec),
        secrets: {
          ...receiverSecrets(args.receivers ?? []),
          ...(this.grafanaPassword && { [grafanaPasswordSecret]: this.grafanaPassword }),
        },
        ...(args.transform && { transform: args.transform }),
      },
      { parent: this },
    );
    this.registerOutputs({
      address: this.address,
      prometheusUrl: this.prometheusUrl,
      alertmanagerUrl: this.alertmanagerUrl,
      grafanaPassword: this.grafanaPassword,
    });
  }
}

/** Everything wrong with the arguments; empty when nothing is. */
export function monitoringProblems(args: Omit<MonitoringArgs, "platform">): string[] {
  const receivers = args.receivers ?? [];
  const whole = (name: string, value: number | undefined, min: number, max: number) =>
    value === undefined || (Number.isInteger(value) && value >= min && value <= max)
      ? []
      : [`${name}: ${value} is not a whole number from ${min} to ${max}`];
  const image = args.grafanaImage === undefined ? undefined : imageProblem(args.grafanaImage);
  return [
    ...whole("minAppServers", args.minAppServers, 0, 1000),
    ...whole("storageGb", args.storageGb, 10, 10_240),
    ...whole("retentionDays", args.retentionDays, 1, 730),
    ...receiverProblems(receivers.map(plainReceiver)),
    ...receivers.flatMap((receiver, i) =>
      receiver.kind === "email" && (receiver.username === undefined) !== (receiver.password === undefined)
        ? [`receivers[${i}]: username and password go together`]
        : [],
    ),
    ...(args.probes ?? []).flatMap((probe, i) =>
      /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[\w./~-]*)?$/i.test(probe) && URL.canParse(probe)
        ? []
        : [`probes[${i}]: ${JSON.stringify(probe)} is not an http or https URL of host, port and path`],
    ),
    ...(args.queueMetric === undefined || /^[a-zA-Z_:][a-zA-Z0-9_:]{0,127}$/.test(args.queueMetric)
      ? []
      : [`queueMetric: ${JSON.stringify(args.queueMetric)} is not the name of a metric`]),
    ...(image ? [`grafanaImage: ${image}`] : []),
  ];
}

/** The arguments without what is secret or Pulumi's. */
export function monitoringSpec(args: MonitoringArgs): MonitoringSpec {
  const { platform } = args;
  const plan = platform.network.plan;
  return {
    stack: platform.name,
    name: hostName(platform, "monitoring", 1),
    location: platform.location,
    address: plan.address("monitoring", platform.location, 1),
    hosts: args.hosts,
    plan,
    probes: args.probes ?? [],
    retentionDays: args.retentionDays ?? 30,
    storageGb: args.storageGb ?? 40,
    receivers: (args.receivers ?? []).map(plainReceiver),
    watchedFrom: args.watchedFrom,
    grafanaImage: args.grafanaImage,
    minAppServers: args.minAppServers,
    queueMetric: args.queueMetric,
    postgres: args.postgres,
    redis: args.redis,
    limitsEgress: platform.egress !== undefined,
  };
}

/** A receiver without what is secret, and with its name. */
export function plainReceiver(args: ReceiverArgs, index: number): Receiver {
  const name = args.name ?? `${args.kind}-${index + 1}`;
  if (args.kind === "email") {
    const { password: _, ...rest } = args;
    return { ...rest, name };
  }
  const { token, ...rest } = args;
  return { ...rest, name, hasToken: token !== undefined };
}

/** Values of the secrets that receivers need, by name. */
export function receiverSecrets(receivers: readonly ReceiverArgs[]): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    receivers.flatMap((args, i) => {
      const name = receiverSecret(plainReceiver(args, i));
      const value = args.kind === "email" ? args.password : args.token;
      return name !== undefined && value !== undefined ? [[name, pulumi.secret(value)]] : [];
    }),
  );
}
