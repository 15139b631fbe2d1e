import { expect, test } from "vitest";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import { secretNames } from "../host/secret-token.ts";
import { renderAppdSettings } from "./appd.ts";
import { renderHaproxy } from "./haproxy.ts";
import { renderNginx } from "./nginx.ts";
import { appServerRoles } from "./roles.ts";
import { testApp, testContainer, testPostgres, testRedis, testService } from "./testing.ts";
import { renderQuadlet, renderServiceUnit } from "./workload-role.ts";

const workload = { port: 8080, healthPath: "/health", concurrency: 50, requestTimeoutSeconds: 60 };

test("HAProxy to three Postgres and three Redis nodes", () => {
  expect(renderHaproxy({ postgres: testPostgres, redis: testRedis, location: "fsn1", workload })).toMatchSnapshot();
});

test("HAProxy reads from its own location first, be it from the primary, where nodes are in several", () => {
  const nodes = testPostgres.nodes.map((node, i) => ({
    ...node,
    location: i === 2 ? ("nbg1" as const) : node.location,
  }));
  const sections = (location: LocationName) =>
    renderHaproxy({ postgres: { ...testPostgres, nodes }, location, workload }).split(/\n(?=listen|frontend|backend)/);
  const near = (location: LocationName) =>
    sections(location).filter((section) => /^(frontend postgres-replicas|backend postgres-near)/.test(section));
  expect(near("nbg1").join("\n")).toMatchSnapshot();
  expect(
    near("fsn1")
      .join()
      .match(/ server /g),
  ).toHaveLength(4);
  expect(sections("hel1").join()).not.toContain("near");
});

test("HAProxy without data, with the workload's own metrics", () => {
  expect(renderHaproxy({ location: "fsn1", workload: { ...workload, metricsPath: "/metrics" } })).toMatchSnapshot();
});

test("nginx", () => {
  expect(
    renderNginx({ ...testApp, staticFiles: { urlPrefix: "/assets", directory: "/srv/assets" } }),
  ).toMatchSnapshot();
});

test("settings of sovereign-appd", () => {
  expect(
    JSON.parse(renderAppdSettings({ postgres: testPostgres, redis: testRedis, location: "fsn1" })).checks,
  ).toMatchObject({
    postgres: { pgbouncer: 6432 },
    "redis-cache": {
      port: 6380,
      quorum: 2,
      nodes: { "shop-redis-fsn1-2": { backend: "redis-cache-2", sentinels: "sentinel-cache-2" } },
    },
  });
});

test("a container's unit", () => {
  expect(renderQuadlet(testContainer, ["PORT", "DATABASE_URL"])).toMatchSnapshot();
});

test("no kind of workload reaches the metadata service, and no container is root on the machine", () => {
  const quadlet = renderQuadlet(testContainer, []);
  for (const unit of [quadlet, renderServiceUnit(testService)]) {
    expect(unit.slice(unit.indexOf("[Service]"))).toContain("\nIPAddressDeny=169.254.169.254\n");
  }
  expect(quadlet).toContain("\nUserNS=auto:size=65536\n");
  const files = appServerRoles({ ...testApp, workload: testContainer }).flatMap((role) => role.files);
  for (const path of ["/etc/subuid", "/etc/subgid"]) {
    const [, first, count] = files
      .find((file) => file.path === path)!
      .content.trim()
      .split(":");
    expect(Number(count)).toBeGreaterThanOrEqual(65_536);
    // Beyond what systemd gives to its own containers.
    expect(Number(first)).toBeGreaterThan(1_879_048_191);
    expect(Number(first) + Number(count)).toBeLessThan(2 ** 31);
  }
});

test("what holds a secret is readable by its owner alone", () => {
  const files = appServerRoles(testApp).flatMap((role) => role.files);
  const secret = files.filter((file) => secretNames(file.content).length > 0);
  expect(secret.map((file) => [file.path, file.mode])).toEqual([
    ["/etc/haproxy/haproxy.cfg", "0600"],
    ["/etc/pgbouncer/userlist.txt", "0600"],
    ["/etc/sovereign/workload.env", "0600"],
  ]);
});

test("units start in the order in which they need each other", () => {
  const units = appServerRoles(testApp).flatMap((role) => role.units.map((unit) => unit.name));
  const position = (name: string) => units.indexOf(name);
  expect(position("haproxy.service")).toBeLessThan(position("pgbouncer.service"));
  expect(position("pgbouncer.service")).toBeLessThan(position("sovereign-workload.service"));
  expect(position("sovereign-appd.service")).toBeLessThan(position("nginx.service"));
  expect(position("sovereign-workload.service")).toBeLessThan(position("nginx.service"));
  expect(position("nginx.service")).toBeLessThan(position("sovereign-drain.service"));
});
