import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labNodeFlags } from "../lab/api/node-flags.ts";
import { type Measure, median } from "./measure.ts";

const TOKEN = "bench".repeat(13).slice(0, 64);
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };

/** How often everything is listed. */
const ROUNDS = 15;

async function createServers(url: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 10) {
    await Promise.all(
      Array.from({ length: Math.min(10, count - done) }, async (_, i) => {
        const body = { name: `server-${done + i}`, server_type: "cpx22", image: "debian-13", location: "fsn1" };
        const labels = { stack: "bench", number: String(done + i) };
        const response = await fetch(`${url}/servers`, {
          method: "POST",
          headers,
          body: JSON.stringify({ ...body, labels, user_data: "#cloud-config\n".padEnd(4096, "#") }),
        });
        await response.arrayBuffer();
        if (response.status !== 201) throw new Error(`creating server ${done + i}: status ${response.status}`);
      }),
    );
  }
}

/** Milliseconds to fetch all pages of 50, one after another, until the last byte. */
async function listAll(url: string, expected: number): Promise<number> {
  const begin = performance.now();
  const pages: ArrayBuffer[] = [];
  for (let page = 1; page <= Math.ceil(expected / 50); page++) {
    const response = await fetch(`${url}/servers?per_page=50&page=${page}`, { headers });
    pages.push(await response.arrayBuffer());
  }
  const took = performance.now() - begin;
  const last = JSON.parse(new TextDecoder().decode(pages.at(-1)));
  if (last.meta.pagination.total_entries !== expected) throw new Error("the list is not complete");
  return took;
}

/** CPU that a process has used so far: tells a slow lab from a busy machine. Linux counts it in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(count: number): Promise<Measure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "lab-bench-"));
  const main = new URL("../lab/api/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [...labNodeFlags, main, "--data", dataDir, "--action-duration", "0"], {
    env: { ...process.env, LAB_TOKEN: TOKEN },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      child.once("exit", (code) => reject(new Error(`the lab ended with code ${code} before it was ready`)));
    });
    const { url } = JSON.parse(line) as { url: string };
    const begin = performance.now();
    await createServers(url, count);
    const created = performance.now() - begin;
    const rounds: number[] = [];
    const cpuBefore = cpuMs(child.pid!);
    for (let i = 0; i < ROUNDS; i++) rounds.push(await listAll(url, count));
    const cpu = (cpuMs(child.pid!) - cpuBefore) / ROUNDS;
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    return [
      { name: `lab API: ${count} servers created`, value: created, unit: "ms" },
      {
        name: `lab API: ${count} servers listed, pages of 50`,
        value: median(rounds),
        unit: "ms",
        note: `median of ${ROUNDS}, best ${Math.min(...rounds).toFixed(0)} ms, ${cpu.toFixed(0)} ms of CPU in the lab`,
        ...(count === 1000 ? { limit: 50 } : {}),
      },
      {
        name: `lab API: memory (RSS) with ${count} servers`,
        value: rss,
        unit: "MB",
        ...(count === 10_000 ? { limit: 300 } : {}),
      },
    ];
  } finally {
    child.kill("SIGTERM");
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The figures of the local API: time of lists and memory, in a process of its own. Needs /proc (Linux). */
export async function run(): Promise<Measure[]> {
  return [...(await measure(1000)), ...(await measure(10_000))];
}
