import { alwaysRestarted } from "../host/drop-ins.ts";
import type { MachineUnit, Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import { appMetrics } from "./metrics.ts";
import { drainingMarker, type NginxSpec, renderNginx } from "./nginx.ts";

/** Longest time that nginx waits for requests at work when it stops, s. As long as `worker_shutdown_timeout`. */
const stopSeconds = 30;

/**
 * When the machine shuts down this stops first: /healthz says 503 while everything still works, until the load balancer
 * has noticed. Only then nginx ends, after its last requests, and after it what it leads to.
 */
export function renderDrainUnit(drainSeconds: number): string {
  return `[Unit]
Description=Takes this server out of the load balancer before anything stops
After=nginx.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/rm -f ${drainingMarker}
ExecStop=/bin/touch ${drainingMarker}
ExecStop=/bin/sleep ${drainSeconds}
TimeoutStopSec=${drainSeconds + 10}

[Install]
WantedBy=multi-user.target
`;
}

const nginxDropIn = `[Unit]
After=haproxy.service
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=1
LimitNOFILE=20000
ExecStop=
ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/${stopSeconds}/TERM/5 --pidfile /run/nginx.pid
TimeoutStopSec=${stopSeconds + 10}
`;

export interface NginxRoleSpec extends NginxSpec {
  /** Time from /healthz saying 503 to the first thing that stops, s: longer than the load balancer needs to notice. */
  readonly drainSeconds: number;
}

export function nginxRole(spec: NginxRoleSpec): Role {
  const units: MachineUnit[] = [
    { name: "nginx.service", dropIn: nginxDropIn },
    { name: "sovereign-drain.service", content: renderDrainUnit(spec.drainSeconds) },
    { name: "prometheus-nginx-exporter.service", dropIn: alwaysRestarted },
  ];
  return {
    name: "nginx",
    packages: ["nginx", "prometheus-nginx-exporter"],
    files: [
      { path: "/etc/nginx/nginx.conf", content: renderNginx(spec) },
      {
        path: "/etc/default/prometheus-nginx-exporter",
        content: `ARGS="--nginx.scrape-uri=http://127.0.0.1:${ports.nginxStatus}/stub_status"\n`,
      },
    ],
    units,
    openings: [{ port: ports.appHttp, from: ["load-balancer"], purpose: "requests from the load balancer" }],
    scrape: [{ job: appMetrics.jobs.nginx, port: ports.nginxExporter }],
  };
}
