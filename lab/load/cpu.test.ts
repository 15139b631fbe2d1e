import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { controlGroup } from "../machines/world.ts";
import { CpuBounds, type HostPaths, parseThrottling, processesOf, quotaUs, throttledBetween } from "./cpu.ts";
import { machineOf } from "./testing.ts";

const labFolder = "/project/.sovereign/labs/trial";
const lab = controlGroup(labFolder);
let root: string;
let paths: HostPaths;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "load-cpu-"));
  paths = { cgroups: join(root, "cgroup"), proc: join(root, "proc") };
  mkdirSync(paths.cgroups);
  mkdirSync(paths.proc);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function processIn(pid: number, group: string): void {
  mkdirSync(join(paths.proc, String(pid)));
  writeFileSync(join(paths.proc, String(pid), "cgroup"), `4:cpu:/\n0::${group}\n`);
}

const machines = [machineOf(7, "app"), machineOf(70, "app"), machineOf(8, "redis")];

it("a machine's processes are those of its group, not of one whose number begins like it", () => {
  processIn(1, "/");
  processIn(11, `/${lab}/m7`);
  processIn(12, `/${lab}/m7/system.slice/nginx.service`);
  processIn(13, `/${lab}/m70/init.scope`);
  processIn(14, `/${controlGroup("/other")}/m7`);
  writeFileSync(join(paths.proc, "uptime"), "1");
  expect(processesOf(lab, 7, paths)).toEqual([11, 12]);
});

it("in the new hierarchy the machine's own group gets the bound, and loses it again", () => {
  const file = (id: number) => join(paths.cgroups, lab, `m${id}`, "cpu.max");
  for (const { id } of machines) {
    mkdirSync(join(paths.cgroups, lab, `m${id}`), { recursive: true });
    writeFileSync(file(id), "max 100000\n");
  }
  const bounds = CpuBounds.set(labFolder, machines, { app: 0.25 }, paths);
  expect([7, 70, 8].map((id) => readFileSync(file(id), "utf8"))).toEqual(["5000 20000", "5000 20000", "max 100000\n"]);
  const stat = join(paths.cgroups, lab, "m7", "cpu.stat");
  writeFileSync(stat, "nr_periods 100\nnr_throttled 10\n");
  const look = bounds.watch();
  writeFileSync(stat, "nr_periods 200\nnr_throttled 85\n");
  expect(look()).toEqual({ app: 0.75 });
  bounds.release();
  expect(readFileSync(file(7), "utf8")).toBe("max 20000");
});

it("in the old hierarchy processes are moved into a group of their own and back", () => {
  const old = join(paths.cgroups, "cpu");
  mkdirSync(old);
  writeFileSync(join(old, "cgroup.procs"), "");
  processIn(12, `/${lab}/m7`);
  const bounds = CpuBounds.set(labFolder, machines.slice(0, 1), { app: 0.2 }, paths);
  const group = join(old, `${lab}-m7`);
  expect(readFileSync(join(group, "cpu.cfs_quota_us"), "utf8")).toBe("4000");
  expect(readFileSync(join(group, "cgroup.procs"), "utf8")).toBe("12");
  // A kernel removes a group with its files; here they stay, and only who was moved back can be seen.
  bounds.release();
  expect(readFileSync(join(old, "cgroup.procs"), "utf8")).toBe("12");
});

it("a machine without a process is told, and a kernel without bounds", () => {
  const old = join(paths.cgroups, "cpu");
  mkdirSync(old);
  writeFileSync(join(old, "cgroup.procs"), "");
  expect(() => CpuBounds.set(labFolder, machines.slice(0, 1), { app: 0.2 }, paths)).toThrow(
    "shop-app-fsn1-7 has no process that could be given a bound",
  );
  rmSync(old, { recursive: true });
  expect(() => CpuBounds.set(labFolder, machines, { app: 0.2 }, paths)).toThrow("no control group for processors");
  expect(existsSync(old)).toBe(false);
});

it("nobody is bound when no bounds are asked for", () => {
  expect(CpuBounds.set(labFolder, machines, {}, paths).watch()()).toEqual({});
});

it("counts as the kernel tells it", () => {
  expect(parseThrottling("nr_periods 12\nnr_throttled 3\nthrottled_time 99\n")).toEqual({ periods: 12, throttled: 3 });
  expect(parseThrottling("")).toEqual({ periods: 0, throttled: 0 });
  expect([quotaUs(0.2), quotaUs(0.01), quotaUs(4)]).toEqual([4000, 1000, 80_000]);
  const at = (periods: number, throttled: number) => ({ periods, throttled });
  const before = new Map([
    ["a", at(0, 0)],
    ["b", at(10, 10)],
  ] as const);
  const after = new Map([
    ["a", at(10, 1)],
    ["b", at(20, 14)],
    ["c", at(0, 0)],
  ] as const);
  expect(throttledBetween(before, after, (group) => (group === "c" ? "redis" : "app"))).toEqual({ app: 0.4, redis: 0 });
});
