import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Finding } from "../core/types.ts";
import { type PackConfig, PackRun } from "./run.ts";

let folder: string;
let config: PackConfig;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-pack-"));
  config = { folder };
});
afterEach(() => rmSync(folder, { recursive: true }));

const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;

/** A resource as the SDK hands it to a policy. */
function asked(type: string, name: string, props: Record<string, unknown> = {}): ResourceValidationArgs {
  const isStack = type === "pulumi:pulumi:Stack";
  return {
    type,
    name,
    urn: urn(type, name),
    props,
    opts: { protect: true, aliases: [] },
    ...(!isStack && { provider: { type: "pulumi:providers:hcloud", name: "default", urn: "p", props: {} } }),
  } as unknown as ResourceValidationArgs;
}

const root = () => asked("pulumi:pulumi:Stack", "shop-dev");
const server = (name: string, props: Record<string, unknown> = {}) =>
  asked("hcloud:index/server:Server", name, { serverType: "cpx22", image: "debian-13", location: "fsn1", ...props });

/** As the engine does: both policies of the pack ask about each resource. */
function twice(run: PackRun, args: ResourceValidationArgs): readonly string[] {
  const first = run.resource(args, config);
  expect(run.resource(args, config)).toBe(first);
  return first.map(({ rule, subject }) => `${rule} ${subject?.host ?? subject?.address ?? subject?.region}`);
}

const ofStack = (run: PackRun, resources: readonly PolicyResource[] = []) =>
  run.stack(resources).map(({ rule, resource }) => `${rule} ${resource.name}`);

test("each finding is given to both policies of the pack, and worked out once", () => {
  const run = new PackRun("sovereignty");
  expect(twice(run, root())).toEqual([]);
  expect(twice(run, server("web", { location: "ash" }))).toEqual(["sovereignty/location ash"]);
  expect(twice(run, server("db"))).toEqual([]);
});

test("a resource that is asked about again later is judged anew, in the place that it had", () => {
  const run = new PackRun("sovereignty");
  twice(run, root());
  expect(twice(run, server("web", { location: "ash" }))).toHaveLength(1);
  expect(twice(run, server("db"))).toEqual([]);
  expect(twice(run, server("web"))).toEqual([]);
});

test("the stack's root begins a new run: an update does not see what the preview saw", () => {
  writeFileSync(
    join(folder, "exemptions.yaml"),
    JSON.stringify({
      exemptions: [
        {
          rule: "sovereignty/location",
          resource: "web",
          justification: "until the move in spring",
          owner: "platform team",
          approvedBy: "the board",
          expiresAt: "2999-12-31",
        },
      ],
    }),
  );
  const run = new PackRun("sovereignty");
  twice(run, root());
  twice(run, server("web", { location: "ash" }));
  expect(ofStack(run)).not.toContainEqual(expect.stringContaining("exemption"));
  twice(run, root());
  twice(run, server("web"));
  expect(ofStack(run)).toContain("sovereignty/exemptions exemption 1");
});

test("what takes the whole deployment to see is told at the end, with the dependencies that are known by then", () => {
  const run = new PackRun("sovereignty");
  const orders = asked("hcloud:index/volume:Volume", "orders", {
    location: "fsn1",
    size: 10,
    labels: { "data-class": "personal" },
  });
  const web = server("web", { userData: "#!/bin/sh\ncurl https://o42.ingest.us.sentry.io/7\n" });
  for (const args of [root(), orders, web]) twice(run, args);
  const linked = [{ urn: web.urn, dependencies: [{ urn: orders.urn }], propertyDependencies: {} }];
  const paths = (found: readonly string[]) => found.filter((line) => line.startsWith("sovereignty/data-classes"));
  expect(paths(ofStack(run))).toEqual([]);
  expect(paths(ofStack(run, linked as unknown as PolicyResource[]))).toHaveLength(1);
});

test("a host of the company that the deployment stands on is no third party, though the component that names it comes first", () => {
  const named = ["ntp1.hetzner.de", "cdn.leaseweb.com", "fra1.scw.cloud", "o42.ingest.us.sentry.io"];
  const component = () => {
    const { provider, ...host } = asked("shop:index:Host", "web", {
      userData: `#!/bin/sh\n${named.map((host) => `curl https://${host}/\n`).join("")}`,
    });
    return host as ResourceValidationArgs;
  };
  const hosts = (found: readonly Finding[]) => found.map(({ subject }) => subject?.host).filter(Boolean);
  const run = new PackRun("sovereignty");
  twice(run, root());
  // What no later resource can change is refused at once, before anything is made.
  expect(hosts(run.resource(component(), config))).toEqual(["cdn.leaseweb.com", "o42.ingest.us.sentry.io"]);
  run.resource(component(), config);
  expect(hosts(run.stack([]))).toEqual(["ntp1.hetzner.de", "fra1.scw.cloud"]);
  twice(run, server("web"));
  expect(hosts(run.stack([]))).toEqual(["fra1.scw.cloud"]);
});

test("secrets are seen in clear; what only the update will know is said not to be seen", () => {
  const run = new PackRun("sovereignty");
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  twice(run, root());
  expect(twice(run, server("web", { userData: "#!/bin/sh\ncurl https://o42.ingest.us.sentry.io/7\n" }))).toEqual([
    "sovereignty/endpoints o42.ingest.us.sentry.io",
  ]);
  twice(run, server("later", { userData: unknown }));
  expect(ofStack(run).filter((line) => line.startsWith("sovereignty/unseen"))).toEqual(["sovereignty/unseen later"]);
});

test("files that are wrong stop it, without a stack of calls", () => {
  writeFileSync(join(folder, "policy-settings.yaml"), "eea: perhaps\n");
  const run = new PackRun("sovereignty");
  try {
    run.resource(root(), config);
    expect.unreachable();
  } catch (error) {
    expect((error as Error).message).toContain("policy-settings.yaml: eea: Invalid option");
    expect((error as Error).stack).toBe((error as Error).message);
  }
});

test("a pack that was asked about nothing has nothing to say", () => {
  expect(new PackRun("operations").stack([])).toEqual([]);
});
