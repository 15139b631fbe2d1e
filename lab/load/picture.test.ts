import { expect, it } from "vitest";
import { drawLoadPictures, renderLoadPage } from "./docs.ts";
import { drawLoad } from "./picture.ts";
import { renderFindings, renderTable } from "./report.ts";
import { type LoadRun, type Measurements, seriesOf } from "./result.ts";
import { linearAxis, logAxis, roundUp, spread } from "./scale.ts";
import { alertWith, runWith, stepWith } from "./testing.ts";

const at = (users: number, requestsPerSecond: number, p95Ms: number) => stepWith({ users, requestsPerSecond, p95Ms });
const one = runWith(1, [at(50, 50, 60), at(100, 80, 2000)], { alerts: [alertWith({ pendingUsers: 50 })] });
const four = runWith(4, [at(50, 50, 50), at(100, 100, 60), at(200, 180, 90)]);

it("axes begin and end at round numbers", () => {
  expect([0.7, 1, 1.2, 3, 70].map(roundUp)).toEqual([1, 1, 2, 5, 100]);
  const axis = linearAxis(180, 300, 100);
  expect(axis.ticks).toEqual([0, 50, 100, 150, 200]);
  expect([axis.place(0), axis.place(200), axis.place(100)]).toEqual([300, 100, 200]);
  const log = logAxis(45, 2000, 300, 100);
  expect(log.ticks).toEqual([30, 100, 300, 1000, 3000]);
  expect([log.place(30), log.place(3000), log.place(300)].map(Math.round)).toEqual([300, 100, 200]);
  expect(log.place(0)).toBe(300);
});

it("names at the ends of lines do not overlap and keep their order", () => {
  const moved = spread([100, 103, 50], 18);
  expect(moved[1]! - moved[0]!).toBeGreaterThan(17.9);
  expect(moved[2]).toBe(50);
});

it("draws a line for each number of servers, a ring at each wall, a triangle at each trigger", () => {
  const svg = drawLoad(seriesOf([one, four]));
  const count = (pattern: RegExp) => svg.match(pattern)?.length ?? 0;
  expect(count(/stroke-linejoin="round"/g)).toBe(4);
  // One of each is the legend's.
  expect(count(/r="9"/g)).toBe(1 + 2);
  expect(count(/l6\.5 11h-13z/g)).toBe(1 + 2);
  expect(svg).toContain(">1 server</text>");
  expect(svg).toContain(">4 servers</text>");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

it("a single step can be drawn", () => {
  expect(drawLoad(seriesOf([runWith(1, [at(10, 0, 0)])]))).not.toMatch(/NaN|Infinity|undefined/);
});

it("the table has a line for each step, the findings say what came first", () => {
  const table = renderTable([one, four]).split("\n");
  expect(table).toHaveLength(1 + 2 + 3);
  expect(table[0]).toContain("requests/s");
  expect(renderFindings(one)).toEqual([
    "1 app server: at most 50 requests/s before users notice",
    "users notice from 100 users on (p95 2000 ms, errors 0); used up there: nothing that was watched",
    "scale trigger ResponseTimeHigh: condition holds after 80 s, at 50 users; did not hold long enough to fire",
  ]);
  expect(renderFindings(four)[1]).toBe("users noticed nothing up to the last step");
});

it("the page tells ratios, walls and triggers, and that nothing was measured where it is so", () => {
  const late: LoadRun = { ...one, alerts: [alertWith({ pendingUsers: 100 })] };
  const page = renderLoadPage([{ note: "What this means.", runs: [one, late, four] }]);
  expect(page).toContain("| 1 | 2 | 50.0, 50.0 | 1.00 × | 100 |");
  expect(page).toContain("| 4 | 1 | 180.0 | 3.60 × | not reached | - |");
  expect(page).toContain("Of 2 runs in which users noticed something");
  expect(page).toContain("at fewer users than that in 1, and had lasted for the rule's own time (1 to 3 minutes) in 0");
  expect(page).toContain("What this means.");
  expect(renderLoadPage([])).toContain("Nothing was measured yet.");
});

it("the page shows a picture for each group of settings, and each is drawn", () => {
  const slow = runWith(2, [at(50, 50, 60)], { settings: { ...one.settings, stepSeconds: 160 } });
  const measured: Measurements = [
    { note: "", runs: [one] },
    { note: "", runs: [slow] },
  ];
  const page = renderLoadPage(measured);
  const shown = [...page.matchAll(/\]\((.+\.svg)\)/g)].map((match) => match[1]);
  expect(Object.keys(drawLoadPictures(measured))).toEqual(shown);
  expect(shown).toHaveLength(2);
  expect(page).toContain("## Steps of 160 s");
});
