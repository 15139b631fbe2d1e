/** The policy packs in the real engine: on this project's own stack, and on programs of other clouds. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { check } from "../../cli/check/check.ts";
import { previewStream, runSettings } from "../../cli/preview/stream.ts";
import { configFolder, projectRoot } from "../../cli/project.ts";
import type { PolicyEvent } from "../../graph/events.ts";
import { Deployment } from "../checks/deployment.ts";
import { type Config, LONG, World } from "./harness.ts";

const PACKS = ["sovereignty", "operations"] as const;

/** A configuration as it is published. */
function published(topology: string): Config {
  const { config } = parse(readFileSync(join(configFolder, `Pulumi.${topology}.yaml`), "utf8"));
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("sovereign:", ""), value]));
}

describe("the project's own stacks", { timeout: LONG }, () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  }, LONG);
  afterAll(() => world?.close(), LONG);

  /** One preview for both doors: the packs are asked in it, and `sovereign check` judges its stream. */
  async function judged(config: Config, settings: object = {}) {
    world.configure(config);
    const file = (name: string, content: object) => {
      const path = join(world.folder, name);
      writeFileSync(path, JSON.stringify(content));
      return path;
    };
    const args = PACKS.flatMap((pack) => [
      ...["--policy-pack", join(projectRoot, "policies", pack)],
      ...["--policy-pack-config", file(`${pack}.json`, { [pack]: { settings } })],
    ]);
    const { env, cwd, stack } = world.context;
    const stream = await previewStream({ stack, cwd, env, args: [...args, "--config-file", world.configFile] });
    // As `sovereign check --stack` does: the stream does not say where the state is kept.
    const graph = { ...stream.graph, settings: { ...stream.graph.settings, ...(await runSettings(stack, cwd, env)) } };
    const { verdict, evaluation } = check(graph, {
      pack: PACKS,
      folder: projectRoot,
      settings: file("settings.yaml", settings),
    });
    return { ...stream, verdict, findings: evaluation.findings };
  }

  const bySubject = ({ policyEvents, findings }: Awaited<ReturnType<typeof judged>>) => ({
    packs: policyEvents.map(
      ({ level, urn, message }) => `${level} ${urn?.split("::").at(-1)}: ${message.split("\n")[1]}`,
    ),
    check: findings.map(({ severity, rule, resource, message }) => `${severity} ${rule} ${resource.name}: ${message}`),
  });

  /** Name servers of the stack's own answer for its domain: the one thing that only its owner can say. */
  const ownDomains = ["shop.example.eu"];

  /** The packs see that the entrance's address comes from a resource of the same deployment; a stream does not tell. */
  const records = ["A", "AAAA"].map((type) =>
    expect.stringMatching(`^warn sovereignty/unseen e2e-dns-shop-${type}: .*known only after the deployment`),
  );

  it.each([
    { topology: "single-region", settings: {}, check: records },
    { topology: "multi-region-eu", settings: { ownDomains }, check: [] },
  ])("$topology passes both packs, with no exemption and nothing to say", async ({ topology, settings, check }) => {
    const outcome = await judged(published(topology), settings);
    const said = bySubject(outcome);
    expect({ ...said, check: said.check.sort() }).toEqual({ packs: [], check });
    expect(outcome.summary.succeeded).toBe(true);
    expect(Object.keys(outcome.summary.policyPacks).sort()).toEqual([...PACKS].sort());
    expect(outcome.verdict.word).toBe("passes");
  });

  it("hybrid passes both: its edge site is noted, and what a stream cannot show of it is said", async () => {
    const flexible = ["public", "static", "telemetry-free-tooling"];
    const outcome = await judged(published("hybrid"), { ownDomains, flexibleClasses: flexible });
    const outside = "Hetzner Cloud ash (Ashburn, VA, United States) is outside the EU. All that it states to hold";
    expect(bySubject(outcome)).toEqual({
      packs: [expect.stringContaining(`advisory e2e-edge-ash-1: ${outside}`)],
      check: [
        expect.stringMatching(/^warn sovereignty\/boundary e2e-edge-ash-1: /),
        expect.stringMatching(/^warn sovereignty\/boundary e2e-edge-ash-1: /),
        expect.stringContaining(`notice sovereignty/location e2e-edge-ash-1: ${outside}`),
      ],
    });
    expect(outcome.findings.slice(0, 2).map((finding) => finding.outcome)).toEqual([
      "not-established",
      "not-established",
    ]);
    expect(outcome.summary.succeeded).toBe(true);
    expect(outcome.verdict.word).toBe("passes");
  });

  it("is refused with a leak in the workload's environment: it stands in the user data of each app server", async () => {
    const config = published("single-region") as { app: { servers: number; workload: object } };
    const environment = { SENTRY_DSN: "https://0123456789abcdef@o42.ingest.us.sentry.io/7" };
    const workload = { ...config.app.workload, environment };
    const { summary, policyEvents } = await judged({ ...config, app: { ...config.app, workload } });
    expect(summary.succeeded).toBe(false);
    const refused = policyEvents.filter(({ level }) => level === "mandatory");
    expect(refused).toHaveLength(config.app.servers);
    for (const { message } of refused) {
      expect(message).toContain(
        "o42.ingest.us.sentry.io (error tracking) belongs to Functional Software, Inc. (Sentry) (US)",
      );
      expect(message).toMatch(/\[userData > .*\] \(sovereignty\/endpoints\)/);
      expect(message).not.toContain("0123456789abcdef");
    }
  });
});

describe("programs of other clouds", { timeout: LONG }, () => {
  let deployment: Deployment | undefined;
  const open = async (name: string) => {
    deployment = await Deployment.open(join(import.meta.dirname, "../checks/programs", `${name}.yaml`));
    return deployment;
  };
  afterEach(() => deployment?.close());

  /** `web: what is wrong [where] (rule)`; the SDK puts the policy's description before each message. */
  const told = (events: readonly PolicyEvent[], wanted: string) =>
    events
      .filter(({ level }) => level === wanted)
      .map(({ urn, message }) => `${urn?.split("::").at(-1)}: ${message.split("\n").slice(1).join("\n")}`);

  it("AWS: places, owners, encoded user data, and what stands in a secret", async () => {
    const { policyEvents, summary } = await (await open("aws")).preview({ sovereignty: {}, operations: {} });
    expect(summary.succeeded).toBe(false);
    const refused = told(policyEvents, "mandatory");
    for (const expected of [
      /^logs: Amazon Web Services us-east-1 .* is outside the EU/,
      /^orders: Amazon Web Services, Inc\. \(owned by Amazon\.com, Inc\., US\) provides it/,
      /^orders: orders is on the internet/,
      /^web: install\.datadoghq\.com .*\[userDataBase64 > base64 > line 2\]/,
      /^orders-worker: o42\.ingest\.us\.sentry\.io .*\[environment\.variables\.REPORT_TO\]/,
    ])
      expect(refused).toContainEqual(expect.stringMatching(expected));
    expect(new Set(refused).size).toBe(refused.length);
  });

  it("Scaleway: severities and exemptions of the project make a preview pass, and say so", async () => {
    const scaleway = await open("scaleway");
    const exemption = (subject: string) => ({
      rule: "sovereignty/endpoints",
      resource: "web",
      subject,
      justification: "Until our own mirror is up",
      owner: "platform team",
      approvedBy: "data protection officer",
      expiresAt: "2999-12-31",
    });
    const file = join(scaleway.folder, "exemptions.yaml");
    writeFileSync(file, JSON.stringify({ exemptions: [exemption("8.8.8.8"), exemption("get.docker.com")] }));
    const settings = { severities: { "sovereignty/location": "warn" } };
    const { policyEvents, summary } = await scaleway.preview({ sovereignty: { settings }, operations: {} });
    expect(told(policyEvents, "mandatory")).toEqual([]);
    expect(summary.succeeded).toBe(true);
    const advice = told(policyEvents, "advisory");
    expect(advice).toContainEqual(expect.stringMatching(/^next: Scaleway us-nyc-1 is not in the catalogue/));
    expect(
      advice.filter((text) => /^web: .*\n[\s\S]*Exempted until 2999-12-31 by data protection officer/.test(text)),
    ).toHaveLength(2);
  });

  it("settings that are wrong stop the preview: a pack without them would judge by others", async () => {
    const scaleway = await open("scaleway");
    const settings = { severities: { "sovereignty/location": "off" } };
    const { summary, graph, diagnostics } = await scaleway.preview({ sovereignty: { settings } });
    expect(summary.succeeded).toBe(false);
    expect(graph.resources).toEqual([]);
    const [said] = diagnostics;
    expect(said?.message).toContain("--policy-pack-config: settings: severities.sovereignty/location: Invalid option");
    expect(said?.message).not.toMatch(/\n\s+at /);
  });

  it("Hetzner Cloud in Pulumi YAML, with the vendor's language host and the real provider", async () => {
    const program = (location: string, host: string) => `name: shop
runtime: yaml
resources:
  web:
    type: hcloud:Server
    properties:
      serverType: cpx22
      image: debian-13
      location: ${location}
      userData: |
        #cloud-config
        runcmd: [curl https://${host}/7]
`;
    const env = { HCLOUD_TOKEN: "t".repeat(64), HCLOUD_ENDPOINT: "http://127.0.0.1:9/v1" };
    deployment = await Deployment.openYaml(program("ash", "o42.ingest.us.sentry.io"), env);
    const bad = await deployment.preview({ sovereignty: {}, operations: {} });
    expect(bad.summary.succeeded).toBe(false);
    expect(told(bad.policyEvents, "mandatory")).toEqual([
      expect.stringMatching(/^web: Hetzner Cloud ash .* is outside the EU/),
      expect.stringMatching(/^web: o42\.ingest\.us\.sentry\.io .*\[userData > .*runcmd\[0\]\]/),
    ]);
    writeFileSync(join(deployment.folder, "Pulumi.yaml"), program("fsn1", "mirror.internal"));
    const good = await deployment.preview({ sovereignty: {}, operations: {} });
    expect(told(good.policyEvents, "mandatory")).toEqual([]);
    expect(good.summary.succeeded).toBe(true);
  });
});
