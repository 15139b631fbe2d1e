import type { Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import { type HaproxySpec, renderHaproxy } from "./haproxy.ts";
import { appMetrics } from "./metrics.ts";

/**
 * A server counts as up until its first check has failed: two seconds are left for that before anything that depends on
 * HAProxy starts, or its first connections would go anywhere.
 */
const dropIn = `[Unit]
StartLimitIntervalSec=0

[Service]
RuntimeDirectory=haproxy
ExecStartPost=/bin/sleep 2
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
