import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { limits } from "../../catalogue/hetzner/limits.ts";
import { composeMachine } from "../host/machine.ts";
import { encodeUserData, renderCloudConfig, userDataProblem } from "../host/user-data.ts";
import { agentsRole } from "./agents.ts";
import { renderDiscovery } from "./discovery.ts";
import { renderPrometheus } from "./prometheus.ts";
import { divideStorage, type MonitoringSpec, monitoredTopology, monitoringRoles } from "./roles.ts";
import { appHost, grafanaImage, testHosts, testMonitoring } from "./testing.ts";

const compose = (spec: MonitoringSpec) =>
  composeMachine({
    hostname: spec.name,
    roles: [agentsRole({}), ...monitoringRoles(spec)],
    privateRange: "10.0.0.0/16",
    privateAddress: `${spec.address}/32`,
    ranges: (role) => [spec.plan.subnet(role, spec.location)],
  });

const file = (spec: MonitoringSpec, path: string) =>
  monitoringRoles(spec)
    .flatMap((role) => role.files)
    .find((f) => f.path === path)?.content;

describe("targets", () => {
  const topology = monitoredTopology(testMonitoring);
  const config = parse(
    renderPrometheus({ stack: "shop", location: "fsn1", topology, probes: testMonitoring.probes }),
  ) as { scrape_configs: { job_name: string; static_configs?: { targets: string[]; labels: object }[] }[] };

  test("prometheus.yml", () => {
    expect(file(testMonitoring, "/etc/prometheus/prometheus.yml")).toMatchSnapshot();
  });

  test("each scrape target of each planned host is there once, with host, role and location", () => {
    const expected = [...topology.planned].flatMap((host) =>
      host.scrape.map((target) => [target.job, `${host.address}:${target.port}`, host.name, host.role, host.location]),
    );
    const got = config.scrape_configs
      .filter((job) => job.job_name !== "probe")
      .flatMap((job) =>
        (job.static_configs ?? []).flatMap((group) => {
          const { host, role, location } = group.labels as Record<string, string>;
          return group.targets.map((target) => [job.job_name, target, host, role, location]);
        }),
      );
    expect(got.map(String).sort()).toEqual(expected.map(String).sort());
    expect(got.length).toBeGreaterThan(20);
  });

  test("the number of app servers changes nothing", () => {
    const more = { ...testMonitoring, hosts: [...testHosts, { ...appHost, name: "shop-app-fsn1-3" }] };
    expect(monitoringRoles(more)).toEqual(monitoringRoles(testMonitoring));
  });

  test("what to look for in the app subnet", () => {
    expect(JSON.parse(renderDiscovery(topology.discovered))).toMatchSnapshot();
  });

  test("nothing is discovered where all addresses are planned", () => {
    const roles = monitoringRoles({ ...testMonitoring, hosts: testHosts.filter((host) => host.address) });
    expect(roles.flatMap((role) => role.units).some((unit) => unit.name.includes("discovery"))).toBe(false);
  });
});

describe("the machine", () => {
  test("without Grafana nothing but receivers and probes is reached outside", () => {
    const egress = monitoringRoles(testMonitoring).flatMap((role) => role.egress ?? []);
    expect(egress.map((need) => `${need.host}:${need.port}`)).toEqual([
      "alerts.example.eu:8443",
      "beat.example.eu:80",
      "mail.example.eu:587",
      "shop.example.eu:443",
    ]);
    const silent = monitoringRoles({ ...testMonitoring, receivers: [], probes: [] });
    expect(silent.flatMap((role) => role.egress ?? [])).toEqual([]);
  });

  test("the roles fit together, with Grafana too, and secrets are not readable by everybody", () => {
    const machine = compose({ ...testMonitoring, grafanaImage });
    expect(machine.dataGb).toBe(40);
    expect(machine.scrape.map((target) => target.job)).toEqual(["node", "prometheus", "alertmanager"]);
    expect(machine.openings.find((opening) => opening.port === 19532)?.from).toContain("redis");
  });

  test.each([
    ["as in the example", testMonitoring, 0.8],
    ["with Grafana", { ...testMonitoring, grafanaImage }, 0.95],
    [
      "with 60 planned hosts and 20 receivers",
      {
        ...testMonitoring,
        hosts: [
          appHost,
          ...Array.from({ length: 60 }, (_, i) => ({ ...testHosts[2]!, name: `db-${i}`, address: `10.0.2.${i + 4}` })),
        ],
        receivers: Array.from({ length: 20 }, (_, i) => ({ ...testMonitoring.receivers[0]!, name: `r-${i}` })),
      },
      0.95,
    ],
  ])("user data fits: %s", (_, spec, share) => {
    const { cloudConfig } = compose(spec);
    expect(userDataProblem(cloudConfig)).toBeUndefined();
    expect(encodeUserData(renderCloudConfig(cloudConfig)).length).toBeLessThan(limits.userDataBytes * share);
  });

  test("the volume is divided without a rest", () => {
    for (const gb of [10, 11, 40, 999]) {
      const { metrics, alerts, journals } = divideStorage(gb);
      expect(metrics + alerts + journals).toBe(gb);
      expect(Math.min(metrics, alerts, journals)).toBeGreaterThanOrEqual(1);
    }
  });
});
