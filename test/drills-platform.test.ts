import { expect, it } from "vitest";
import { parse } from "yaml";
import { haproxyStatsSocket } from "../components/app/haproxy.ts";
import { drainingMarker } from "../components/app/nginx.ts";
import { cacheRoot } from "../components/edge/spec.ts";
import { renderStaticCache } from "../components/edge/static-cache.ts";
import { userDataPaths } from "../components/host/paths.ts";
import { renderAlertmanager } from "../components/monitoring/alertmanager.ts";
import { checkSeconds } from "../components/monitoring/health.ts";
import { everything, ruleGroups } from "../components/monitoring/rules/all.ts";
import { monitoringDown, renderWatch, watchFiles } from "../components/monitoring/watch.ts";
import { tlsPaths } from "../components/pki/paths.ts";
import { ports as platformPorts } from "../components/ports.ts";
import { dynamicConfig } from "../components/postgres/patroni.ts";
import { defaultLogins, stanza as platformStanza, postgresPaths, systemLogins } from "../components/postgres/spec.ts";
import { switchoverCommand } from "../components/postgres/switchover.ts";
import { testSpec } from "../components/postgres/testing.ts";
import { redisUsers } from "../components/redis/client.ts";
import { settingsDirectory } from "../components/redis/spec.ts";
import { allDrills } from "../lab/drills/all.ts";
import { durabilitySettings } from "../lab/drills/drills/controls.ts";
import { alertmanagerSeconds } from "../lab/drills/drills/monitoring.ts";
import { watcherLimit, watcherPaths } from "../lab/drills/drills/watcher.ts";
import { readSite } from "../lab/drills/edge-site.ts";
import { locationsOf } from "../lab/drills/moves.ts";
import { paths, ports, redisUser, rewindLogin, stanza, workloadLogin } from "../lab/drills/platform.ts";
import { servingOf } from "../stacks/places.ts";

it("drills know the machines as the components make them", () => {
  expect(platformPorts).toMatchObject(ports);
  expect(paths).toMatchObject({
    authority: tlsPaths.ca,
    certificate: tlsPaths.certificate,
    key: tlsPaths.key,
    etcdConfig: postgresPaths.etcdConfig,
    etcdData: postgresPaths.etcdData,
    postgresSocket: postgresPaths.socket,
    postgresVolume: postgresPaths.data,
    dataDirectory: postgresPaths.dataDirectory,
    patroniConfig: postgresPaths.patroniConfig,
    switchover: switchoverCommand,
    pgbackrestConfig: postgresPaths.pgbackrestConfig,
    redisSettings: settingsDirectory,
    haproxySocket: haproxyStatsSocket,
    drainingMarker,
    dataVolume: userDataPaths.dataVolume,
    edgeCache: cacheRoot,
  });
  expect([rewindLogin, redisUser, workloadLogin, stanza]).toEqual([
    systemLogins.rewind.name,
    redisUsers.application,
    defaultLogins.user.name,
    platformStanza,
  ]);
});

it.each(["low-latency", "zero-loss"] as const)("the control of losses sets %s as the stack does", (durability) => {
  expect(dynamicConfig(testSpec({ durability }))).toMatchObject(durabilitySettings[durability]);
});

it("drills that move a stack know where it stands", () => {
  for (const config of [
    { topology: "single-region" },
    { topology: "single-region", location: "nbg1" },
    { topology: "multi-region-eu", locations: ["hel1", "fsn1"] },
    { topology: "hybrid", locations: ["nbg1"] },
  ] as const)
    expect(locationsOf(config)).toEqual(servingOf(config));
});

it("drills find an edge site's names in what it serves by", () => {
  const spec = {
    domain: "static.edge.example.eu",
    hasCertificate: true,
    origin: { domain: "shop.example.eu", tls: true },
    paths: [
      { path: "/robots.txt", class: "public" },
      { path: "/assets/", class: "static" },
    ],
    cacheGb: 20,
  } as const;
  expect(readSite(renderStaticCache(spec))).toEqual({ domain: spec.domain, core: "shop.example.eu", path: "/assets/" });
  expect(readSite(renderStaticCache({ ...spec, hasCertificate: false }))).toBeUndefined();
});

it("the watcher's drill knows its files, and what its settings say", () => {
  expect(watcherPaths).toEqual(watchFiles);
  const spec = {
    stack: "s",
    location: "fsn1",
    name: "w",
    watched: { name: "m", address: "10.0.0.1" },
    receivers: [],
  } as const;
  const waiting = Number(/^(\d+)s$/.exec(monitoringDown.for!)![1]);
  expect(watcherLimit(JSON.parse(renderWatch(spec)))).toBe(waiting + 2 * checkSeconds);
});

it("drills of alerts know how long Alertmanager waits", () => {
  const { route } = parse(renderAlertmanager([])) as { route: Record<string, unknown> };
  expect(route).toMatchObject({
    group_wait: `${alertmanagerSeconds.groupWait}s`,
    group_interval: `${alertmanagerSeconds.groupInterval / 60}m`,
  });
});

it("alerts that drills wait for are alerts that there are", () => {
  const known = ruleGroups(everything("1")).flatMap((group) => group.rules.map((rule) => rule.alert));
  const named = allDrills.flatMap((drill) => drill.alerts ?? []);
  expect(named.length).toBeGreaterThan(3);
  expect(known).toEqual(expect.arrayContaining(named));
});
