import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { type Measure, median } from "./measure.ts";

const RUNS = 5;
const SIZES = [10_000, 30_000];

/** CPU seconds that reading 10,000 servers may take: less than half of what a whole check of them may (1.5 s). */
const LIMIT = 0.7;

/**
 * Reads the event stream of a preview of N new servers, each with its own user data as the stacks pack it. The larger one shows
 * whether it stays linear.
 */
export async function run(): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "sovereign-bench-"));
  try {
    const measures: Measure[] = [];
    for (const size of SIZES) measures.push(...(await measure(size, join(folder, `${size}.jsonl`))));
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(size: number, file: string): Promise<Measure[]> {
  process.stderr.write(`event stream of ${size} servers: writing\n`);
  await pipeline(events(size), createWriteStream(file));
  const megabytes = (await stat(file)).size / 1024 / 1024;
  const runs: { cpu: number; rss: number }[] = [];
  for (let i = 0; i < RUNS; i++) {
    const program = join(import.meta.dirname, "programs/read-events.ts");
    const { stdout } = await execa(process.execPath, ["--disable-warning=ExperimentalWarning", program, file]);
    const result = JSON.parse(stdout);
    if (result.resources !== size) throw new Error(`${result.resources} resources were read of ${size}`);
    runs.push(result);
  }
  const note = `median of ${RUNS}, ${megabytes.toFixed(0)} MB of events`;
  const cpu = median(runs.map((one) => one.cpu));
  const rss = median(runs.map((one) => one.rss));
  const limit = (LIMIT * size) / SIZES[0]!;
  return [
    { name: `reading the event stream of ${size} servers`, value: cpu, unit: "CPU s", limit, note },
    { name: `reading the event stream of ${size} servers, memory`, value: rss, unit: "MB", note },
  ];
}

/** The stream of a preview of N new servers. */
export function* events(servers: number, userDataOf: (i: number) => string = userData): Generator<string> {
  yield event({ preludeEvent: { config: {} } });
  for (let i = 0; i < servers; i++) {
    const inputs = {
      name: `web-${i}`,
      serverType: "cx23",
      image: "debian-13",
      location: "fsn1",
      labels: { role: "web", ordinal: String(i) },
      networks: [{ networkId: 1, ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }],
      userData: userDataOf(i),
    };
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const outputs = {
      ...inputs,
      id: unknown,
      ipv4Address: unknown,
      ipv6Address: unknown,
      status: unknown,
      backups: false,
    };
    const urn = `urn:pulumi:bench::bench::hcloud:index/server:Server::web-${i}`;
    const type = "hcloud:index/server:Server";
    const provider = `urn:pulumi:bench::bench::pulumi:providers:hcloud::default::${unknown}`;
    const state = {
      urn,
      type,
      custom: true,
      id: "",
      parent: "urn:pulumi:bench::bench::pulumi:pulumi:Stack::bench",
      provider,
    };
    const step = { op: "create", urn, type, old: null, detailedDiff: null, logical: true, provider };
    yield event({
      resourcePreEvent: { metadata: { ...step, new: { ...state, inputs, outputs: {} } }, planning: true },
    });
    yield event({ resOutputsEvent: { metadata: { ...step, new: { ...state, inputs, outputs } }, planning: true } });
  }
  yield event({ summaryEvent: { isPreview: true, result: "succeeded", resourceChanges: { create: servers } } });
}

function event(body: object): string {
  return `${JSON.stringify({ timestamp: 1_800_000_000, ...body })}\n`;
}

/** About 2 KB packed: files of some length that differ from machine to machine. */
function userData(i: number): string {
  const lines = Array.from(
    { length: 60 },
    (_, n) => `  - echo ${((i + 1) * (n + 7) * 2_654_435_761) % 4_294_967_296} > /etc/app/${n}`,
  );
  return gzipSync(`#cloud-config\nhostname: web-${i}\nruncmd:\n${lines.join("\n")}\n`, { level: 1 }).toString("base64");
}
