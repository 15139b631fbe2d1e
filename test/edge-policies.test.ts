/** The project's own edge sites, judged by the project's own policies. */
import { beforeAll, describe, expect, it } from "vitest";
import { Edge } from "../components/edge/edge.ts";
import { testCore, testEdge, testPair } from "../components/edge/testing.ts";
import { type PlannedResource, planWithoutProvider } from "../components/nothing-exists.ts";
import { type Properties, Secret, type Value } from "../graph/model.ts";
import { loadCatalogue } from "../policies/catalogue/load.ts";
import { graph, resource } from "../policies/core/testing.ts";
import { extract } from "../policies/endpoints/index.ts";
import { evaluate, operationsRules, parseSettings, sovereigntyRules } from "../policies/index.ts";

const TODAY = "2026-11-22";
const catalogue = loadCatalogue({ today: TODAY });
/** What the engine wraps secrets in. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

function asValue(given: unknown): Value {
  if (given === undefined || given === null) return null;
  if (Array.isArray(given)) return given.map(asValue);
  if (typeof given !== "object") return given as Value;
  if (SIGNATURE in given) return new Secret(asValue((given as unknown as { value: unknown }).value));
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, asValue(value)]));
}

let planned: PlannedResource[];
beforeAll(async () => {
  planned = await planWithoutProvider("shop", "shop");
  const { certificate, privateKey } = await testPair(testEdge);
  new Edge("shop-edge", {
    stack: "shop",
    origin: { domain: testCore, tls: true },
    adminCidrs: ["203.0.113.0/24"],
    sshKeys: [{ name: "edge", publicKey: `ssh-ed25519 ${"A".repeat(68)} edge` }],
    dns: { zone: "example.eu", domain: "example.eu" },
    labels: { stack: "shop" },
    sites: [
      {
        kind: "static-cache",
        location: "ash",
        domain: testEdge,
        classes: ["public", "static"],
        certificate: { certificate, privateKey },
        servers: 2,
        serverType: "ccx13",
        paths: [{ path: "/assets/", class: "static" }],
      },
      {
        kind: "dev-tools",
        location: "sin",
        domain: "tools.example.eu",
        classes: ["telemetry-free-tooling"],
        certificate: "none",
        serverType: "ccx13",
        workload: { kind: "service", packages: ["python3"], command: ["/usr/bin/python3", "-m", "http.server"] },
      },
    ],
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
});

function findings(settings: object) {
  const resources = planned.map(({ type, name, inputs }) =>
    resource({ type, name, custom: type.startsWith("hcloud:"), inputs: asValue(inputs) as Properties }),
  );
  const deployment = graph(resources, { backend: "file:///srv/state", secretsProvider: { type: "passphrase" } });
  return evaluate(deployment, catalogue, parseSettings({ ownDomains: ["example.eu"], ...settings }), {
    rules: [...sovereigntyRules, ...operationsRules],
    extract,
    today: TODAY,
  }).findings.map(({ severity, rule, resource }) => `${severity} ${rule} ${resource.name}`);
}

const servers = ["shop-tools-sin-1", "shop-edge-ash-1", "shop-edge-ash-2"];

describe("edge sites outside the EU", () => {
  it("are noted, and nothing else, where the settings name their classes", () => {
    expect(findings({ flexibleClasses: ["public", "static", "telemetry-free-tooling"] })).toEqual(
      servers.map((name) => `notice sovereignty/location ${name}`),
    );
  });

  it("are refused where they do not", () => {
    expect(findings({})).toEqual(servers.map((name) => `refuse sovereignty/location ${name}`));
  });
});
