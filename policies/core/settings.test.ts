import { expect, test } from "vitest";
import { todayUtc } from "./dates.ts";
import { defaultSettings, parseSettings, settingsJsonSchema } from "./settings.ts";

test("the defaults", () => {
  expect(defaultSettings).toMatchObject({
    eea: "allow",
    adequate: "refuse",
    foreignOwners: "refuse",
    unregistered: "refuse",
    notEstablished: "warn",
    ownDomains: [],
    ownNetworks: [],
    sovereignClasses: ["personal", "financial", "business-critical"],
    classLabels: ["data-class", "data-classes", "dataClass", "dataClasses"],
    requiredLabels: [],
    severities: {},
  });
});

test.each([
  { eea: "refuse", adequate: "allow", foreignOwners: "warn", unregistered: "warn", notEstablished: "refuse" },
  { dataPrivacyFramework: { classes: ["telemetry"], until: "2026-12-31" } },
  { ownDomains: ["a".repeat(253)], ownNetworks: ["192.0.2.0/24", "2001:db8::/32"] },
  { requiredLabels: ["a".repeat(64)], monthlyCostCeiling: 0.01 },
  {
    severities: { "sovereignty/location": "notice", "operations/public-database": "warn", "operations/cost": "refuse" },
  },
])("%j is taken as it is", (settings) => {
  expect(parseSettings(settings)).toEqual({ ...defaultSettings, ...settings });
});

test.each([
  [{ eea: "maybe" }, /^eea: /],
  [{ adequate: "warn" }, /^adequate: /],
  [{ foreignOwners: "notice" }, /^foreignOwners: /],
  [{ unregistered: "notice" }, /^unregistered: /],
  [{ notEstablished: "notice" }, /^notEstablished: /],
  [{ dataPrivacyFramework: { classes: ["x"] } }, /^dataPrivacyFramework\.until: /],
  [{ dataPrivacyFramework: { until: "2026-12-31" } }, /^dataPrivacyFramework\.classes: /],
  [{ ownDomains: ["a".repeat(254)] }, /^ownDomains\.0: /],
  [{ ownNetworks: ["192.0.2.1"] }, /^ownNetworks\.0: /],
  [{ requiredLabels: [""] }, /^requiredLabels\.0: /],
  [{ requiredLabels: ["a".repeat(65)] }, /^requiredLabels\.0: /],
  [{ monthlyCostCeiling: 0 }, /^monthlyCostCeiling: /],
  [{ severities: { "sovereignty/location": "off" } }, /^severities\.sovereignty\/location: /],
  [{ severities: { "xsovereignty/location": "warn" } }, /Invalid key in record/],
  [{ severities: { "sovereignty/location2": "warn" } }, /Invalid key in record/],
  [{ severities: { location: "warn" } }, /Invalid key in record/],
  [[], /expected object/],
])("%j is refused", (settings, message) => {
  expect(() => parseSettings(settings)).toThrow(message);
});

test("the published schema knows every key, and needs none", () => {
  const schema = settingsJsonSchema() as { properties: object; required?: string[]; $schema: string };
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(defaultSettings)));
  expect(schema.required ?? []).toEqual([]);
  expect(schema.$schema).toContain("2020-12");
});

test("today is a day in UTC", () => {
  expect(todayUtc(new Date("2026-11-22T23:59:59Z"))).toBe("2026-11-22");
  expect(todayUtc()).toMatch(/^\d{4}-\d\d-\d\d$/);
});
