/**
 * What app servers tell Prometheus, by name: the rules of the monitoring are written against these and nothing else.
 * Ports are in components/ports.ts; targets follow from the role.
 */
export const appMetrics = {
  jobs: {
    /** sovereign-appd: latencies, errors and readiness. */
    app: "app",
    /** The workload's own metrics, when the config names their path. */
    workload: "workload",
    nginx: "nginx",
    haproxy: "haproxy",
    pgbouncer: "pgbouncer",
  },
  /** Histogram in seconds as nginx measured it, health checks left out; label `code`: 1xx, 2xx, 3xx, 4xx or 5xx. */
  requestDuration: "http_request_duration_seconds",
  /** Gauge, 1 or 0, per `check`: the parts of /readyz. */
  ready: "sovereign_ready",
  /** Requests that wait for the workload: gauge of HAProxy's job, with the label `proxy="workload"`. */
  queueDepth: "haproxy_backend_current_queue",
  queueProxy: "workload",
  /** HAProxy's backends, as a regular expression, of which most are down when all is well: only a master's are up. */
  electedBackends: "(redis|sentinel)-(sessions|cache)-[0-9]+|no-master",
} as const;
