import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largeStream } from "../review/testing.ts";
import { type Measure, median } from "./measure.ts";

const cli = join(import.meta.dirname, "../cli/main.ts");

/** What the project promises, by changed resources. */
const promises = [
  { resources: 1000, seconds: 2, megabytes: 300, runs: 5 },
  { resources: 10_000, seconds: 15, megabytes: undefined, runs: 3 },
] as const;

/** An event stream to a page, as people run it: one process from its start to its end, with the peak of its memory. */
export async function run(): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "sovereign-bench-"));
  try {
    const measures: Measure[] = [];
    for (const promise of promises) measures.push(...(await measure(folder, promise)));
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  folder: string,
  { resources, seconds, megabytes, runs }: (typeof promises)[number],
): Promise<Measure[]> {
  const stream = join(folder, `${resources}.jsonl`);
  await writeFile(stream, largeStream(resources));
  const results = Array.from({ length: runs }, () => once(stream, join(folder, "review.html")));
  const name = `review of ${resources} changed resources to HTML`;
  const times = results.map((result) => result.seconds);
  return [
    { name, value: median(times), unit: "s", limit: seconds, note: `median of ${runs}, ${spread(times)} s` },
    {
      name: `${name}, memory`,
      value: Math.max(...results.map((result) => result.megabytes)),
      unit: "MB",
      ...(megabytes !== undefined && { limit: megabytes }),
      note: `largest of ${runs}`,
    },
  ];
}

function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
}

/** The process says on its last line how much memory it took at most. */
const report = 'process.on("exit", () => process.stderr.write("\\nRSS " + process.resourceUsage().maxRSS + "\\n"));';

function once(stream: string, output: string): { readonly seconds: number; readonly megabytes: number } {
  const begin = performance.now();
  const { stderr, status } = spawnSync(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--import",
      `data:text/javascript,${encodeURIComponent(report)}`,
      cli,
      "review",
      "--events",
      stream,
      "--format",
      "html",
      "--output",
      output,
    ],
    { encoding: "utf8", cwd: tmpdir(), maxBuffer: 64 * 1024 * 1024 },
  );
  const seconds = (performance.now() - begin) / 1000;
  const memory = /RSS (\d+)/.exec(stderr)?.[1];
  if (status === null || status === 1 || status === 2 || memory === undefined)
    throw new Error(`the review ended with ${status}: ${stderr.slice(-2000)}`);
  return { seconds, megabytes: Number(memory) / 1000 };
}
