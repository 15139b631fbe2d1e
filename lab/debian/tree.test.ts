import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { describeWithDebian } from "./testing.ts";
import { ensureDebianTree } from "./tree.ts";

/** Stands in for the builder: leaves a mount in the root, as mmdebstrap does while it works, and then does what the test says. */
const fakeMmdebstrap = `#!/bin/sh
test "$1" = --version && exit 0
echo called >> "$CALLS"
for argument; do case $argument in /*) root=$argument ;; esac; done
mkdir -p "$root/proc" "$root/etc"
mount -t tmpfs tmpfs "$root/proc"
echo 13 > "$root/etc/debian_version"
echo "I: downloading packages with apt..." >&2
eval "$BEHAVIOUR"
`;

// Where the real tree can be had, namespaces can: the stand-in runs in the same ones.
describeWithDebian("ensureDebianTree", () => {
  let folder: string;
  let cache: string;
  const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n").length;
  const building = () => readdirSync(cache).filter((name) => name.endsWith(".building"));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "debian-tree-"));
    cache = join(folder, "cache");
    writeFileSync(join(folder, "mmdebstrap"), fakeMmdebstrap);
    chmodSync(join(folder, "mmdebstrap"), 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    vi.stubEnv("CALLS", join(folder, "calls"));
    vi.stubEnv("BEHAVIOUR", "");
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test("is built once for callers at the same time, and found afterwards", async () => {
    vi.stubEnv("BEHAVIOUR", "sleep 1");
    const progress: string[] = [];
    const [one, two] = await Promise.all([
      ensureDebianTree({ cache, onProgress: (line) => progress.push(line) }),
      ensureDebianTree({ cache, onProgress: (line) => progress.push(line) }),
    ]);
    expect(await ensureDebianTree({ cache })).toEqual(one);
    expect(two).toEqual(one);
    expect(calls()).toBe(1);
    expect(readFileSync(join((one as { root: string }).root, "etc/debian_version"), "utf8")).toBe("13\n");
    expect(progress).toContain("Debian tree: downloading packages with apt");
    expect(progress).toContain("Debian tree: waiting for another run that is building it");
  });

  test.each([
    ["E: Failed to fetch http://mirror.test/x  Could not connect", "could not be downloaded"],
    ["E: Failed to fetch http://me:secret@mirror.test/x", "http://***@mirror.test/x"],
    ["dpkg: error: cannot write: No space left on device", "the disk is full"],
    ["E: something new", "mmdebstrap failed: E: something new"],
  ])("says why after %j, leaves no half tree, and can be tried again", async (line, reason) => {
    vi.stubEnv("BEHAVIOUR", `echo ${JSON.stringify(line)} >&2; exit 1`);
    expect(await ensureDebianTree({ cache })).toEqual({ unavailable: expect.stringContaining(reason) });
    expect(building()).toEqual([]);
    vi.stubEnv("BEHAVIOUR", "");
    expect(await ensureDebianTree({ cache })).toHaveProperty("root");
  });

  test("stops on its signal, with neither processes nor mounts nor a half tree left", async () => {
    const seconds = `${86_400 + process.pid}.4`;
    vi.stubEnv("BEHAVIOUR", `setsid sleep ${seconds} & sleep ${seconds}`);
    const controller = new AbortController();
    const onProgress = (line: string) => line.includes("downloading") && controller.abort(new Error("stopped by hand"));
    await expect(ensureDebianTree({ cache, signal: controller.signal, onProgress })).rejects.toThrow("stopped by hand");
    expect(building()).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(cache);
    const running = readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(seconds);
      } catch {
        return false;
      }
    });
    expect(running).toEqual([]);
  });

  test("clears what a killed run left, but keeps its downloads for the next", async () => {
    vi.stubEnv("BEHAVIOUR", "echo deb > $ARCHIVES/one.deb; exit 1");
    await ensureDebianTree({ cache });
    const archives = readdirSync(cache).find((name) => name.endsWith(".archives"))!;
    mkdirSync(join(cache, archives.replace("archives", "building"), "root/half"), { recursive: true });
    vi.stubEnv("BEHAVIOUR", "cp $ARCHIVES/one.deb $root");
    const tree = await ensureDebianTree({ cache });
    expect(readdirSync((tree as { root: string }).root).sort()).toEqual(["etc", "one.deb", "proc"]);
    expect(readdirSync(cache).filter((name) => name.includes("."))).toEqual([]);
  });

  test("says what is wrong with a cache that is no folder", async () => {
    writeFileSync(cache, "");
    expect(await ensureDebianTree({ cache })).toEqual({ unavailable: expect.stringContaining(`${cache}: `) });
  });
});
