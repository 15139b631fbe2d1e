import { describe, expect, it } from "vitest";
import { COMPUTED, HIDDEN, Secret } from "../../graph/model.ts";
import { graphOf, judge, readShop, type Seen } from "./run.ts";
import type { Case, Expectation } from "./schema.ts";

function caseOf(fields: Partial<Case>): Case {
  return { name: "a case", why: "a test", file: "test.yaml", expect: [], ...fields };
}

const refusal: Seen = {
  rule: "sovereignty/endpoints",
  severity: "refuse",
  outcome: "violation",
  resource: { name: "web" },
  property: "userData",
  subject: { host: "api.segment.io" },
  message: "no",
};
const blind: Seen = { ...refusal, rule: "sovereignty/location", severity: "warn", outcome: "not-established" };

describe("graphs of cases", () => {
  it("have hidden, secret and computed values as a reader has them", () => {
    const properties = { a: { $hidden: true }, b: { "fn::secret": "x" }, c: `\${other.id}`, d: [{ $hidden: true }] };
    const [resource] = graphOf(
      caseOf({
        resources: {
          web: { type: "hcloud:index/server:Server", properties },
          other: { type: "hcloud:index/network:Network" },
        },
      }),
    ).resources;
    expect(resource!.inputs).toEqual({ a: HIDDEN, b: new Secret("x"), c: COMPUTED, d: [HIDDEN] });
    expect(resource!.inputs.a).toBe(HIDDEN);
  });

  it("say where state and keys are", () => {
    const run = { backend: "file:///srv", secretsProvider: "awskms://alias/x", config: { "aws:region": "eu-west-1" } };
    const { settings } = graphOf(caseOf({ userData: "x", run }));
    expect(settings).toEqual({
      backend: "file:///srv",
      secretsProvider: { type: "cloud", url: "awskms://alias/x" },
      config: { "aws:region": "eu-west-1" },
    });
  });

  it("keep a machine's text as it was written", () => {
    const userData = `#!/bin/sh\ncurl "https://\${HOST}/$\${x}"\n`;
    expect(graphOf(caseOf({ userData })).resources[0]!.inputs.userData).toBe(userData);
  });

  it("have the objects of manifests by their names", () => {
    const [pod] = graphOf(caseOf({ podSpec: { containers: [] } })).resources;
    expect(pod!.type).toBe("kubernetes:apps/v1:Deployment");
    const expected: Expectation = { rule: "endpoints", resource: "web" };
    const finding = { ...refusal, resource: { name: pod!.name } };
    expect(judge(caseOf({ expect: [expected] }), [finding]).missed).toEqual([]);
  });
});

describe("the judge", () => {
  const missed = (expected: Expectation, findings: Seen[]) =>
    judge(caseOf({ expect: [expected] }), findings).missed.length;

  it.each<[Expectation, Seen]>([
    [{ rule: "endpoints" }, refusal],
    [{ rule: ["location", "endpoints"], resource: ["db", "web"] }, refusal],
    [{ rule: "endpoints", host: "API.Segment.io." }, refusal],
    [{ rule: "endpoints", under: "segment.io", property: "user" }, refusal],
    [
      { rule: "endpoints", host: "segment.io" },
      { ...refusal, subject: { host: "*.segment.io" } },
    ],
    [
      { rule: "endpoints", host: "2001:db8:0:0::1" },
      { ...refusal, subject: { address: "2001:db8::1" } },
    ],
    [
      { rule: "location", region: "us-east-1" },
      { ...blind, subject: { region: "us-east-1a" } },
    ],
    [
      { rule: "location", region: "East US 2" },
      { ...blind, subject: { region: "eastus2" } },
    ],
    [{ rule: "location" }, blind],
    [{ rule: "unseen", outcome: "not-established", severity: "warn" }, blind],
    [
      { rule: "endpoints", severity: "warn" },
      { ...refusal, severity: "warn" },
    ],
  ])("takes %j for met", (expected, finding) => {
    expect(missed(expected, [finding])).toBe(0);
  });

  it.each<[Expectation, Seen]>([
    [{ rule: "owner" }, refusal],
    [{ rule: "endpoints", resource: "eb" }, refusal],
    [{ rule: "endpoints", host: "segment.io" }, refusal],
    [{ rule: "endpoints", under: "egment.io" }, refusal],
    [{ rule: "endpoints", property: "data" }, refusal],
    [{ rule: "endpoints", outcome: "not-established" }, refusal],
    [{ rule: "endpoints", severity: "warn" }, refusal],
    [{ rule: "endpoints" }, { ...refusal, severity: "warn" }],
    [{ rule: "location", region: "us-east-1" }, blind],
    [
      { rule: "location", region: "us" },
      { ...blind, subject: {}, message: "It must be used." },
    ],
    [{ rule: "location" }, { ...blind, severity: "notice" }],
    [{ rule: "unseen" }, refusal],
  ])("takes %j for missed", (expected, finding) => {
    expect(missed(expected, [finding])).toBe(1);
  });

  it("counts what refuses or warns on a harmless case, and no notice", () => {
    expect(judge(caseOf({}), [refusal, blind, { ...blind, severity: "notice" }]).alarms).toEqual([refusal, blind]);
    expect(judge(caseOf({ expect: [{ rule: "owner" }] }), [refusal]).alarms).toEqual([]);
  });
});

it("the shop owns and approves something", () => {
  expect(readShop().settings.ownDomains).toContain("hansa-shop.eu");
  expect(JSON.stringify(readShop().register)).toContain("your-objectstorage.com");
});
