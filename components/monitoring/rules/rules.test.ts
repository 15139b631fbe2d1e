import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWithDebian } from "../../../lab/debian/testing.ts";
import { everything, ruleGroups } from "./all.ts";
import { appCases, haproxyQueueCases, workloadQueueCases } from "./app.cases.ts";
import { queueDepth } from "./app.ts";
import { type RuleCase, renderRuleTests } from "./cases.ts";
import { dnsCases } from "./dns.cases.ts";
import { documentFile, renderDocument } from "./document.ts";
import { egressCases } from "./egress.cases.ts";
import { hostCases } from "./hosts.cases.ts";
import { monitoringCases } from "./monitoring.cases.ts";
import { postgresCases } from "./postgres.cases.ts";
import { redisCases } from "./redis.cases.ts";
import { type RuleGroup, renderRules } from "./rule.ts";

const groups = ruleGroups(everything(queueDepth(undefined)));
const rules = groups.flatMap((group) => group.rules);
const cases = [
  ...hostCases,
  ...egressCases,
  ...appCases,
  ...haproxyQueueCases,
  ...postgresCases,
  ...redisCases,
  ...monitoringCases,
  ...dnsCases,
];
const always = new Set(["Watchdog"]);

test("every rule has an example that fires and one that does not, and every example has its rule", () => {
  const names = rules.map((rule) => rule.alert);
  const withCase = (fires: boolean) => new Set(cases.filter((c) => c.fires > 0 === fires).map((c) => c.alert));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !withCase(true).has(name))).toEqual([]);
  expect(names.filter((name) => !always.has(name) && !withCase(false).has(name))).toEqual([]);
  expect(cases.map((c) => c.alert).filter((name) => !names.includes(name))).toEqual([]);
});

test("every rule says what to do", () => {
  for (const rule of rules) {
    expect(rule.action.length, rule.alert).toBeGreaterThan(20);
    expect(rule.action.at(-1), rule.alert).toMatch(/[.?)]/);
    expect(rule.summary, rule.alert).not.toMatch(/\.$/);
  }
});

test("the scale triggers are those of the requirement", () => {
  const triggers = rules
    .filter((rule) => rule.scale === "up")
    .map((rule) => [rule.alert, rule.expr.slice(-6), rule.for]);
  expect(triggers).toEqual([
    ["ResponseTimeHigh", ") > 0.4".slice(-6), "2m"],
    ["QueueDepthHigh", "}) > 50".slice(-6), "1m"],
    ["DatabasePoolHigh", ")) > 0.8".slice(-6), "3m"],
  ]);
});

test("what is not deployed has no rules", () => {
  const settings = { ...everything("x"), jobs: new Set(["node"]) };
  expect(ruleGroups(settings).map((group) => group.name)).toEqual(["hosts"]);
  const small = {
    ...everything("x"),
    postgres: { members: 1, zeroLoss: true, backupMaxAgeHours: 26 },
    redis: { nodes: 1 },
  };
  const alerts = ruleGroups(small).flatMap((group) => group.rules.map((rule) => rule.alert));
  expect(alerts).toContain("PostgresNoPrimary");
  expect(alerts).not.toContain("PostgresNoSynchronousStandby");
  expect(alerts).not.toContain("RedisReplicasMissing");
});

test("low latency has no alert for a synchronous standby", () => {
  const settings = everything("x");
  const fast = { ...settings, postgres: { ...settings.postgres, zeroLoss: false } };
  const alerts = ruleGroups(fast).flatMap((group) => group.rules.map((rule) => rule.alert));
  expect(alerts).not.toContain("PostgresNoSynchronousStandby");
  expect(alerts).toContain("PostgresReplicationLag");
});

test("docs/alerts.md is that of the rules (write it with: node components/monitoring/rules/document.ts)", () => {
  expect(readFileSync(documentFile, "utf8")).toBe(renderDocument());
  for (const rule of rules) expect(renderDocument()).toContain(`\n### ${rule.alert}\n`);
});

describeWithDebian("rules by promtool", (debian) => {
  /** Each rule alone with its examples: quicker, and no rule can pass by another's doing. */
  const promtool = (tested: readonly RuleGroup[], examples: readonly RuleCase[]) => {
    const alerts = [...new Set(examples.map((example) => example.alert))];
    const files = alerts.flatMap((alert) => {
      const rule = tested.flatMap((group) => group.rules).filter((rule) => rule.alert === alert);
      const own = examples.filter((example) => example.alert === alert);
      return [
        [`/t/${alert}.rules.yml`, renderRules([{ name: alert, rules: rule }])],
        [`/t/${alert}.yml`, renderRuleTests(`${alert}.rules.yml`, own)],
      ];
    });
    return debian.run({
      argv: ["promtool", "test", "rules", ...alerts.map((alert) => `/t/${alert}.yml`)],
      files: Object.fromEntries(files),
    });
  };

  test("are well formed", async () => {
    const result = await debian.run({
      argv: ["promtool", "check", "rules", "--lint-fatal", "/rules.yml"],
      files: { "/rules.yml": renderRules(groups) },
    });
    expect(result, result.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${rules.length} rules found`),
    });
  });

  test("fire when they should and only then", async () => {
    const result = await promtool(groups, cases);
    expect(result.code, result.stdout + result.stderr).toBe(0);
  });

  test("take the queue's depth from a metric of the workload", async () => {
    const own = ruleGroups(everything(queueDepth("app_queue_depth")));
    const result = await promtool(own, workloadQueueCases);
    expect(result.code, result.stdout + result.stderr).toBe(0);
  });

  test("an example that is wrong is found", async () => {
    const wrong = { ...hostCases[0]!, fires: 0 };
    expect((await promtool(groups, [wrong])).code).not.toBe(0);
  });
});
