import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { execa } from "execa";
import { leanOptions } from "../toolchain/pinned-node.mjs";
import { events } from "./graph.ts";
import { type Measure, median } from "./measure.ts";

const SIZES = [
  { servers: 10_000, runs: 3, seconds: 1.5, megabytes: 300 },
  { servers: 100_000, runs: 1, seconds: 15 },
] as const;

/** One in so many machines talks to an American company: it has to be found in each of them. */
const LEAKS = 100;

/**
 * `check --events` on the preview of N new servers, each with user data of its own in the form in which the stacks write it (base64 of gzip of a cloud-config
 * in JSON). The larger one shows whether it stays linear. CPU seconds are those of the whole process.
 */
export async function run(): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "sovereign-bench-"));
  try {
    const measures: Measure[] = [];
    for (const size of SIZES) measures.push(...(await measure(size, join(folder, `${size.servers}.jsonl`))));
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(size: (typeof SIZES)[number], file: string): Promise<Measure[]> {
  const { servers, runs, seconds } = size;
  process.stderr.write(`event stream of ${servers} servers: writing\n`);
  await pipeline(events(servers, userData), createWriteStream(file));
  const megabytes = (await stat(file)).size / 1024 / 1024;
  const results: { cpu: number; rss: number }[] = [];
  for (let i = 0; i < runs; i++) {
    const program = join(import.meta.dirname, "programs/check-events.ts");
    const options = ["--disable-warning=ExperimentalWarning", ...leanOptions];
    const { stdout } = await execa(process.execPath, [...options, program, file]);
    const result = JSON.parse(stdout);
    if (result.resources !== servers) throw new Error(`${result.resources} resources were checked of ${servers}`);
    if (result.hosts !== servers / LEAKS) throw new Error(`${result.hosts} leaks were found of ${servers / LEAKS}`);
    results.push(result);
  }
  const note = `median of ${runs}, ${megabytes.toFixed(0)} MB of events`;
  return [
    {
      name: `check --events of ${servers} servers`,
      value: median(results.map(({ cpu }) => cpu)),
      unit: "CPU s",
      limit: seconds,
      note,
    },
    {
      name: `check --events of ${servers} servers, memory`,
      value: median(results.map(({ rss }) => rss)),
      unit: "MB",
      ...("megabytes" in size && { limit: size.megabytes }),
      note,
    },
  ];
}

function userData(i: number): string {
  const leak = i % LEAKS === 0 ? { SENTRY_DSN: "https://o42.ingest.us.sentry.io/7" } : {};
  const environment = {
    HOSTNAME: `web-${i}`,
    DATABASE: `postgres://app@10.0.${(i >> 8) & 255}.${i & 255}/shop`,
    ...leak,
  };
  const units = Array.from({ length: 6 }, (_, n) => ({
    path: `/etc/systemd/system/app-${n}.service`,
    content: `[Unit]\nDescription=app ${n} of web-${i}\n[Service]\nExecStart=/usr/bin/node /opt/app/${n}.mjs --id ${((i + 1) * (n + 7) * 2_654_435_761) % 4_294_967_296}\nEnvironmentFile=/etc/app.env\nRestart=always\n[Install]\nWantedBy=multi-user.target\n`,
  }));
  const cloudConfig = {
    hostname: `web-${i}`,
    packages: ["nginx", "nodejs"],
    write_files: [
      {
        path: "/etc/app.env",
        content: Object.entries(environment)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(""),
      },
      ...units,
    ],
    runcmd: [
      ["systemctl", "daemon-reload"],
      ...units.map((_, n) => ["systemctl", "enable", "--now", `app-${n}.service`]),
    ],
  };
  return gzipSync(`#cloud-config\n${JSON.stringify(cloudConfig)}\n`, { level: 1 }).toString("base64");
}
