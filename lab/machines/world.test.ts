import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { enterArgv } from "./enter.ts";
import { controlGroup, inWorld, worldIds } from "./world.ts";

test("a lab's control group is its folder's alone", () => {
  expect(controlGroup("/a/.sovereign/labs/default")).toMatch(/^sovereign-lab-[0-9a-f]{12}$/);
  expect(controlGroup("/b/.sovereign/labs/default")).not.toBe(controlGroup("/a/.sovereign/labs/default"));
});

test("the command comes last and as it is, in namespaces that end with their first process", () => {
  const argv = inWorld("group", ["node", "serve.ts", "/a folder", "{}"]);
  expect(argv.slice(0, 7)).toEqual([
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
  ]);
  expect(argv.slice(-6)).toEqual(["sh", "group", "node", "serve.ts", "/a folder", "{}"]);
});

test("its script is valid", () => {
  const script = inWorld("group", []).find((part) => part.includes("mount -t"));
  expect(spawnSync("sh", ["-n", "-c", script!]).stderr.toString()).toBe("");
});

test("outside of a world there are no numbers of one", () => {
  expect(worldIds()).toBeUndefined();
});

test("commands enter the lab's world first, then the machine", () => {
  expect(enterArgv(100, 42, ["cat", "/etc/hostname"]).join(" ")).toBe(
    "nsenter --target 100 --mount --pid -- " +
      "nsenter --target 42 --mount --uts --ipc --net --pid --cgroup --root --wd -- cat /etc/hostname",
  );
});
