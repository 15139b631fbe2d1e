/** What `check` says of other clouds' resources, through every door: see README.md for how the fixtures came about. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { check } from "../../cli/check/check.ts";
import type { Graph } from "../../graph/model.ts";
import { readGraph } from "../../graph/read.ts";

const today = "2026-11-22";
const fixture = (name: string) => join(import.meta.dirname, "fixtures", name);
const program = (name: string) => join(import.meta.dirname, "programs", `${name}.yaml`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-checks-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `logs: sovereignty/location us-east-1`, sorted; what has no subject is named by its property. */
function refusals(graph: Graph): string[] {
  const { findings } = check(graph, { pack: ["sovereignty", "operations"], today, folder }).evaluation;
  return findings
    .filter(({ severity }) => severity === "refuse")
    .map(({ resource, rule, subject, property = "" }) => {
      const about = subject?.host ?? subject?.address ?? subject?.region ?? subject?.vendor ?? property;
      return `${resource.name}: ${rule} ${about}`.trim();
    })
    .sort();
}

const AMAZON = "sovereignty/owner Amazon Web Services, Inc.";
const MICROSOFT = "sovereignty/owner Microsoft Azure";
const GOOGLE = "sovereignty/owner Google Cloud";

interface Expected {
  /** Everything that refuses, whoever looks. */
  readonly refused: readonly string[];
  /** What only who sees secrets can tell. */
  readonly inSecrets?: readonly string[];
  /** Properties that a stream and a state do not show. */
  readonly unseen?: readonly string[];
  /** The engine's own provider resource, which only a state has. */
  readonly byDefault?: readonly string[];
}

const clouds: Readonly<Record<string, Expected>> = {
  aws: {
    refused: [
      "logs: operations/protection",
      "logs: sovereignty/data-classes",
      "logs: sovereignty/location us-east-1",
      `logs: ${AMAZON}`,
      "orders: operations/public-database publiclyAccessible",
      `orders-worker: ${AMAZON}`,
      `orders: ${AMAZON}`,
      "web: sovereignty/endpoints datadoghq.eu",
      "web: sovereignty/endpoints install.datadoghq.com",
      `web: ${AMAZON}`,
    ],
    inSecrets: ["orders-worker: sovereignty/endpoints o42.ingest.us.sentry.io"],
    unseen: ["orders-worker environment.variables.REPORT_TO"],
    byDefault: [`default: ${AMAZON}`],
  },
  azure: {
    refused: [
      "cdn: sovereignty/location global",
      `cdn: ${MICROSOFT}`,
      "keys: sovereignty/location switzerlandnorth",
      `keys: ${MICROSOFT}`,
      `orders: ${MICROSOFT}`,
      "replica: sovereignty/location eastus2",
      `replica: ${MICROSOFT}`,
      "web: sovereignty/endpoints eastus-8.in.applicationinsights.azure.com",
      `web: ${MICROSOFT}`,
    ],
    byDefault: [`default: ${MICROSOFT}`],
  },
  google: {
    refused: [
      "media: sovereignty/location US",
      `media: ${GOOGLE}`,
      "orders: operations/public-database settings.ipConfiguration.authorizedNetworks[0].value",
      `orders: ${GOOGLE}`,
      "web: sovereignty/endpoints gcr.io",
      "web: sovereignty/location europe-west2",
      `web: ${GOOGLE}`,
    ],
    byDefault: [`default: ${GOOGLE}`],
  },
  scaleway: {
    refused: [
      "next: sovereignty/location us-nyc-1",
      "web: sovereignty/endpoints 8.8.8.8",
      "web: sovereignty/endpoints get.docker.com",
    ],
  },
  ovh: {
    refused: [
      "edge: sovereignty/location EU-WEST-LZ-ZRH-A",
      "orders: sovereignty/location BHS",
      "orders: sovereignty/location BHS",
    ],
  },
  kubernetes: {
    refused: [
      "ingress: sovereignty/endpoints kubernetes.github.io",
      "settings: sovereignty/endpoints www.google-analytics.com",
      "web: sovereignty/endpoints docker.io",
      "web: sovereignty/location us-east-1",
    ],
    inSecrets: ["mail: sovereignty/endpoints smtp.sendgrid.net"],
    unseen: ["mail stringData.url"],
  },
};

function unseen(graph: Graph): string[] {
  const { findings } = check(graph, { pack: ["sovereignty"], today, folder }).evaluation;
  return findings
    .filter(({ rule, outcome }) => rule === "sovereignty/unseen" && outcome === "not-established")
    .map(({ resource, property }) => `${resource.name} ${property}`);
}

describe.each(Object.entries(clouds))(
  "%s",
  (name, { refused, inSecrets = [], unseen: hidden = [], byDefault = [] }) => {
    it("a YAML program, with its secrets, without an engine", async () => {
      const graph = await readGraph(program(name), "program");
      expect(refusals(graph)).toEqual([...refused, ...inSecrets].sort());
    });

    it("the recorded stream: secrets are said not to be seen", async () => {
      const graph = await readGraph(fixture(`${name}.events.jsonl`), "events");
      expect(refusals(graph)).toEqual([...refused].sort());
      expect(unseen(graph)).toEqual(hidden);
    });

    it("the recorded state: the same, and the engine's own provider", async () => {
      const graph = await readGraph(fixture(`${name}.state.json`), "state");
      expect(refusals(graph)).toEqual([...refused, ...byDefault].sort());
      expect(unseen(graph)).toEqual(hidden);
    });
  },
);

it("manifests: the Kubernetes objects as files", async () => {
  const { resources } = parse(readFileSync(program("kubernetes"), "utf8"));
  const { web, settings, mail } = resources;
  mail.properties.stringData = { url: mail.properties.stringData.url["fn::secret"] };
  const path = join(folder, "objects.yaml");
  writeFileSync(path, [web, settings, mail].map(({ properties }) => stringify(properties)).join("---\n"));
  const { refused, inSecrets = [] } = clouds.kubernetes!;
  const ofObjects = [...refused, ...inSecrets].filter((line) => !line.startsWith("ingress"));
  const graph = await readGraph(path, "manifests");
  expect(refusals(graph).map((line) => line.replace(/^shop\//, ""))).toEqual(ofObjects.sort());
});

it("no secret of a deployment reaches a report", async () => {
  const graph = await readGraph(program("kubernetes"), "program");
  const checked = check(graph, { pack: ["sovereignty", "operations"], today, folder });
  expect(JSON.stringify(checked.evaluation)).not.toContain("hunter2");
});
