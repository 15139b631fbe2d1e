import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startLabApi } from "./server.ts";

/** The lab as a process: what only a real one can show. */

const main = new URL("./main.ts", import.meta.url).pathname;
const TOKEN = "process-test".repeat(6).slice(0, 64);
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };

let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lab-main-test-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child, "SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

function launch(args: readonly string[], env: Record<string, string> = { LAB_TOKEN: TOKEN }) {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH ?? "", ...env } });
  children.push(child);
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  return { child, output };
}

async function start(args: readonly string[], env?: Record<string, string>) {
  const { child, output } = launch(args, env);
  await Promise.race([once(child.stdout!, "data"), once(child, "exit")]);
  if (output.out === "") throw new Error(`the lab did not start: ${output.err}`);
  return { child, output, ready: JSON.parse(output.out) as { url: string; pid: number; token?: string } };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited;
  return code;
}

async function failure(args: readonly string[], env?: Record<string, string>) {
  const { child, output } = launch(args, env);
  const [code] = await once(child, "close");
  return { code, err: output.err };
}

const create = (url: string, name: string) =>
  fetch(`${url}/placement_groups`, { method: "POST", headers, body: JSON.stringify({ name, type: "spread" }) });

async function names(url: string): Promise<string[]> {
  const response = await fetch(`${url}/placement_groups?per_page=50`, { headers });
  const { placement_groups } = (await response.json()) as { placement_groups: { name: string }[] };
  return placement_groups.map((group) => group.name);
}

test("what was acknowledged before a kill -9 is there afterwards, and the folder is free at once", async () => {
  const first = await start(["--data", dir]);
  const acknowledged: string[] = [];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; i < 12; i++) {
      const name = `g-${writer}-${i}`;
      const response = await create(first.ready.url, name).catch(() => undefined);
      if (response?.status !== 201) return;
      acknowledged.push(name);
      // Killed in the middle of the writing, with requests of the others under way.
      if (acknowledged.length === 20) await end(first.child, "SIGKILL");
    }
  });
  await Promise.all(writers);
  expect(acknowledged.length).toBeGreaterThanOrEqual(20);
  const second = await start(["--data", dir]);
  expect(await names(second.ready.url)).toEqual(expect.arrayContaining(acknowledged));
}, 60_000);

test("two labs run side by side; a second one on the same folder or port is refused with the reason", async () => {
  const one = await start(["--data", join(dir, "one")]);
  const two = await start(["--data", join(dir, "two")]);
  await create(one.ready.url, "only-in-one");
  expect(await names(two.ready.url)).toEqual([]);

  const folder = await failure(["--data", join(dir, "one")]);
  expect(folder.code).toBe(1);
  expect(folder.err).toContain(`in use by another lab (pid ${one.ready.pid})`);
  const port = await failure(["--data", join(dir, "three"), "--port", new URL(one.ready.url).port]);
  expect(port.code).toBe(1);
  expect(port.err).toMatch(/port \d+ on 127\.0\.0\.1 is in use/);
  expect(await names(one.ready.url)).toEqual(["only-in-one"]);
}, 60_000);

test("SIGTERM stops it cleanly with code 0; a start afterwards has everything", async () => {
  const first = await start(["--data", dir]);
  await create(first.ready.url, "kept");
  expect(await end(first.child, "SIGTERM")).toBe(0);
  expect(first.output.err).toBe("");
  const second = await start(["--data", dir]);
  expect(await names(second.ready.url)).toEqual(["kept"]);
  expect(await end(second.child, "SIGINT")).toBe(0);
}, 60_000);

test("without a token it makes one of 64 characters and says it in the ready line only then", async () => {
  const made = await start(["--data", join(dir, "a")], {});
  expect(made.ready.token).toMatch(/^[0-9a-f]{64}$/);
  const given = await start(["--data", join(dir, "b"), "--verbose"]);
  await names(given.ready.url);
  expect(given.output.out + given.output.err).not.toContain(TOKEN);
}, 60_000);

test.each([
  ["another host", ["--host", "0.0.0.0"], /loopback only/],
  ["a port that is none", ["--port", "70000"], /0 to 65535/],
  ["a fault that is no JSON", ["--fault", "latency"], /must be JSON/],
  ["a fault that does not fit", ["--fault", '{"type":"latency","ms":-1}'], /does not fit/],
  ["a token file that is missing", ["--token-file", "/nonexistent/token"], /no such file/],
  ["an unknown flag", ["--tokn", "x"], /unknown option/],
])(
  "refuses %s in one line without a stack",
  async (_, args, message) => {
    const { code, err } = await failure(["--data", dir, ...args]);
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  },
  60_000,
);

test("no request is answered before the driver is up; one that does not come up frees port and folder", async () => {
  const order: string[] = [];
  let port = 0;
  let answered: Promise<unknown> | undefined;
  const driver = {
    name: "late",
    start: async () => {
      answered = fetch(`http://127.0.0.1:${port}/_lab/health`).then(() => order.push("answer"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push("driver");
    },
    stop: () => {
      order.push("stopped");
    },
  };
  const failing = { name: "broken", start: () => Promise.reject(new Error("no machines here")) };
  await expect(startLabApi({ dataDir: dir, token: TOKEN, driver: failing })).rejects.toThrow("no machines here");
  const probe = await startLabApi({ dataDir: dir, token: TOKEN });
  port = probe.port;
  await probe.close();
  const lab = await startLabApi({ dataDir: dir, token: TOKEN, driver, port });
  await answered;
  await lab.close();
  expect(order).toEqual(["driver", "answer", "stopped"]);
}, 60_000);

test("a timeout fault drops the connection", async () => {
  const lab = await startLabApi({ dataDir: dir, token: TOKEN, faults: [{ type: "timeout", ms: 5, count: 1 }] });
  await expect(fetch(`${lab.url}/servers`, { headers })).rejects.toThrow("fetch failed");
  expect((await fetch(`${lab.url}/servers`, { headers })).status).toBe(200);
  await lab.close();
  await lab.close();
});
