import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresClientSpec, PostgresNode } from "../postgres/client.ts";
import type { RedisClientSpec } from "../redis/client.ts";
import { renderHaproxyRedis } from "./haproxy-redis.ts";
import { appMetrics } from "./metrics.ts";

/** What HAProxy on an app server leads to. */
export interface HaproxySpec {
  readonly postgres?: PostgresClientSpec | undefined;
  readonly redis?: RedisClientSpec | undefined;
  /** Of this app server. */
  readonly location: LocationName;
  readonly workload: {
    readonly port: number;
    readonly healthPath: string;
    readonly concurrency: number;
    readonly metricsPath?: string | undefined;
    /** Longest time until the workload begins to answer, s. */
    readonly requestTimeoutSeconds: number;
  };
}

/** Asked by nginx for /healthz: answers at once, however many requests are waiting for the workload. */
export const workloadHealthUri = "/.sovereign/healthz";
/** Where sovereign-appd asks for the state of every server. */
export const haproxyStatsSocket = "/run/haproxy/stats.sock";

/**
 * A replica that is further behind than this gets no reads. Nor does one that does not stream, which Patroni 4.0 tells in the
 * body alone: a former primary on a timeline of its own is a running replica without lag.
 */
const mostReplicaLag = "16MB";

const streamingReplica = `  option httpchk GET /replica?lag=${mostReplicaLag}
  http-check expect status 200
  http-check expect string '"replication_state": "streaming"'`;

/** Connections to a server that is no longer what it was end at once, so that pools reconnect to the right one. */
const endSessions = "  default-server on-marked-down shutdown-sessions";

/**
 * HAProxy 3.0 takes a server for up until its first check has failed, which takes a second, and two more where nobody answers:
 * until then nobody is led anywhere. (`init-state down` comes with 3.1.)
 */
export const secondsUntilChecked = 4;
const untilChecked = `  tcp-request connection reject if { uptime lt ${secondsUntilChecked} }`;

const patroniServer = ({ name, address }: PostgresNode): string =>
  `  server ${name} ${address}:${ports.postgres} check port ${ports.patroni} check-ssl verify required ca-file ${tlsPaths.ca} verifyhost ${name}`;

/** TLS between PgBouncer and PostgreSQL passes through; only the checks, which ask Patroni, are HAProxy's own. */
function renderPostgres({ nodes }: PostgresClientSpec, location: LocationName): string {
  const servers = nodes.map(patroniServer).join("\n");
  const primary = `listen postgres-primary
  bind 127.0.0.1:${ports.localPrimary}
${untilChecked}
  option httpchk OPTIONS /primary
  http-check expect status 200
${endSessions}
${servers}
`;
  if (nodes.length === 1) {
    return `${primary}
frontend postgres-replicas
  bind 127.0.0.1:${ports.localReplicas}
  default_backend postgres-primary
`;
  }
  const near = nodes.filter((node) => node.location === location);
  const isSpread = near.length < nodes.length && near.length > 0;
  return `${primary}
frontend postgres-replicas
  bind 127.0.0.1:${ports.localReplicas}
${untilChecked}
${isSpread ? nearFirst : ""}  use_backend postgres-primary if { nbsrv(postgres-replicas) eq 0 }
  default_backend postgres-replicas

backend postgres-replicas
  balance leastconn
${streamingReplica}
${endSessions}
${servers}
${isSpread ? renderNear(near) : ""}`;
}

/** Of several locations, what is near is read first, be it the primary: another location is milliseconds away for each read. */
const nearFirst = `  use_backend postgres-near-replicas if { nbsrv(postgres-near-replicas) gt 0 }
  use_backend postgres-near-primary if { nbsrv(postgres-near-primary) gt 0 }
`;

function renderNear(near: readonly PostgresNode[]): string {
  const servers = near.map(patroniServer).join("\n");
  return `
backend postgres-near-replicas
  balance leastconn
${streamingReplica}
${endSessions}
${servers}

backend postgres-near-primary
  option httpchk OPTIONS /primary
  http-check expect status 200
${endSessions}
${servers}
`;
}

/** Between nginx and the workload: no more requests at a time than the workload is made for; the rest wait here, and are counted. */
function renderWorkload({ workload }: HaproxySpec): string {
  const { port, healthPath, concurrency, metricsPath, requestTimeoutSeconds } = workload;
  const metrics = `
frontend workload-metrics
  bind :${ports.workloadMetrics}
  mode http
  timeout client 30s
  http-request return status 404 unless { path ${metricsPath} }
  default_backend workload-metrics

backend workload-metrics
  mode http
  timeout server 30s
  server workload 127.0.0.1:${port}
`;
  return `listen ${appMetrics.queueProxy}
  bind 127.0.0.1:${ports.workloadQueue}
  mode http
  monitor-uri ${workloadHealthUri}
  monitor fail if { nbsrv lt 1 }
  timeout client 75s
  timeout http-keep-alive 75s
  timeout server ${requestTimeoutSeconds}s
  timeout tunnel 1h
  timeout queue 10s
  option httpchk
  http-check send meth GET uri ${healthPath} ver HTTP/1.1 hdr Host localhost
  http-check expect status 200-399
  timeout check 5s
  default-server inter 2s fastinter 500ms downinter 500ms fall 3
  server workload 127.0.0.1:${port} check maxconn ${concurrency}
${metricsPath ? metrics : ""}`;
}

/** `/etc/haproxy/haproxy.cfg` of an app server. Holds the password of the health checks. */
export function renderHaproxy(spec: HaproxySpec): string {
  const sections = [
    ...(spec.postgres ? [renderPostgres(spec.postgres, spec.location)] : []),
    ...(spec.redis ? [renderHaproxyRedis(spec.redis)] : []),
    renderWorkload(spec),
  ];
  return `global
  log stdout format raw local0 notice
  user haproxy
  group haproxy
  chroot /var/lib/haproxy
  stats socket ${haproxyStatsSocket} mode 660 group haproxy level user
  maxconn 8000
  ssl-server-verify required
  ssl-default-server-options ssl-min-ver TLSv1.2

defaults
  log global
  mode tcp
  timeout connect 2s
  timeout check 2s
  timeout client 5s
  timeout server 5s
  # Once connected, pools may be idle for as long as they like.
  timeout tunnel 24h
  option clitcpka
  option srvtcpka
  retries 0
  default-server inter 1s fastinter 500ms downinter 500ms fall 2 rise 1

${sections.join("\n")}
frontend metrics
  bind :${ports.haproxyMetrics}
  mode http
  timeout client 30s
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404
`;
}
