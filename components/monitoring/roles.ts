import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import { egressScrape } from "../host/egress.ts";
import type { EgressNeed, Role, ScrapeTarget } from "../host/role.ts";
import type { NetworkPlan, SubnetRole } from "../network/plan.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { nodeExporterRole } from "./agents.ts";
import {
  type Receiver,
  receiverEgress,
  receiverFiles,
  renderAlertmanager,
  renderAlertmanagerDefaults,
} from "./alertmanager.ts";
import { blackboxFiles, restart } from "./blackbox.ts";
import { discoveryFiles, discoveryUnits } from "./discovery.ts";
import { grafanaRole } from "./grafana.ts";
import { journalRemoteRole } from "./journal.ts";
import { prometheusFile, renderBlackbox, renderPrometheus, renderPrometheusDefaults, rulesFile } from "./prometheus.ts";
import { proxyRole } from "./proxy.ts";
import { ruleGroups } from "./rules/all.ts";
import { queueDepth } from "./rules/app.ts";
import { type RuleSettings, renderRules } from "./rules/rule.ts";
import { jobsOf, type MonitoredHost, type Topology, topologyOf } from "./topology.ts";

/** Everything that the monitoring host has to know. */
export interface MonitoringSpec {
  readonly stack: string;
  /** Name of the monitoring host. */
  readonly name: string;
  readonly location: LocationName;
  /** Planned private address of the monitoring host. */
  readonly address: string;
  /** All other hosts. */
  readonly hosts: readonly MonitoredHost[];
  readonly plan: Pick<NetworkPlan, "subnet">;
  /** Public URLs to ask from here. */
  readonly probes: readonly string[];
  readonly retentionDays: number;
  /** GB of the data volume: metrics and journals of all machines. */
  readonly storageGb: number;
  readonly receivers: readonly Receiver[];
  /** Role of the host that watches this one (see `watchRole`); undefined where none does. */
  readonly watchedFrom: SubnetRole | undefined;
  readonly grafanaImage: string | undefined;
  readonly minAppServers: number;
  /** Gauge of the workload whose value is the depth of its queue; undefined takes HAProxy's queue in front of it. */
  readonly queueMetric: string | undefined;
  readonly postgres: RuleSettings["postgres"];
  readonly redis: RuleSettings["redis"];
  /** Whether machines have a proxy that lets connections out by name. @default false */
  readonly limitsEgress?: boolean;
}

/** What the monitoring host says of itself. */
export const ownScrape: readonly ScrapeTarget[] = [
  { job: "prometheus", port: ports.prometheus },
  { job: "alertmanager", port: ports.alertmanager },
];

/** How a volume is divided, in GB. */
export function divideStorage(storageGb: number): { metrics: number; alerts: number; journals: number } {
  const alerts = 1;
  const metrics = Math.floor((storageGb - alerts) * 0.6);
  return { metrics, alerts, journals: storageGb - alerts - metrics };
}

/** All roles of the monitoring host besides those of every machine. */
export function monitoringRoles(spec: MonitoringSpec): Role[] {
  const storage = divideStorage(spec.storageGb);
  return [
    prometheusRole(spec, storage),
    journalRemoteRole({ sizeGb: storage.journals, retentionDays: spec.retentionDays }),
    proxyRole(spec),
    ...(spec.grafanaImage === undefined
      ? []
      : [grafanaRole({ image: spec.grafanaImage, prometheusAddress: spec.address })]),
  ];
}

/** With itself among the hosts. */
export function monitoredTopology(
  spec: Pick<MonitoringSpec, "name" | "location" | "address" | "hosts" | "plan" | "limitsEgress">,
): Topology {
  const self: MonitoredHost = {
    name: spec.name,
    role: "monitoring",
    location: spec.location,
    address: spec.address,
    scrape: [...nodeExporterRole().scrape, ...(spec.limitsEgress ? [egressScrape] : []), ...ownScrape],
  };
  return topologyOf([...spec.hosts, self], spec.plan);
}

export function ruleSettings(spec: MonitoringSpec, topology: Topology): RuleSettings {
  return {
    jobs: new Set([...jobsOf(topology), ...(spec.probes.length ? ["probe"] : [])]),
    discoveredRoles: [...new Set(topology.discovered.map((hosts) => hosts.role))],
    minAppServers: spec.minAppServers,
    queueDepth: queueDepth(spec.queueMetric),
    postgres: spec.postgres,
    redis: spec.redis,
    isWatched: spec.watchedFrom !== undefined,
  };
}

function prometheusRole(spec: MonitoringSpec, storage: { metrics: number; alerts: number }): Role {
  const topology = monitoredTopology(spec);
  const { stack, location, probes, address } = spec;
  const finds = topology.discovered.length > 0;
  return {
    name: "prometheus",
    packages: [
      "prometheus",
      "prometheus-alertmanager",
      ...(probes.length ? ["prometheus-blackbox-exporter"] : []),
      ...(finds ? ["python3"] : []),
    ],
    files: [
      { path: prometheusFile, content: renderPrometheus({ stack, location, topology, probes }) },
      { path: rulesFile, content: renderRules(ruleGroups(ruleSettings(spec, topology))) },
      {
        path: "/etc/default/prometheus",
        content: renderPrometheusDefaults({
          address,
          retentionDays: spec.retentionDays,
          // The write-ahead log and compaction need the rest.
          retentionGb: Math.max(1, Math.floor(storage.metrics * 0.8)),
        }),
      },
      { path: "/etc/prometheus/alertmanager.yml", content: renderAlertmanager(spec.receivers) },
      { path: "/etc/default/prometheus-alertmanager", content: renderAlertmanagerDefaults(address) },
      ...receiverFiles(spec.receivers),
      ...(probes.length ? blackboxFiles(renderBlackbox()) : []),
      ...(finds ? discoveryFiles(topology.discovered) : []),
    ],
    units: [
      ...(finds ? discoveryUnits : []),
      {
        name: "prometheus.service",
        dropIn: `[Service]\nSupplementaryGroups=${tlsPaths.group}\n${restart}`,
      },
      { name: "prometheus-alertmanager.service", dropIn: `[Service]\n${restart}` },
      ...(probes.length ? [{ name: "prometheus-blackbox-exporter.service", dropIn: `[Service]\n${restart}` }] : []),
    ],
    openings: [],
    scrape: ownScrape,
    data: [
      { path: "/var/lib/prometheus/metrics2", owner: "prometheus:prometheus", sizeGb: storage.metrics },
      { path: "/var/lib/prometheus/alertmanager", owner: "prometheus:prometheus", sizeGb: storage.alerts },
    ],
    egress: [...receiverEgress(spec.receivers), ...probes.map(probeEgress)],
  };
}

function probeEgress(text: string): EgressNeed {
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    purpose: "is the public endpoint there",
    protocol: url.protocol === "https:" ? "tls" : "http",
  };
}
