import { readFileSync } from "node:fs";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { MachineUnit, Role } from "../host/role.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresClientSpec } from "../postgres/client.ts";
import { hasSentinel, type RedisClientSpec, redisInstances, sentinelQuorum } from "../redis/client.ts";
import { instancePorts } from "../redis/spec.ts";
import { haproxyStatsSocket } from "./haproxy.ts";
import { nodeBackend, sentinelBackend } from "./haproxy-redis.ts";
import { appMetrics } from "./metrics.ts";
import { requestLogSocket } from "./nginx.ts";

export interface AppdSpec {
  readonly postgres?: PostgresClientSpec | undefined;
  readonly redis?: RedisClientSpec | undefined;
  /** Of this app server. */
  readonly location: LocationName;
}

/** Below this share of free space on the system's disk a server is not ready, percent. */
const minFreePercent = 10;

const program = "/usr/local/lib/sovereign/sovereign-appd";
const settingsPath = "/etc/sovereign/appd.json";

function redisChecks(redis: RedisClientSpec): [string, unknown][] {
  return redisInstances.map((instance) => [
    `redis-${instance}`,
    {
      kind: "redis",
      port: instancePorts[instance],
      quorum: sentinelQuorum(redis),
      nodes: Object.fromEntries(
        redis.nodes.map(({ name }, index) => [
          name,
          hasSentinel(redis)
            ? { backend: nodeBackend(instance, index + 1), sentinels: sentinelBackend(instance, index + 1) }
            : { backend: `redis-${instance}` },
        ]),
      ),
    },
  ]);
}

function replicationOf({ nodes }: PostgresClientSpec, location: LocationName) {
  return {
    location,
    port: ports.patroni,
    authority: tlsPaths.ca,
    nodes: Object.fromEntries(nodes.map((node) => [node.name, { address: node.address, location: node.location }])),
  };
}

/** How far replicas are behind: `DATABASE_LAG_URL` of the workload. */
export const replicationUrl = `http://127.0.0.1:${ports.appDaemon}/replication`;

/** Settings of sovereign-appd: where it listens and what makes a server ready. */
export function renderAppdSettings({ postgres, redis, location }: AppdSpec): string {
  const checks: [string, unknown][] = [
    ["workload", { kind: "workload" }],
    ...(postgres ? [["postgres", { kind: "postgres", pgbouncer: ports.pgbouncer }] as [string, unknown]] : []),
    ...(redis ? redisChecks(redis) : []),
    ["disk", { kind: "disk", path: "/", minFreePercent }],
  ];
  const settings = {
    port: ports.appDaemon,
    requests: requestLogSocket,
    haproxy: haproxyStatsSocket,
    checks: Object.fromEntries(checks),
    ...(postgres ? { replication: replicationOf(postgres, location) } : {}),
  };
  return `${JSON.stringify(settings, undefined, 1)}\n`;
}

const unit: MachineUnit = {
  name: "sovereign-appd.service",
  content: `[Unit]
Description=Request latencies and readiness of this app server
After=network.target haproxy.service
Before=nginx.service

[Service]
Type=notify
DynamicUser=yes
SupplementaryGroups=haproxy
RuntimeDirectory=sovereign-appd
ExecStart=/usr/bin/python3 -I ${program} ${settingsPath}
Restart=always
RestartSec=1
MemoryMax=256M
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_UNIX
RestrictNamespaces=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`,
};

/** One small daemon for what no package has: percentiles of latencies, and one answer on whether all that is needed is there. */
export function appdRole(spec: AppdSpec): Role {
  const source = readFileSync(new URL("./sovereign-appd.py", import.meta.url), "utf8");
  return {
    name: "appd",
    packages: ["python3"],
    files: [
      { path: program, content: source, mode: "0755" },
      { path: settingsPath, content: renderAppdSettings(spec) },
    ],
    units: [unit],
    openings: [],
    scrape: [{ job: appMetrics.jobs.app, port: ports.appDaemon }],
  };
}
