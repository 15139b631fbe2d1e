/** A release that replaces the app servers: its predecessors serve until it does. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appServers, LONG, smallConfig, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

const release = (healthPath: string) =>
  smallConfig(
    appServers(2, { waitMinutes: 0.15, workload: { kind: "service", command: ["/usr/bin/env"], healthPath } }),
  );

const appIds = async (): Promise<number[]> =>
  [...(await world.list("servers")).values()]
    .filter((s) => (s.labels as { role: string }).role === "app")
    .map((s) => s.id)
    .sort();

/** Asks until the answer is yes; the test's own time limit ends it. */
async function until(question: () => Promise<boolean>): Promise<void> {
  while (!(await question())) await sleep(50);
}

describe("a release", { timeout: LONG }, () => {
  it("whose servers do not get healthy leaves the old ones serving, and says so", async () => {
    world.configure(release("/one"));
    expect((await world.up()).messages).toBe("");
    const before = await appIds();
    world.configure(release("/two"));
    const running = world.up();
    await until(async () => (await appIds()).length === 4);
    const broken = (await appIds()).at(-1);
    await until(async () =>
      Boolean(await world.api("POST", `/servers/${broken}/actions/poweroff`, {}).catch(() => false)),
    );
    const failed = await running;
    expect(failed.ok).toBe(false);
    expect(failed.messages).toMatch(
      /app servers not healthy after 9 s: e2e-app-fsn1-[12]\. Servers that they were to replace are kept/,
    );
    expect(failed.messages).not.toContain("serving.ts");
    const during = await appIds();
    expect(during).toHaveLength(4);
    expect(during).toEqual(expect.arrayContaining(before));
    await world.api("POST", `/servers/${broken}/actions/poweron`, {});
    const mended = await world.up();
    expect(mended.messages).toBe("");
    const after = await appIds();
    expect(after).toHaveLength(2);
    expect(after.some((id) => before.includes(id))).toBe(false);
  });
});
