import { expect, it } from "vitest";
import { bounds, defaults, parseCpu, parseServers, parseUsers, plannedSeconds } from "./plan.ts";

it("takes growing lists within the bounds", () => {
  expect(parseServers("1, 2,4")).toEqual([1, 2, 4]);
  expect(parseUsers("25,2000")).toEqual([25, 2000]);
});

it.each([
  "",
  "0",
  "1,1",
  "4,2",
  "1,,2",
  "1e3",
  "-1",
  "1.5",
  "2001",
  Array.from({ length: 21 }, (_, i) => i + 1).join(),
])("refuses %j as users, and says what is expected", (text) => {
  expect(() => parseUsers(text)).toThrow("users: expected up to 20 growing whole numbers from 1 to 2000");
});

it("refuses more servers than a host can carry", () => {
  expect(() => parseServers("11")).toThrow("from 1 to 10");
  expect(() => parseServers("1,2,3,4,5,6")).toThrow("up to 5");
});

it("takes shares of processors for roles that there are", () => {
  expect(parseCpu("app=0.25")).toEqual(["app", 0.25]);
  for (const text of ["app", "app=", "app=0", "app=0.01", "app=65", "monitoring=1", "app=1e1", "app=0.25;rm", "=1"]) {
    expect(() => parseCpu(text), text).toThrow("cpu: expected a role (app, postgres, redis)");
  }
});

it("the default plan is within the bounds, and its time is told", () => {
  expect(parseServers(defaults.servers.join())).toEqual(defaults.servers);
  expect(parseUsers(defaults.users.join())).toEqual(defaults.users);
  expect(defaults.stepSeconds).toBeGreaterThanOrEqual(bounds.stepSeconds.least);
  expect(plannedSeconds({ servers: [1, 2], users: [10, 20, 30], stepSeconds: 20, cpu: {} })).toBe(2 * 3 * 28);
});
