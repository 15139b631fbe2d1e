import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Entry, parseEntry, RecordFile } from "./record.ts";
import { startShopWriter } from "./shop-writer.ts";
import type { Running } from "./world.ts";
import { followWriter, Ledger, unsteady, type Writer, writerProgram } from "./writer.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "writer-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Answers `+OK` to all that it is sent, until it is told to say something else. */
async function pretendRedis(answer: (count: number) => string) {
  const words: string[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).setEncoding("utf8");
    socket.on("data", (text: string) => {
      words.push(text);
      if (text.includes("AUTH")) socket.write("+OK\r\n");
      else socket.write(answer(++count));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, words, close };
}

async function writeSessions(port: number, enough: (entries: readonly Entry[]) => boolean): Promise<Entry[]> {
  const environment = join(folder, "workload.env");
  writeFileSync(environment, `HOST="127.0.0.1"\nREDIS_SESSIONS_URL="redis://app:p\\$w@127.0.0.1:${port}/0"\n`);
  const settings = { run: "r", workers: 2, pause: 0.01, patience: 1, environment };
  const child = spawn("python3", ["-c", writerProgram("redis"), JSON.stringify(settings)], { stdio: "pipe" });
  const entries: Entry[] = [];
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    entries.push(...lines.flatMap((line) => parseEntry(line) ?? []));
  });
  const watch = setInterval(() => enough(entries) && child.stdin.end(), 20);
  await once(child, "close");
  clearInterval(watch);
  expect(stderr).toBe("");
  return entries;
}

describe("a writer of sessions", () => {
  it("logs in as the workload does, and tells of each write that was confirmed", async () => {
    const redis = await pretendRedis(() => "+OK\r\n");
    const entries = await writeSessions(redis.port, (all) => all.length > 20);
    await redis.close();
    expect(entries.every((entry) => entry.error === undefined)).toBe(true);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
    expect(redis.words[0]).toContain("p$w");
    expect(redis.words.filter((text) => text.includes("drill:r-")).length).toBeGreaterThanOrEqual(entries.length);
  });

  it("an error is told as one, and the next write gets another connection", async () => {
    const redis = await pretendRedis((count) => (count === 3 ? "-READONLY You can't write\r\n" : "+OK\r\n"));
    const entries = await writeSessions(redis.port, (all) => all.length > 20);
    await redis.close();
    expect(entries.filter((entry) => entry.error !== undefined).map((entry) => entry.error)).toEqual([
      "-READONLY You can't write",
    ]);
    expect(redis.words.filter((text) => text.includes("AUTH")).length).toBe(3);
  });

  it("what was under way at the end is told too: it was tried, and may be there", async () => {
    let unanswered = 0;
    const redis = await pretendRedis((count) => {
      if (count > 10) unanswered++;
      return count > 10 ? "" : "+OK\r\n";
    });
    const entries = await writeSessions(redis.port, () => unanswered > 0);
    await redis.close();
    const sent = redis.words.flatMap((text) => /drill:(r-\d+-\d+)/.exec(text)?.[1] ?? []);
    expect(entries.map((entry) => entry.id).toSorted()).toEqual([...new Set(sent)].toSorted());
    expect(entries.map((entry) => entry.error)).toContain("no answer when the writer ended");
  });
});

it("a line that is no entry is kept as one that cannot be read", () => {
  let tell: (lines: readonly string[]) => void = () => undefined;
  const running = {
    onLines: (listener: typeof tell) => (tell = listener),
    ended: new Promise<string>(() => {}),
    stop: async () => {},
  };
  const writer = followWriter(running as unknown as Running, new Ledger(new RecordFile(join(folder, "r.jsonl"))));
  tell(['{"id":"a","at":1,"took":1}', '{"id":"b","at":2,"to{"id":"c","at":3,"took":1}']);
  expect(writer.entries.map(({ id }) => id)).toEqual(["a"]);
  expect(writer.unreadable).toEqual(['{"id":"b","at":2,"to{"id":"c","at":3,"took":1}']);
});

describe("a customer of the shop", () => {
  it("tries the same order again until it is confirmed", async () => {
    const seen: string[] = [];
    const place = async (key: string) => {
      seen.push(key);
      if (seen.length === 2) throw new Error("connection reset");
      return seen.length === 3 ? 503 : 201;
    };
    const writer = startShopWriter(place, new RecordFile(join(folder, "r.jsonl")), {
      run: "r",
      customers: 1,
      pauseMs: 1,
    });
    while (writer.acknowledgedSince(0) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await writer.stop();
    expect(seen.slice(0, 4)).toEqual(["r-0-1", "r-0-2", "r-0-2", "r-0-2"]);
    expect(writer.entries.slice(0, 4).map((entry) => entry.error)).toEqual([
      undefined,
      "connection reset",
      "status 503",
      undefined,
    ]);
  });
});

describe("whether writes flow", () => {
  const writer = (...entries: Entry[]): Writer => ({
    entries,
    acknowledgedSince: () => 0,
    stopped: false,
    failed: undefined,
    stop: async () => undefined,
  });
  const ok = (at: number): Entry => ({ id: String(at), at, took: 1 });

  it("only after two seconds of them", () => {
    const steady = writer(...[8100, 8500, 9000, 9500, 9900].map(ok));
    expect(unsteady(steady, 8000, 10_000)).toBeUndefined();
    expect(unsteady(steady, 9000, 10_000)).toBe("only 1.0 s have passed");
  });

  it("not with gaps, errors or silence", () => {
    expect(unsteady(writer(ok(8100), ok(9900)), 0, 10_000)).toMatch(/1\.8 s apart/);
    expect(unsteady(writer(ok(100), { ...ok(9000), error: "closed" }), 0, 10_000)).toBe(
      "no write was acknowledged in the last 2 s; the last answer: closed",
    );
    expect(unsteady({ ...writer(), failed: "no such file" }, 0, 10_000)).toContain("no such file");
  });
});
