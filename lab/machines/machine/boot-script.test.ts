import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { factFiles, kernelSettings, releaseScript } from "./boot-script.ts";

describe("what a machine is told", () => {
  const device = { path: "/dev/loop3", major: 7, minor: 3 };
  const files = factFiles({ volumes: [{ device, link: "scsi-0HC_Volume_9" }], ownSettings: ["vm.swappiness"] });

  test("is one line per volume and per setting", () => {
    expect(files.volumes).toBe("/dev/loop3 7 3 scsi-0HC_Volume_9\n");
    expect(files.settings).toBe("vm.swappiness\n");
    expect(factFiles({ volumes: [], ownSettings: [] })).toMatchObject({ volumes: "", settings: "" });
  });

  test("is used by scripts that are valid", () => {
    for (const script of [files["boot.sh"]!, releaseScript]) {
      expect(spawnSync("sh", ["-n", "-c", script]).stderr.toString()).toBe("");
    }
  });
});

test("settings of the whole kernel are found in a file, and in a file within user data; those of the network are a machine's own already", () => {
  const file =
    "# a comment\nvm.overcommit_memory = 1\n-kernel.core_pattern=core\nnet.core.somaxconn = 1024\nfs.inotify.max_user_watches=1\n";
  const found = ["fs.inotify.max_user_watches", "kernel.core_pattern", "vm.overcommit_memory"];
  expect(kernelSettings(file)).toEqual(found);
  expect(kernelSettings(JSON.stringify({ content: file }))).toEqual(found);
  expect(kernelSettings("https://a.fs.b/?x.vm.swappiness=1 /vm.x=1")).toEqual([]);
});
