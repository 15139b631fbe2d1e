import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { allDrills } from "./all.ts";
import { renderDrillsPage } from "./docs.ts";
import { targetHealth } from "./drills/app.ts";
import { hostLabel } from "./drills/monitoring.ts";
import { slowDiskProgram } from "./drills/postgres-ground.ts";
import { haproxyServerUp } from "./drills/postgres-members.ts";
import { fillProgram } from "./drills/redis.ts";
import { parseRules } from "./monitoring.ts";
import { renderList } from "./report.ts";
import { writerProgram } from "./writer.ts";

it("drills have names of their own that can be part of a file's name and of a statement", () => {
  const names = allDrills.map((drill) => drill.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9-]{3,40}$/.test(name))).toEqual([]);
  const families = new Set<string>(allDrills.map((drill) => drill.family));
  expect(names.filter((name) => families.has(name) || name === "all" || name === "list")).toEqual([]);
});

it("every drill is in the list and on the page", () => {
  const page = renderDrillsPage(allDrills, []);
  for (const { name } of allDrills) {
    expect(renderList(allDrills)).toContain(`  ${name} `);
    expect(page).toContain(`| \`${name}\` |`);
  }
});

it("what writes to Postgres may lose nothing but in a control", () => {
  const lenient = allDrills.filter(
    (drill) => drill.writer === "sql" && (drill.expectsLoss || drill.limits.lossWindowMs),
  );
  expect(lenient.map((drill) => drill.family)).toEqual(["controls"]);
});

it("reads HAProxy's list of servers", () => {
  const stat =
    "# pxname,svname,qcur,status,\npostgres-replicas,n1,0,UP,\npostgres-replicas,n2,0,DOWN,\npostgres-primary,n2,0,UP 1/2,\n";
  expect(haproxyServerUp(stat, "postgres-replicas", "n1")).toBe(true);
  expect(haproxyServerUp(stat, "postgres-replicas", "n2")).toBe(false);
  expect(haproxyServerUp(stat, "postgres-primary", "n2")).toBe(true);
  expect(() => haproxyServerUp(stat, "postgres-replicas", "n3")).toThrow("no server n3 in postgres-replicas");
  expect(() => haproxyServerUp("", "postgres-primary", "n2")).toThrow("no server n2");
});

it("reads a target's health: the worst of its services", () => {
  const target = (id: number, ...statuses: string[]) => ({
    server: { id },
    health_status: statuses.map((status) => ({ status })),
  });
  const answer = {
    load_balancers: [{ targets: [{ targets: [target(1, "healthy"), target(2, "healthy", "unhealthy")] }, {}] }],
  };
  expect([1, 2, 3].map((id) => targetHealth(answer, id))).toEqual(["healthy", "unhealthy", "missing"]);
});

it("reads alerts: only those that fire, with their waiting time", () => {
  const alerts = [
    { labels: { host: "a" }, state: "firing" },
    { labels: { host: "b" }, state: "pending" },
  ];
  const rules = parseRules({
    data: { groups: [{ rules: [{ name: "HostDown", duration: 60, alerts }, { name: "Watchdog" }] }] },
  });
  expect(rules.get("HostDown")).toEqual({ forSeconds: 60, pending: 1, firing: [{ host: "a" }] });
  expect(rules.get("Watchdog")).toEqual({ forSeconds: 0, pending: 0, firing: [] });
});

it("a stateless server's alerts carry its name without what the engine made up", () => {
  expect(hostLabel("single-region-app-fsn1-1-bc6e999")).toBe("single-region-app-fsn1-1");
  expect(hostLabel("single-region-redis-fsn1-1")).toBe("single-region-redis-fsn1-1");
});

it("writers are whole programs", () => {
  for (const kind of ["sql", "redis"] as const) {
    expect(writerProgram(kind)).toContain(readFileSync(new URL(`writers/${kind}.py`, import.meta.url), "utf8"));
    expect(writerProgram(kind)).toContain("settings = json.loads(sys.argv[1])");
  }
});

it("programs that drills run in machines are Python", () => {
  for (const program of [fillProgram, slowDiskProgram, writerProgram("sql"), writerProgram("redis")]) {
    const compiled = spawnSync("python3", ["-c", "import sys; compile(sys.stdin.read(), 'drill', 'exec')"], {
      input: program,
    });
    expect(compiled.stderr.toString()).toBe("");
  }
});
