import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { watchFiles } from "../components/monitoring/watch.ts";
import { type PlannedResource, planWithoutProvider } from "../components/nothing-exists.ts";
import { parseStackConfig } from "./config/parse.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import { placesOf } from "./places.ts";

const minimal = {
  topology: "multi-region-eu",
  domain: "shop.example.eu",
  admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
  app: { servers: 1, workload: { kind: "service", command: ["/usr/bin/shop"] } },
  redis: { nodes: 1 },
  monitoring: { receivers: [{ kind: "webhook", url: "https://alerts.example.eu/hook" }] },
  loadBalancer: { certificate: { kind: "none" } },
  postgres: { backup: false },
};
const parse = (changes: object) => {
  const parsed = parseStackConfig({ ...minimal, ...changes });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
};
const problems = (changes: object) => {
  const parsed = parseStackConfig({ ...minimal, ...changes });
  return parsed.ok ? [] : parsed.problems;
};

describe("where a stack stands", () => {
  it("is one location, or a list that begins with the primary's", () => {
    const places = (changes: object) => placesOf(parse(changes));
    expect(places({ topology: "single-region" })).toMatchObject({ serving: ["fsn1"], nodes: { fsn1: 3 } });
    expect(places({})).toMatchObject({ primary: "fsn1", nodes: { fsn1: 1, nbg1: 1, hel1: 1 }, witness: undefined });
    expect(places({ locations: ["nbg1", "hel1"] })).toMatchObject({ nodes: { nbg1: 1, hel1: 1 }, witness: "fsn1" });
    expect(places({ postgres: { nodes: 3, backup: false } })).toMatchObject({ nodes: { fsn1: 3, nbg1: 1, hel1: 1 } });
    const back = { topology: "single-region", retained: ["nbg1", "hel1"] };
    expect(places(back)).toMatchObject({ serving: ["fsn1"], nodes: { fsn1: 1, nbg1: 1, hel1: 1 } });
  });

  it.each([
    [{ location: "fsn1" }, "location: fsn1 is for single-region"],
    [{ topology: "single-region", locations: ["fsn1"] }, "is for multi-region-eu and hybrid"],
    [{ locations: ["fsn1"] }, "is one location: name two or three"],
    [{ locations: ["fsn1", "fsn1"] }, "names one twice"],
    [{ locations: ["fsn1", "ash"] }, "locations[1]: ash is in Ashburn"],
    [{ retained: ["nbg1"] }, "retained[0]: nbg1 serves"],
    [{ postgres: { backup: false, nodes: { nbg1: 1 } } }, "has none in fsn1"],
    [
      { locations: ["fsn1", "nbg1"], postgres: { backup: false, nodes: { fsn1: 1, hel1: 1 } } },
      "postgres.nodes.hel1: 1 is for hel1, no location of this stack",
    ],
    [{ dns: { zone: "example.eu", servers: "own", drained: ["fsn1", "nbg1", "hel1"] } }, "dns.drained"],
    [
      { dns: { zone: "example.eu", servers: "own" }, loadBalancer: { certificate: { kind: "managed" } } },
      "loadBalancer.certificate.kind: managed is proven",
    ],
    [
      { topology: "single-region", dns: { zone: "example.eu", servers: "own" } },
      "dns.servers: own needs two locations",
    ],
    [
      {
        postgres: { backup: { endpoint: "fsn1.your-objectstorage.com", country: "DE", region: "fsn1", bucket: "abc" } },
      },
      "is in fsn1, the primary location",
    ],
  ])("%j is refused", (changes, message) => {
    expect(problems(changes).join("\n")).toContain(message);
  });
});

describe("multi-region-eu", () => {
  let planned: PlannedResource[];
  let shop: Deployment;
  const of = (type: string) => planned.filter((r) => r.type.startsWith("hcloud:") && r.type.endsWith(`:${type}`));
  beforeAll(async () => {
    planned = await planWithoutProvider("sovereign", "shop");
    shop = createDeployment(parse({ dns: { zone: "example.eu", servers: "own" } }), "shop");
    await vi.waitUntil(() => of("Server").length === 15 && of("VolumeAttachment").length === 9, {
      timeout: 30_000,
      interval: 50,
    });
  }, 40_000);
  afterAll(() => pulumi.runtime.disconnect());

  it("has in each location what serves there, and Postgres with its votes spread", () => {
    const names = of("Server").map(({ name }) => name.replace(/-[0-9a-f]{7}$/, ""));
    const roles = ["postgres", "redis", "monitoring", "gateway", "app"];
    expect(names.sort()).toEqual(
      ["fsn1", "nbg1", "hel1"].flatMap((place) => roles.map((role) => `shop-${role}-${place}-1`)).sort(),
    );
    for (const { inputs, name } of of("Server")) expect(name).toContain(`-${inputs.location}-`);
    expect(
      of("LoadBalancer")
        .map(({ inputs }) => inputs.location)
        .sort(),
    ).toEqual(["fsn1", "hel1", "nbg1"]);
    expect(shop.postgres.spec.etcd.map(({ location }) => location)).toEqual(["fsn1", "nbg1", "hel1"]);
    expect(of("Network")).toHaveLength(1);
  });

  it("has each monitoring host watched from another location, and Postgres by all", () => {
    const watched = shop.hosts.flatMap(({ hostname, machine }) =>
      machine.cloudConfig.files
        .filter(({ path }) => path === watchFiles.settings)
        .map(({ content }) => [hostname, /shop-monitoring-\w+-1/.exec(content)?.[0]]),
    );
    expect(watched).toEqual([
      ["shop-redis-fsn1-1", "shop-monitoring-nbg1-1"],
      ["shop-redis-nbg1-1", "shop-monitoring-hel1-1"],
      ["shop-redis-hel1-1", "shop-monitoring-fsn1-1"],
    ]);
    for (const { host } of shop.monitoring) {
      const text = JSON.stringify(host.machine.cloudConfig.files);
      for (const place of ["fsn1", "nbg1", "hel1"]) expect(text).toContain(`shop-postgres-${place}-1`);
      expect(text).toContain(`shop-redis-${host.location}-1`);
      expect(text.match(/shop-redis-\w+-1/g)?.every((name) => name === `shop-redis-${host.location}-1`)).toBe(true);
    }
  });

  it("leaves machines as they are when a location is added: nothing that they have in their files names it", async () => {
    const files = (deployment: Deployment, name: string) =>
      deployment.hosts.find(({ hostname }) => hostname === name)?.machine.cloudConfig.files;
    const two = createDeployment(parse({ locations: ["fsn1", "nbg1"] }), "grow");
    const three = createDeployment(parse({ locations: ["fsn1", "nbg1", "hel1"] }), "grow");
    await pulumi.runtime.disconnect();
    expect(files(three, "grow-redis-fsn1-1")).toEqual(files(two, "grow-redis-fsn1-1"));
    expect(files(three, "grow-redis-fsn1-1")).toBeDefined();
  }, 30_000);
});
