import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";

/** Seconds after which rules count as not evaluated any more: several evaluations and scrapes of itself. */
const staleSeconds = 60;

/** A question to the monitoring host that says whether a part of it works. */
export interface HealthCheck {
  /** Also the path that it is asked by. */
  readonly name: string;
  /** What it means that it fails, in words. */
  readonly means: string;
  /** Who answers. */
  readonly backend: "prometheus" | "alertmanager";
  /** What is asked there. */
  readonly uri: string;
  /** Regular expression (RE2) that the answer matches when all is well. @default any */
  readonly expects?: string;
  /** Failures in a row until it counts. */
  readonly failures: number;
}

/** Seconds between two rounds of checks. */
export const checkSeconds = 15;
/** Four rounds: 45 s after the first. */
export const usualFailures = 4;

/** Each of the chain's parts, then what goes from one to the next. */
export const healthChecks: readonly HealthCheck[] = [
  {
    name: "prometheus",
    means: "Prometheus does not answer",
    backend: "prometheus",
    uri: "/-/healthy",
    failures: usualFailures,
  },
  {
    name: "rules",
    means: "Prometheus has not evaluated its rules lately",
    backend: "prometheus",
    uri: `/api/v1/query?query=${encodeURIComponent(`time() - min(prometheus_rule_group_last_evaluation_timestamp_seconds) < ${staleSeconds}`)}`,
    expects: '"result":\\[\\{',
    failures: usualFailures,
  },
  {
    name: "alertmanager",
    means: "Alertmanager does not answer",
    backend: "alertmanager",
    uri: "/-/healthy",
    failures: usualFailures,
  },
  {
    name: "watchdog",
    means: "Alertmanager has no word of Prometheus' dead man's switch",
    backend: "alertmanager",
    uri: `/api/v2/alerts?active=true&filter=${encodeURIComponent('alertname="Watchdog"')}`,
    expects: "^\\[\\{",
    // An Alertmanager that was restarted knows no alerts until Prometheus sends them again, each minute.
    failures: 2 * usualFailures,
  },
];

/** Where a check is asked. */
export const healthUrl = (address: string, name: string): string => `https://${address}:${ports.health}/${name}`;

/**
 * HAProxy's part: these questions and no others, and for holders of a certificate of the stack alone. Both programs let everybody who
 * reaches them do everything, silence alerts for instance.
 */
export function renderHealthProxy(address: string): string {
  const names = healthChecks.map((check) => `/${check.name}`).join(" ");
  const backend = (name: HealthCheck["backend"], server: string) => {
    const own = healthChecks.filter((check) => check.backend === name);
    return `
backend health-${name}
    mode http
    timeout server 5s
    # A second try takes a second, and says nothing else.
    retries 0
${own.map((check) => `    http-request set-uri ${check.uri.replaceAll("%", "%%")} if { path /${check.name} }`).join("\n")}
    server local ${server}
`;
  };
  return `
frontend health
    mode http
    bind ${address}:${ports.health} ssl crt ${tlsPaths.bundle} ca-file ${tlsPaths.ca} verify required
    timeout client 10s
    timeout http-request 5s
    http-request return status 404 unless { method GET } { path ${names} }
    use_backend health-prometheus if { path ${healthChecks
      .filter((check) => check.backend === "prometheus")
      .map((check) => `/${check.name}`)
      .join(" ")} }
    default_backend health-alertmanager
${backend("prometheus", `${address}:${ports.prometheus}`)}${backend("alertmanager", `127.0.0.1:${ports.alertmanager}`)}`;
}
