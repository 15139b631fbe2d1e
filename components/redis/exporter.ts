import type { MachineFile, MachineUnit } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { hasSentinel, redisInstances, redisSecrets, redisUsers } from "./client.ts";
import { exporterPorts, instancePorts, ownNode, type RedisHostSpec, settingsDirectory } from "./spec.ts";

export type ExporterTarget = keyof typeof exporterPorts;

/** What this host's exporters look at: both instances, and Sentinel where there is one. */
export function exporterTargets(spec: RedisHostSpec): ExporterTarget[] {
  return [...redisInstances, ...(hasSentinel(spec) ? (["sentinel"] as const) : [])];
}

/** Password of the monitoring user, for the exporters and the start script. */
export function renderMonitorEnvironment(): string {
  return `REDIS_USER=${redisUsers.monitor}
REDIS_PASSWORD=${secretToken(redisSecrets.monitor)}
`;
}

export const monitorEnvironmentPath = `${settingsDirectory}/monitor.env`;

/** The distribution's unit knows one instance only. CONFIG is not asked: its answer would hold the passwords. */
export function renderExporterUnit(): string {
  return `[Unit]
Description=Prometheus exporter for %i
After=network.target

[Service]
DynamicUser=yes
SupplementaryGroups=${tlsPaths.group}
EnvironmentFile=${monitorEnvironmentPath}
EnvironmentFile=${settingsDirectory}/exporter-%i.env
ExecStart=/usr/bin/prometheus-redis-exporter --config-command=- --tls-ca-cert-file=${tlsPaths.ca}
Restart=always
RestartSec=5
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
CapabilityBoundingSet=
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`;
}

export function exporterFiles(spec: RedisHostSpec): MachineFile[] {
  const targetPorts = { ...instancePorts, sentinel: ports.sentinel };
  return [
    { path: "/etc/systemd/system/sovereign-redis-exporter@.service", content: renderExporterUnit() },
    { path: monitorEnvironmentPath, content: renderMonitorEnvironment(), mode: "0600" },
    ...exporterTargets(spec).map((target) => ({
      path: `${settingsDirectory}/exporter-${target}.env`,
      content: `REDIS_ADDR=rediss://${ownNode(spec).address}:${targetPorts[target]}
REDIS_EXPORTER_WEB_LISTEN_ADDRESS=${ownNode(spec).address}:${exporterPorts[target]}
`,
    })),
  ];
}

export function exporterUnits(spec: RedisHostSpec): MachineUnit[] {
  return exporterTargets(spec).map((target) => ({ name: `sovereign-redis-exporter@${target}.service` }));
}
