import { expect, test } from "vitest";
import { failureLine, finishedErrors } from "./boot-state.ts";

const stage = (finished: number | null, errors: string[] = []) => ({ errors, start: 1, finished });

const status = (final: object, config: object = stage(2)) =>
  JSON.stringify({
    v1: { stage: null, datasource: null, init: stage(1), "modules-config": config, "modules-final": final },
  });

test("a first boot is over with its last stage, with the errors of all stages", () => {
  expect(finishedErrors(status(stage(3)))).toEqual([]);
  expect(finishedErrors(status(stage(3, ["b"]), stage(2, ["a"])))).toEqual(["a", "b"]);
});

test("until then nothing is known, and what makes no sense is not over", () => {
  expect(finishedErrors(status(stage(null)))).toBeUndefined();
  for (const odd of [
    "",
    "{",
    "null",
    "1",
    "{}",
    '{"v1":null}',
    '{"v1":1}',
    '{"v1":{}}',
    '{"v1":{"modules-final":null}}',
  ]) {
    expect(finishedErrors(odd)).toBeUndefined();
  }
});

test("the reason is the last line that names one, not what cloud-init says of it", () => {
  const output = `first boot: setup
first boot failed: waited 300 s for the data volume
2026-11-22 16:18:07,491 - cc_scripts_user.py[WARNING]: Failed to run module scripts_user (scripts in /var/lib/cloud/instance/scripts)
2026-11-22 16:18:07,492 - util.py[WARNING]: Running module scripts_user failed: exit 1
`;
  expect(failureLine(output)).toBe("first boot failed: waited 300 s for the data volume");
  const silent = output.replace("first boot failed: waited", "sysctl: permission denied");
  expect(failureLine(silent)).toBe("sysctl: permission denied 300 s for the data volume");
  expect(failureLine("nothing of the kind\n")).toBeUndefined();
});
