import { stringify } from "yaml";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ScrapeTarget } from "../host/role.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { discoveryFile } from "./discovery.ts";
import { jobsOf, pathLabel, type Topology } from "./topology.ts";

/** Seconds between two scrapes of a target. */
export const scrapeSeconds = 15;
/** Seconds that a target has to answer. */
export const scrapeTimeoutSeconds = 5;

export const rulesFile = "/etc/prometheus/rules/sovereign.yml";
export const prometheusFile = "/etc/prometheus/prometheus.yml";

export interface PrometheusSpec {
  /** Name of the stack: a label of everything that leaves this Prometheus. */
  readonly stack: string;
  readonly location: LocationName;
  readonly topology: Topology;
  /** Public URLs asked every 15 s from here; their certificates are watched too. */
  readonly probes: readonly string[];
}

/** Blackbox module by the URL's scheme. */
export const probeModules = { "https:": "https", "http:": "http" } as const;

/** prometheus.yml: 15 s scrapes; every series has the labels `host`, `role` and `location`. */
export function renderPrometheus(spec: PrometheusSpec): string {
  return stringify(
    {
      global: {
        scrape_interval: `${scrapeSeconds}s`,
        scrape_timeout: `${scrapeTimeoutSeconds}s`,
        // An alert is late by a scrape, a scrape's timeout and this, before its own time begins.
        evaluation_interval: "5s",
        external_labels: { stack: spec.stack, monitor: spec.location },
      },
      rule_files: [rulesFile],
      alerting: {
        alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }],
      },
      scrape_configs: [
        ...jobsOf(spec.topology).map((job) => scrapeConfig(job, spec.topology)),
        ...(spec.probes.length ? [probeConfig(spec)] : []),
      ],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function scrapeConfig(job: string, topology: Topology) {
  const ofJob = (targets: readonly ScrapeTarget[]) => targets.filter((target) => target.job === job);
  const planned = topology.planned.flatMap((host) =>
    ofJob(host.scrape).map((target) => ({
      targets: [`${host.address}:${target.port}`],
      labels: { host: host.name, role: host.role, location: host.location, ...pathLabel(target) },
    })),
  );
  const discovered = topology.discovered.some((hosts) => ofJob(hosts.scrape).length > 0);
  return {
    job_name: job,
    ...transport(
      job,
      [...topology.planned, ...topology.discovered].flatMap((source) => ofJob(source.scrape)),
    ),
    ...(planned.length ? { static_configs: planned } : {}),
    ...(discovered ? { file_sd_configs: [{ files: [discoveryFile(job)] }] } : {}),
  };
}

/** Plain HTTP but where the program serves its metrics on a port that is TLS anyway. */
function transport(job: string, targets: readonly ScrapeTarget[]) {
  const tls = { ca_file: tlsPaths.ca };
  if (job === "patroni") return { scheme: "https", tls_config: tls };
  if (job === "etcd" && targets.some((target) => target.port === ports.etcdClient)) {
    return { scheme: "https", tls_config: { ...tls, cert_file: tlsPaths.certificate, key_file: tlsPaths.key } };
  }
  return {};
}

/** The blackbox exporter asks; the URL becomes the instance. */
function probeConfig(spec: PrometheusSpec) {
  return {
    job_name: "probe",
    metrics_path: "/probe",
    static_configs: spec.probes.map((url) => ({
      targets: [url],
      labels: {
        __param_module: probeModules[new URL(url).protocol as keyof typeof probeModules],
        location: spec.location,
      },
    })),
    relabel_configs: [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__address__"], target_label: "instance" },
      { target_label: "__address__", replacement: `127.0.0.1:${ports.blackboxExporter}` },
    ],
  };
}

export interface PrometheusDefaults {
  readonly address: string;
  readonly retentionDays: number;
  /** GB that metrics may take; the oldest go first. */
  readonly retentionGb: number;
}

/**
 * /etc/default/prometheus. This version listens on one address only: the private one, so that the Prometheus of another
 * location can watch this one.
 */
export function renderPrometheusDefaults(spec: PrometheusDefaults): string {
  const args = [
    `--web.listen-address=${spec.address}:${ports.prometheus}`,
    `--storage.tsdb.retention.time=${spec.retentionDays}d`,
    `--storage.tsdb.retention.size=${spec.retentionGb}GB`,
    "--query.max-concurrency=8",
    "--query.timeout=30s",
  ];
  return `ARGS="${args.join(" ")}"\n`;
}

/** /etc/prometheus/blackbox.yml: only what `probes` needs. */
export function renderBlackbox(): string {
  const http = { method: "GET", preferred_ip_protocol: "ip4", follow_redirects: false };
  return stringify({
    modules: {
      https: { prober: "http", timeout: "8s", http: { ...http, fail_if_not_ssl: true } },
      http: { prober: "http", timeout: "8s", http: { ...http, valid_status_codes: [200, 301, 302, 307, 308] } },
    },
  });
}
