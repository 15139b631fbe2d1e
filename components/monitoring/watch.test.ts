import { describe, expect, test } from "vitest";
import { secretNames } from "../host/secret-token.ts";
import { testMonitoring, testReceivers } from "./testing.ts";
import { renderWatch, renderWatchModules, watchReceivers, watchRole } from "./watch.ts";

const spec = {
  stack: "shop",
  location: "fsn1",
  name: "shop-redis-fsn1-1",
  watched: { name: testMonitoring.name, address: testMonitoring.address },
  receivers: testReceivers,
} as const;

test("settings and modules of a round", () => {
  expect(renderWatch(spec)).toMatchSnapshot();
  expect(renderWatchModules()).toMatchSnapshot();
});

describe("who is told", () => {
  test("webhooks that take critical alerts: no heartbeat, no mail", () => {
    expect(watchReceivers(testReceivers).map((receiver) => receiver.name)).toEqual(["on-call"]);
    const warnings = { kind: "webhook", name: "a", url: "https://a.example.eu/", severities: ["warning"] } as const;
    expect(watchReceivers([warnings])).toEqual([]);
    const { severities: _, ...usual } = warnings;
    expect(watchReceivers([usual])).toHaveLength(1);
  });

  test("and nobody else is reached outside", () => {
    expect(watchRole(spec).egress?.map((need) => `${need.host}:${need.port}`)).toEqual(["alerts.example.eu:8443"]);
  });
});

test("tokens are root's alone, and only the service is handed them", () => {
  const { files, units } = watchRole(spec);
  const secret = files.filter((file) => secretNames(file.content).length > 0);
  expect(secret.map((file) => [file.path, file.mode, file.owner])).toEqual([
    ["/etc/sovereign/watch/on-call", "0600", undefined],
  ]);
  const service = units.find((unit) => unit.name === "sovereign-watch.service")!.content!;
  expect(service).toContain("LoadCredential=on-call:/etc/sovereign/watch/on-call\n");
  expect(service).toContain("DynamicUser=yes");
});
