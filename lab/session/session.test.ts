import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addFault, clearFaults, countResources, listFaults } from "./admin.ts";
import { labFiles } from "./files.ts";
import { isAlive } from "./process.ts";
import { findLab, listLabs, type StartOptions, startLab, stopLab } from "./session.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "lab-session-"));
});
afterEach(async () => {
  for (const name of listLabs(project)) await stopLab({ project, name });
  rmSync(project, { recursive: true, force: true });
});

const start = (options: Partial<StartOptions> = {}) => startLab({ project, port: 0, ...options });

async function createKey(endpoint: string, token: string, name: string): Promise<number> {
  const key = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvfPOyjxDCWdvxqUjvnWjR0NAsMvKfNuVvt8YtuhYGi ${name}`;
  const response = await fetch(`${endpoint}/ssh_keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name, public_key: key }),
  });
  return response.status;
}

/** Waits for what happens to a process outside of this one's control. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Takes a port, as soon as the process that had it is gone altogether. */
function listen(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => setTimeout(() => server.listen(port, "127.0.0.1"), 10));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

describe("a lab in the background", { timeout: 60_000 }, () => {
  it("starts, answers with its token, and is found again", async () => {
    const { lab, started } = await start();
    expect(started).toBe(true);
    expect(await createKey(lab.endpoint, lab.secrets.token, "a")).toBe(201);
    expect(await createKey(lab.endpoint, "f".repeat(64), "b")).toBe(401);
    expect(await findLab({ project })).toEqual(lab);
    expect(await countResources(lab)).toEqual({ ssh_keys: 1 });
  });

  it("is left as it is by a second start, and refuses another port", async () => {
    const first = await start();
    const second = await startLab({ project });
    expect(second).toEqual({ lab: first.lab, started: false });
    const other = first.lab.process.port + 1;
    await expect(startLab({ project, port: other })).rejects.toThrow(
      `the lab default runs on port ${first.lab.process.port}, not on ${other}: stop it first`,
    );
  });

  it("is started once by two starts at the same time", async () => {
    const both = await Promise.all([start(), start()]);
    expect(both.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(both[0].lab.process.pid).toBe(both[1].lab.process.pid);
  });

  it("keeps its secrets from other users, and the token has the provider's 64 characters", async () => {
    const { lab } = await start();
    expect(lab.secrets.token).toHaveLength(64);
    expect(statSync(lab.files.secrets).mode & 0o777).toBe(0o600);
    expect(statSync(lab.files.folder).mode & 0o777).toBe(0o700);
    const everything = readdirSync(lab.files.folder).filter((name) => name !== "secrets.json" && name !== "api");
    for (const name of everything.filter((name) => name.endsWith(".log") || name.endsWith(".json"))) {
      expect(readFileSync(join(lab.files.folder, name), "utf8")).not.toContain(lab.secrets.token);
    }
  });

  it("stops and leaves no process, keeps its records, and forgets them when purged", async () => {
    const { lab } = await start();
    await createKey(lab.endpoint, lab.secrets.token, "a");
    expect(await stopLab({ project })).toBe(true);
    expect(isAlive(lab.process.pid)).toBe(false);
    expect(await findLab({ project })).toBeUndefined();
    expect(await stopLab({ project })).toBe(false);
    const again = await start();
    expect(again.lab.secrets).toEqual(lab.secrets);
    expect(await countResources(again.lab)).toEqual({ ssh_keys: 1 });
    expect(await stopLab({ project }, true)).toBe(true);
    expect(listLabs(project)).toEqual([]);
  });

  it("comes back on its port after kill -9, with everything that it had acknowledged", async () => {
    const { lab } = await start();
    await createKey(lab.endpoint, lab.secrets.token, "a");
    process.kill(lab.process.pid, "SIGKILL");
    await until(() => !isAlive(lab.process.pid));
    const again = await startLab({ project });
    expect(again).toMatchObject({ started: true, lab: { endpoint: lab.endpoint } });
    expect(await countResources(again.lab)).toEqual({ ssh_keys: 1 });
  });

  it("does not take another program's process for its own, and does not end it", async () => {
    const { lab } = await start();
    await stopLab({ project });
    // This very process: alive, and no lab.
    writeFileSync(lab.files.process, JSON.stringify({ ...lab.process, pid: process.pid }));
    expect(await findLab({ project })).toBeUndefined();
    expect(await stopLab({ project })).toBe(false);
    expect((await start()).started).toBe(true);
  });

  it("does not take another lab on its port for itself", async () => {
    const { lab } = await start({ name: "one" });
    await start({ name: "two" });
    await stopLab({ project, name: "two" });
    writeFileSync(labFiles(project, "two").process, JSON.stringify(lab.process));
    expect(await findLab({ project, name: "two" })).toBeUndefined();
    expect(await stopLab({ project, name: "two" })).toBe(false);
    expect(await findLab({ project, name: "one" })).toEqual(lab);
  });

  it("stands beside another, with records and secrets of its own", async () => {
    const one = (await start({ name: "one" })).lab;
    const two = (await start({ name: "two" })).lab;
    await createKey(one.endpoint, one.secrets.token, "a");
    expect(await createKey(two.endpoint, one.secrets.token, "a")).toBe(401);
    expect(await countResources(two)).toEqual({});
    // The lock of a start that is under way stands beside the labs.
    mkdirSync(join(project, ".sovereign", "labs", "one.lock"));
    expect(listLabs(project)).toEqual(["one", "two"]);
    rmSync(join(project, ".sovereign", "labs", "one.lock"), { recursive: true });
  });

  it("takes a free port where its own is taken, unless that port was asked for", async () => {
    const first = await start();
    const { port } = first.lab.process;
    process.kill(first.lab.process.pid, "SIGKILL");
    await until(() => !isAlive(first.lab.process.pid));
    const other = await listen(port);
    try {
      await expect(startLab({ project, port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
      const { lab } = await startLab({ project });
      expect(lab.process.port).not.toBe(port);
    } finally {
      other.close();
    }
  });

  it("takes faults at its start and while it runs, and lets them go", async () => {
    const { lab } = await start({ faults: [{ type: "rate_limit", count: 1 }] });
    expect(await createKey(lab.endpoint, lab.secrets.token, "a")).toBe(429);
    expect(await createKey(lab.endpoint, lab.secrets.token, "a")).toBe(201);
    await addFault(lab, { type: "server_error", status: 503 });
    expect(await createKey(lab.endpoint, lab.secrets.token, "b")).toBe(503);
    expect(await listFaults(lab)).toHaveLength(2);
    await clearFaults(lab);
    expect(await listFaults(lab)).toEqual([]);
  });
});

it.each(["", "A", "a/b", "..", "-a", "a".repeat(32)])("%j is no name for a lab", (name) => {
  expect(() => labFiles("/p", name)).toThrow("is not a name for a lab");
});
