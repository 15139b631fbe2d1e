import type { MachineFile, MachineUnit, Opening, Role } from "../host/role.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { hasSentinel, redisInstances } from "./client.ts";
import { engines } from "./engine.ts";
import { exporterFiles, exporterTargets, exporterUnits } from "./exporter.ts";
import { redisVolumeGb } from "./memory.ts";
import { renderSentinelSettings } from "./sentinel-settings.ts";
import { renderServerSettings } from "./server-settings.ts";
import { exporterPorts, instancePorts, type RedisHostSpec, settingsDirectory } from "./spec.ts";
import { renderStartScript } from "./start-script.ts";

const startScript = "/usr/local/lib/sovereign/redis-start";

/**
 * Over the distribution's unit: other settings, made by the start script. `+` runs that script outside of the unit's
 * sandbox, which lets nothing but the server itself be executed. A crashed master waits longer than Sentinel does, so
 * that it comes back as a replica of one that has all the data rather than as a master with its last snapshot.
 */
export function renderUnitDropIn(name: string, program: string, dataDirectory: string): string {
  return `[Unit]
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
SupplementaryGroups=${tlsPaths.group}
ExecStartPre=+${startScript} ${name}
ExecStart=
ExecStart=${program} ${dataDirectory}/${name}/running.conf --supervised systemd --daemonize no
RestartSec=3
`;
}

/** Snapshots fork; without overcommit the kernel could refuse that on a machine that is half full. */
const kernelSettings = { "vm.overcommit_memory": 1, "net.core.somaxconn": 1024 };

function files(spec: RedisHostSpec): MachineFile[] {
  return [
    ...redisInstances.map((instance) => ({
      path: `${settingsDirectory}/${instance}.conf`,
      content: renderServerSettings(spec, instance),
      mode: "0600",
    })),
    ...(hasSentinel(spec)
      ? [{ path: `${settingsDirectory}/sentinel.conf`, content: renderSentinelSettings(spec), mode: "0600" }]
      : []),
    { path: startScript, content: renderStartScript(spec), mode: "0755" },
    ...exporterFiles(spec),
  ];
}

function units(spec: RedisHostSpec): MachineUnit[] {
  const engine = engines[spec.engine];
  return [
    { name: engine.defaultUnit, state: "masked" },
    ...redisInstances.map((instance) => ({
      name: engine.unit(instance),
      dropIn: renderUnitDropIn(instance, engine.server, engine.dataDirectory),
    })),
    ...(hasSentinel(spec)
      ? [{ name: engine.sentinelUnit, dropIn: renderUnitDropIn("sentinel", engine.sentinel, engine.dataDirectory) }]
      : []),
    ...exporterUnits(spec),
  ];
}

function openings(spec: RedisHostSpec): Opening[] {
  const instances = redisInstances.map(
    (instance): Opening => ({
      port: instancePorts[instance],
      from: hasSentinel(spec) ? ["app", "redis"] : ["app"],
      purpose: `${instance}: clients${hasSentinel(spec) ? ", replication, Sentinel" : ""}`,
    }),
  );
  if (!hasSentinel(spec)) return instances;
  return [...instances, { port: ports.sentinel, from: ["app", "redis"], purpose: "Sentinel: who is master" }];
}

/** Everything on a Redis host. Pure: passwords are tokens. */
export function redisRole(spec: RedisHostSpec): Role {
  const engine = engines[spec.engine];
  const directories = [...redisInstances, ...(hasSentinel(spec) ? ["sentinel"] : [])];
  return {
    name: "redis",
    packages: [...engine.packages, ...(hasSentinel(spec) ? [engine.sentinelPackage] : []), "prometheus-redis-exporter"],
    files: files(spec),
    units: units(spec),
    setup: [
      `install -d -o ${engine.user} -g ${engine.user} -m 0700 ${directories.map((d) => `${engine.dataDirectory}/${d}`).join(" ")}`,
    ],
    kernelSettings,
    openings: openings(spec),
    scrape: exporterTargets(spec).map((target) => ({
      job: target === "sentinel" ? "redis-sentinel" : "redis",
      port: exporterPorts[target],
    })),
    data: [
      {
        path: engine.dataDirectory,
        owner: `${engine.user}:${engine.user}`,
        mode: "0750",
        sizeGb: redisVolumeGb(spec.memory),
      },
    ],
  };
}
