import { expect, test } from "vitest";
import { catalogue } from "../catalogue/testing.ts";
import { CONTROLS } from "../core/controls.ts";
import { evaluate } from "../core/evaluate.ts";
import { extract } from "../endpoints/index.ts";
import { readExample } from "./example.ts";
import { operationsRules, packs, sovereigntyRules } from "./index.ts";

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
