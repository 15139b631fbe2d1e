import { expect, test } from "vitest";
import { parseStates } from "./runtime.ts";

const header = "# pxname,svname,qcur,status,weight,check_status,check_code,\n";

test("servers are up or down, checked or not", () => {
  const rows = [
    "targets-80,server-1,0,UP,1,L7OK,200,",
    "targets-80,server-2,0,DOWN,1,INI,,",
    "targets-80,server-3,0,DOWN 1/3,1,* L4CON,,",
    "targets-80,server-4,0,MAINT,1,,,",
    "targets-443,server-5,0,UP 1/3,1,* INI,,",
  ];
  const states = parseStates(`${header}${rows.join("\n")}\n\n`);
  expect(states.map(({ backend, server, isUp, isChecked }) => [`${backend}/${server}`, isUp, isChecked])).toEqual([
    ["targets-80/server-1", true, true],
    ["targets-80/server-2", false, false],
    ["targets-80/server-3", false, true],
    ["targets-80/server-4", false, false],
    ["targets-443/server-5", true, false],
  ]);
});

test("an answer that is no table is an error", () => {
  expect(() => parseStates("Unknown command\n")).toThrow("no column pxname");
});
