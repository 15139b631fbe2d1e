import { expect, test } from "vitest";
import { catalogue } from "../catalogue/testing.ts";
import { CONTROLS } from "../core/controls.ts";
import { evaluate } from "../core/evaluate.ts";
import { resource } from "../core/testing.ts";
import { extract } from "../endpoints/index.ts";
import { readExample } from "./example.ts";
import { operationsRules, packs, sovereigntyRules } from "./index.ts";
import { context } from "./testing.ts";

const all = [...sovereigntyRules, ...operationsRules];

function findings(text: string) {
  const { graph, settings, register, exemptions } = readExample(text);
  return evaluate(graph, catalogue, settings, { rules: all, extract, today: "2026-11-22", register, exemptions })
    .findings;
}

test.each(all.map((rule) => [rule.id, rule] as const))(
  "%s: its bad example is reported by it, and shows its weight",
  (id, rule) => {
    const own = findings(rule.examples.bad).filter((finding) => finding.rule === id);
    expect(own).not.toEqual([]);
    expect(own.map(({ severity }) => severity)).toContain(rule.severity);
  },
);

test.each(all.map((rule) => [rule.id, rule] as const))(
  "%s: its good example is refused by no rule of its pack, nor reported by it",
  (id, rule) => {
    const pack = id.split("/")[0];
    const wrong = findings(rule.examples.good).filter(
      (finding) => finding.rule === id || (finding.severity === "refuse" && finding.pack === pack),
    );
    expect(wrong.map(({ rule: by, message }) => [by, message])).toEqual([]);
  },
);

test("ids are unique and belong to their pack; every control of the list has a rule", () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const [pack, rules] of Object.entries(packs))
    for (const { id } of rules) expect(id.startsWith(`${pack}/`)).toBe(true);
  const used = new Set(all.flatMap(({ controls }) => controls));
  expect(Object.keys(CONTROLS).filter((id) => !used.has(id as never))).toEqual([]);
});

test.each(all)("$id: its controls are those of the list, and it has some", ({ controls }) => {
  expect(controls.length).toBeGreaterThan(0);
  for (const id of controls) expect(Object.keys(CONTROLS)).toContain(id);
});

const cpx22 = { serverType: "cpx22", location: "fsn1" };
const labelled = { labels: {} };

/** Rules that have nothing to say of a resource must not count it: a check in which none applies establishes nothing. */
test.each([
  ["sovereignty/location", "hcloud:index/server:Server", {}, {}, true],
  ["sovereignty/location", "acme:x:Y", {}, {}, false],
  ["sovereignty/location", "random:x:Y", {}, {}, false],
  ["sovereignty/owner", "acme:x:Y", {}, {}, true],
  ["sovereignty/owner", "vault:x:Y", {}, {}, false],
  ["sovereignty/owner", "random:x:Y", {}, {}, false],
  ["sovereignty/endpoints", "random:x:Y", {}, {}, true],
  ["sovereignty/data-classes", "acme:x:Y", { labels: { "data-class": "personal" } }, {}, true],
  ["sovereignty/data-classes", "acme:x:Y", { labels: { "data-class": "public" } }, {}, false],
  ["sovereignty/administration", "hcloud:index/firewall:Firewall", {}, {}, true],
  ["sovereignty/administration", "acme:x:Y", {}, {}, false],
  ["sovereignty/register", "acme:x:Y", {}, {}, false],
  ["sovereignty/exemptions", "acme:x:Y", {}, {}, false],
  ["sovereignty/unseen", "acme:x:Y", {}, {}, true],
  ["sovereignty/unseen", "random:x:Y", {}, {}, false],
  ["operations/protection", "hcloud:index/volume:Volume", {}, {}, true],
  ["operations/protection", "hcloud:index/server:Server", {}, {}, false],
  ["operations/backups", "digitalocean:index/droplet:Droplet", {}, {}, true],
  ["operations/backups", "acme:x:Y", {}, {}, false],
  ["operations/placement", "acme:x:Y", {}, {}, false],
  ["operations/public-database", "hcloud:index/firewall:Firewall", {}, {}, true],
  ["operations/public-database", "aws:rds/instance:Instance", {}, {}, true],
  ["operations/public-database", "acme:x:Y", {}, {}, false],
  ["operations/ssh", "hcloud:index/firewall:Firewall", {}, {}, true],
  ["operations/ssh", "acme:x:Y", {}, {}, false],
  ["operations/tls", "aws:lb/listener:Listener", {}, {}, true],
  ["operations/tls", "hcloud:index/loadBalancerService:LoadBalancerService", {}, {}, true],
  ["operations/tls", "kubernetes:networking.k8s.io/v1:Ingress", {}, {}, true],
  ["operations/tls", "kubernetes:networking.k8s.io/v1:IngressClass", {}, {}, false],
  ["operations/images", "docker:index/container:Container", { image: "a" }, {}, true],
  ["operations/images", "docker:index/container:Container", {}, {}, false],
  ["operations/labels", "hcloud:index/server:Server", labelled, { requiredLabels: ["team"] }, true],
  ["operations/labels", "hcloud:index/server:Server", {}, { requiredLabels: ["team"] }, false],
  ["operations/labels", "hcloud:index/volume:Volume", {}, { requiredLabels: ["team"] }, true],
  ["operations/labels", "hcloud:index/server:Server", labelled, {}, false],
  ["operations/cost", "hcloud:index/server:Server", cpx22, { monthlyCostCeiling: 1 }, true],
  ["operations/cost", "hcloud:index/server:Server", cpx22, {}, false],
  ["operations/cost", "acme:x:Y", {}, { monthlyCostCeiling: 1 }, false],
] as const)("%s and %s with %j, settings %j: applies %s", (id, type, inputs, settings, applies) => {
  const rule = all.find((each) => each.id === id)!;
  const it = resource({ type, inputs });
  expect(rule.applies(it, context([it], { settings }))).toBe(applies);
});

test("a state and the key of its secrets that are outside the EU have different remedies", () => {
  const remedies = findings(
    "backend: https://api.pulumi.com\nsecretsProvider: {type: cloud, url: 'awskms://alias/x?region=eu-central-1'}\nresources: {}\n",
  ).map(({ property, fix }) => [property, fix]);
  expect(remedies).toEqual([
    ["backend", expect.stringContaining("pulumi login")],
    ["secretsProvider", expect.stringContaining("pulumi stack change-secrets-provider")],
  ]);
});

test("of a company and its owner in another country both seats are said: either may be the one that counts", () => {
  const [finding] = findings(
    "resources:\n  web: {type: kubernetes:core/v1:ConfigMap, properties: {data: {SMTP_HOST: smtp.eu.mailgun.org}}}\n",
  ).filter(({ rule }) => rule === "sovereignty/endpoints");
  expect(finding?.message).toMatch(/Mailgun Technologies, Inc\. \(US, owned by Sinch AB \(publ\), SE\)/);
});
