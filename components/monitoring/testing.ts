import type { DebianFile } from "../../lab/debian/run.ts";
import type { Role } from "../host/role.ts";
import { fillSecrets, secretNames } from "../host/secret-token.ts";
import { planNetwork } from "../network/plan.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { tlsPaths } from "../pki/paths.ts";
import { testAuthority } from "../pki/testing.ts";
import { ports } from "../ports.ts";
import type { Receiver } from "./alertmanager.ts";
import type { MonitoringSpec } from "./roles.ts";
import type { MonitoredHost } from "./topology.ts";

/** For tests only: a stack with everything in it. */
const plan = planNetwork("10.0.0.0/16");
const location = "fsn1";
const node = { job: "node", port: ports.nodeExporter };

const data = (role: "postgres" | "redis", scrape: MonitoredHost["scrape"]): MonitoredHost[] =>
  [1, 2, 3].map((n) => ({
    name: `shop-${role}-${location}-${n}`,
    role,
    location,
    address: plan.address(role, location, n),
    scrape: [node, ...scrape],
  }));

export const appHost: MonitoredHost = {
  name: "shop-app-fsn1-1",
  role: "app",
  location,
  address: undefined,
  scrape: [
    node,
    { job: "app", port: 9180 },
    { job: "nginx", port: ports.nginxExporter },
    { job: "haproxy", port: ports.haproxyMetrics },
    { job: "pgbouncer", port: ports.pgbouncerExporter },
    { job: "workload", port: 9181, path: "/internal/metrics" },
  ],
};

export const testHosts: readonly MonitoredHost[] = [
  appHost,
  { ...appHost, name: "shop-app-fsn1-2" },
  ...data("postgres", [
    { job: "patroni", port: ports.patroni },
    { job: "etcd", port: 2381 },
    { job: "postgres", port: ports.postgresExporter },
    { job: "pgbackrest", port: ports.pgbackrestExporter },
  ]),
  ...data("redis", [
    { job: "redis", port: ports.redisExporter },
    { job: "redis", port: 9122 },
    { job: "redis-sentinel", port: 9123 },
  ]),
];

export const testReceivers: readonly Receiver[] = [
  {
    kind: "webhook",
    name: "on-call",
    url: "https://alerts.example.eu:8443/in",
    hasToken: true,
    severities: ["critical"],
  },
  { kind: "webhook", name: "heartbeat", url: "http://beat.example.eu/shop", heartbeat: true },
  {
    kind: "email",
    name: "team",
    to: "ops@example.eu",
    from: "shop@example.eu",
    smarthost: "mail.example.eu:587",
    username: "shop",
  },
];

export const testMonitoring: MonitoringSpec = {
  stack: "shop",
  name: "shop-monitoring-fsn1-1",
  location,
  address: plan.address("monitoring", location, 1),
  hosts: testHosts,
  plan,
  probes: ["https://shop.example.eu/healthz"],
  retentionDays: 30,
  storageGb: 40,
  receivers: testReceivers,
  watchedFrom: "redis",
  grafanaImage: undefined,
  minAppServers: 2,
  queueMetric: undefined,
  postgres: { members: 3, zeroLoss: true, backupMaxAgeHours: 26 },
  redis: { nodes: 3 },
};

export const grafanaImage = `registry.example.eu/grafana@sha256:${"a".repeat(64)}`;

/** Every secret's value is made from its name. */
export function fillTestSecrets(text: string): string {
  return fillSecrets(
    text,
    Object.fromEntries(secretNames(text).map((name) => [name, name.replaceAll(/[^a-z0-9]/g, "")])),
  );
}

/** Certificate files of a machine, readable by everybody, which the real ones are not. */
export async function tlsFiles(name: string, address: string, authority = testAuthority) {
  const ca = await createAuthority(authority);
  const leaf = await createLeaf(authority, { commonName: name, dnsNames: [name], ipAddresses: [address] });
  return {
    [tlsPaths.ca]: ca.certificate,
    [tlsPaths.certificate]: leaf.certificate,
    [tlsPaths.key]: leaf.privateKey,
    [tlsPaths.bundle]: leaf.certificate + leaf.privateKey,
  };
}

/** Files and units of roles as the machine would have them. */
export function roleFiles(roles: readonly Role[]): Record<string, DebianFile> {
  const files = roles.flatMap((role) => [
    ...role.files,
    ...role.units.flatMap((unit) => [
      ...(unit.content === undefined ? [] : [{ path: `/etc/systemd/system/${unit.name}`, content: unit.content }]),
      ...(unit.dropIn === undefined
        ? []
        : [{ path: `/etc/systemd/system/${unit.name}.d/sovereign.conf`, content: unit.dropIn }]),
    ]),
  ]);
  return Object.fromEntries(
    files.map((file) => [
      file.path,
      {
        content: fillTestSecrets(file.content),
        ...("mode" in file && file.mode ? { mode: file.mode } : {}),
        ...("owner" in file && file.owner ? { owner: file.owner } : {}),
      },
    ]),
  );
}
