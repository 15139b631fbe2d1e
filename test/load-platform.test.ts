import { expect, it } from "vitest";
import { appMetrics } from "../components/app/metrics.ts";
import { everything } from "../components/monitoring/rules/all.ts";
import { queueDepth, scalingRules } from "../components/monitoring/rules/app.ts";
import { triggerMs } from "../lab/load/picture.ts";
import { limitedRoles } from "../lab/load/plan.ts";
import { queries } from "../lab/load/prometheus.ts";

const rules = new Map(scalingRules(everything("1")).rules.map((rule) => [rule.alert, rule]));

it("what is told of a pool is what the alert on it looks at", () => {
  expect(queries.use).toBe(`max(${rules.get("DatabasePoolHigh")!.expr.replace(/ > [\d.]+$/, "")})`);
});

it("the line in the picture is the limit of the alert", () => {
  expect(rules.get("ResponseTimeHigh")!.expr).toMatch(new RegExp(` > ${triggerMs / 1000}$`));
});

it("queues and jobs have the names that app servers give them", () => {
  expect(queries.queue).toContain(`${appMetrics.queueDepth}{proxy="${appMetrics.queueProxy}"}`);
  expect(queueDepth(undefined)).toContain(appMetrics.queueDepth);
  expect(queries.appServers).toContain(`job="${appMetrics.jobs.pgbouncer}"`);
  expect(limitedRoles).toContain("app");
});

it("every rule that asks for capacity is known as such by its label", () => {
  expect([...rules.values()].map((rule) => rule.scale)).toEqual(["up", "up", "up"]);
});
