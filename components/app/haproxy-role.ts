import type { Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import { type HaproxySpec, renderHaproxy, secondsUntilChecked } from "./haproxy.ts";
import { appMetrics } from "./metrics.ts";

/** What depends on HAProxy starts when it leads somewhere. */
const dropIn = `[Unit]
StartLimitIntervalSec=0

[Service]
RuntimeDirectory=haproxy
ExecStartPost=/bin/sleep ${secondsUntilChecked}
RestartSec=1
LimitNOFILE=20000
`;

export function haproxyRole(spec: HaproxySpec): Role {
  return {
    name: "haproxy",
    packages: ["haproxy"],
    files: [{ path: "/etc/haproxy/haproxy.cfg", content: renderHaproxy(spec), mode: "0600" }],
    units: [{ name: "haproxy.service", dropIn }],
    openings: [],
    scrape: [{ job: appMetrics.jobs.haproxy, port: ports.haproxyMetrics }],
  };
}
