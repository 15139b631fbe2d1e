import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeWithDebian } from "../../../debian/testing.ts";
import { boundedFile } from "../../../session/log.ts";
import { type TestNamespace, testNamespace } from "../testing.ts";
import { alertLines, readAlerts } from "./alerts.ts";
import { webhook } from "./webhook.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "webhook-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const alert = (status: string, name: string) => ({
  status,
  labels: { alertname: name, severity: "page" },
  annotations: { summary: "a line\nbreak" },
  startsAt: "2026-11-22T12:00:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  fingerprint: "abc",
  generatorURL: "http://prometheus/",
});
const notification = (...alerts: object[]) => JSON.stringify({ version: "4", receiver: "team", alerts });

describe("alerts", () => {
  test("each alert of a notification becomes one line", () => {
    const lines = alertLines(notification(alert("firing", "Down"), alert("resolved", "Slow")), "/team", 17);
    expect(
      lines
        ?.trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { received: 17, path: "/team", receiver: "team", status: "firing", labels: { alertname: "Down" } },
      { received: 17, path: "/team", receiver: "team", status: "resolved", labels: { alertname: "Slow" } },
    ]);
  });

  test.each(["", "[]", "{}", '{"alerts":[{"status":"unheard"}]}', "not JSON"])("%j is no notification", (body) => {
    expect(alertLines(body, "/", 1)).toBeUndefined();
  });

  test("what was put aside when the file was full is read as well, before the rest", () => {
    const file = join(folder, "alerts.jsonl");
    const record = boundedFile(file, 400);
    for (const name of ["A", "B", "C", "D"]) record(alertLines(notification(alert("firing", name)), "/", 1)!);
    expect(statSync(file).size).toBeLessThanOrEqual(400);
    expect(readAlerts(file).map(({ labels }) => labels.alertname)).toEqual(["C", "D"]);
  });

  test("a file that is missing, or whose last line is being written, reads as what is whole", () => {
    const file = join(folder, "alerts.jsonl");
    expect(readAlerts(file)).toEqual([]);
    appendFileSync(file, `${alertLines(notification(alert("firing", "Down")), "/", 1)}{"received":2,"pa`);
    expect(readAlerts(file).map(({ labels }) => labels.alertname)).toEqual(["Down"]);
  });
});

// Not for the tree: for what it needs as well, root and namespaces.
describeWithDebian("alert sink", () => {
  let place: TestNamespace;
  beforeEach(async () => {
    place = await testNamespace();
  });
  afterEach(() => place.close());

  test("records what is posted, refuses what is no notification, and is gone when stopped", async () => {
    const logged: string[] = [];
    const file = join(folder, "alerts.jsonl");
    const sink = webhook({
      network: { ensureLoadBalancer: () => Promise.reject(new Error("none")), services: { netns: place.netns } },
      log: (line) => logged.push(line),
      address: place.address,
      file,
    });
    await sink.start();
    const post = async (body: string) => (await fetch(`http://${place.address}/team`, { method: "POST", body })).status;
    const before = Date.now();
    expect(await post(notification(alert("firing", "Down"), alert("firing", "Slow")))).toBe(200);
    expect(await post("{}")).toBe(400);
    expect(await post("x".repeat(5 * 1024 * 1024)).catch(() => 413)).toBe(413);
    expect((await fetch(`http://${place.address}/`)).status).toBe(405);
    expect(await post(notification(alert("resolved", "Down")))).toBe(200);
    const recorded = readAlerts(file);
    expect(recorded.map(({ status, labels }) => `${status} ${labels.alertname}`)).toEqual([
      "firing Down",
      "firing Slow",
      "resolved Down",
    ]);
    expect(recorded[0]!.received).toBeGreaterThanOrEqual(before);
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await sink.stop();
    await expect(post("{}")).rejects.toThrow("fetch failed");
    expect(logged).toEqual([]);
  });
});
