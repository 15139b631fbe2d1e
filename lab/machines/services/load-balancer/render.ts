/** HAProxy's configuration for a load balancer of the API. */
import type { HealthCheck, Service, ServiceHttp } from "../../../api/kinds/load-balancers/services.ts";
import { serviceFolder } from "../in-tree.ts";
import type { BalancerSpec, TargetSpec } from "./spec.ts";

/** Seconds that a connection may be silent; the provider publishes none. */
export const idleTimeout = 60;
/** Seconds until another target is tried when one does not take a connection. */
export const connectTimeout = 3;
/** Seconds that connections made before a reload may still take. */
const hardStop = 3600;
/** Open files for all but connections: listeners, health checks, sockets for commands. */
const SPARE_FILES = 500;

/** Files in {@link serviceFolder}. */
export const balancerFiles = {
  config: "haproxy.cfg",
  /** Servers that begin as down. */
  states: "servers.state",
  /** Commands to the worker: servers, their state, figures. */
  admin: "admin.sock",
  /** Commands to the master: reload. */
  master: "master.sock",
  certificate: (id: number) => `tls/${id}.pem`,
} as const;

/** Name of the backend of a service. */
export const backendName = (listenPort: number): string => `targets-${listenPort}`;

/** Name of a target in each backend; the address is part of it, so that a target that moves is another one. */
export function serverName({ target, address }: TargetSpec): string {
  const place = (address ?? "").replaceAll(/[^0-9a-z]/gi, "-");
  return "server" in target ? `server-${target.server}-${place}` : `ip-${place}`;
}

/** Whether a service can be served now: one with TLS needs a certificate that has been issued. */
export function isServed(spec: Pick<BalancerSpec, "certificates">, service: Service): boolean {
  return service.protocol !== "https" || certificateFiles(spec, service.http).length > 0;
}

/** Quotes a word so that HAProxy changes nothing in it. Line breaks cannot be written: what may hold some is escaped before. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const bytes = (text: string): string[] =>
  [...Buffer.from(text, "utf8")].map((byte) => byte.toString(16).padStart(2, "0"));

/** A regular expression that matches this text and nothing else. */
const literally = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9]/gu, (c) =>
    bytes(c)
      .map((b) => `\\x${b}`)
      .join(""),
  );

/** Characters that may not stand in a request line. */
const encoded = (path: string): string =>
  path.replaceAll(/[^\x21-\x7e]/gu, (c) =>
    bytes(c)
      .map((b) => `%${b.toUpperCase()}`)
      .join(""),
  );

/** A regular expression for the provider's wildcards: `?` is one digit, `*` any number of them. */
function statusPattern(codes: readonly string[]): string {
  return `^(?:${codes.map((code) => code.replaceAll("?", "[0-9]").replaceAll("*", "[0-9]*")).join("|")})$`;
}

/** The whole file. */
export function renderHaproxy(spec: BalancerSpec): string {
  const served = spec.services.filter((service) => isServed(spec, service));
  return [renderGlobal(spec), ...served.flatMap((service) => renderService(spec, service))].join("\n");
}

function renderGlobal({ maxConnections }: BalancerSpec): string {
  return `global
  stats socket ${serviceFolder}/${balancerFiles.admin} mode 600 level admin expose-fd listeners
  server-state-file ${serviceFolder}/${balancerFiles.states}
  # Each connection has two ends. Where this machine allows fewer open files, that decides.
  fd-hard-limit ${2 * maxConnections + SPARE_FILES}
  hard-stop-after ${hardStop}s
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.ssl.default-dh-param 2048

defaults
  maxconn ${maxConnections}
  timeout connect ${connectTimeout}s
  timeout client ${idleTimeout}s
  timeout server ${idleTimeout}s
  timeout http-request 10s
  load-server-state-from-file global
  retries 3
  option redispatch 1
`;
}

function renderService(spec: BalancerSpec, service: Service): string[] {
  const redirect = service.http?.redirect_http && service.listen_port !== 80 ? [renderRedirect(service)] : [];
  return [...redirect, renderFrontend(spec, service), renderBackend(spec, service)];
}

function renderRedirect({ listen_port }: Service): string {
  const to =
    listen_port === 443
      ? "redirect scheme https code 301"
      : `redirect location https://%[req.hdr(host),host_only]:${listen_port}%[capture.req.uri] code 301`;
  return `frontend redirect-${listen_port}
  mode http
${bind(80)}
  http-request ${to}
`;
}

function certificateFiles(
  { certificates }: Pick<BalancerSpec, "certificates">,
  http: ServiceHttp | undefined,
): string[] {
  return (http?.certificates ?? [])
    .filter((id) => certificates.has(id))
    .map((id) => `${serviceFolder}/${balancerFiles.certificate(id)}`);
}

function renderFrontend(spec: BalancerSpec, service: Service): string {
  const { listen_port: port, protocol } = service;
  const certificates = certificateFiles(spec, service.http).map((file) => `crt ${file}`);
  const tls = protocol === "https" ? ` ssl ${certificates.join(" ")} alpn h2,http/1.1` : "";
  const lines = [`frontend service-${port}`, `  mode ${mode(service)}`, bind(port, tls)];
  if (protocol !== "tcp") {
    lines.push(
      "  option forwardfor",
      "  # After a reload a client that keeps its connection is told with the next answer, not cut off.",
      "  option idle-close-on-response",
      `  http-request set-header X-Forwarded-Proto ${protocol}`,
      "  http-request set-header X-Forwarded-Port %[dst_port]",
    );
  }
  return [...lines, `  default_backend ${backendName(port)}`, ""].join("\n");
}

/** Both kinds of addresses apart: an IPv4 client must not look like an IPv6 one behind the PROXY protocol. */
const bind = (port: number, settings = ""): string =>
  `  bind 0.0.0.0:${port}${settings}\n  bind :::${port} v6only${settings}`;

const mode = ({ protocol }: Service): string => (protocol === "tcp" ? "tcp" : "http");

function renderBackend(spec: BalancerSpec, service: Service): string {
  const lines = [
    `backend ${backendName(service.listen_port)}`,
    `  mode ${mode(service)}`,
    `  balance ${spec.algorithm === "least_connections" ? "leastconn" : "roundrobin"}`,
    ...stickiness(service),
    ...checkRules(service.health_check),
    ...reachable(spec.targets).map((target) => `  server ${serverName(target)} ${serverOptions(service, target)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The targets that there is a way to. */
export function reachable(targets: readonly TargetSpec[]): (TargetSpec & { readonly address: string })[] {
  return targets.flatMap((target) => (target.address === undefined ? [] : [{ ...target, address: target.address }]));
}

function stickiness({ http, protocol }: Service): string[] {
  if (!http?.sticky_sessions) return [];
  const secure = protocol === "https" ? " secure" : "";
  return [
    // The cookie's value is a hash of this and the server's address; nothing secret depends on it.
    `  dynamic-cookie-key ${http.cookie_name}`,
    `  cookie ${http.cookie_name} insert indirect nocache httponly${secure} attr ${quote(`Max-Age=${http.cookie_lifetime}`)} dynamic`,
  ];
}

/** The target's address out of its name: checks have no variable for it. */
const TARGET_ADDRESS = '%[srv_name,regsub("^(server-[0-9]+|ip)-",""),regsub("-",".","g")]';

function checkRules({ protocol, timeout, http }: HealthCheck): string[] {
  const lines = [`  timeout check ${timeout}s`];
  if (protocol !== "http" || http === undefined) return lines;
  // Servers refuse HTTP/1.1 without a Host header: without a domain it is the target's address.
  const host = http.domain === "" ? quote(TARGET_ADDRESS) : quote(http.domain);
  lines.push(
    "  option httpchk",
    `  http-check send meth GET uri ${quote(encoded(http.path))} ver HTTP/1.1 hdr Host ${host}`,
    `  http-check expect rstatus ${quote(statusPattern(http.status_codes))}`,
  );
  if (http.response !== "") lines.push(`  http-check expect rstring ${quote(literally(http.response))}`);
  return lines;
}

/** Columns of {@link renderStates}, of which HAProxy wants all. */
const STATE_COLUMNS =
  "be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/**
 * The file that HAProxy reads the servers' states from when it loads its configuration. It takes a server that is not in there for up: who has
 * not proved healthy yet stands there as down, not checked yet.
 */
export function renderStates(spec: BalancerSpec, isSuspect: (name: string) => boolean): string {
  const lines = spec.services.flatMap((service) =>
    reachable(spec.targets)
      .filter((target) => isSuspect(`${backendName(service.listen_port)}/${serverName(target)}`))
      .map(
        (target, index) =>
          `1 ${backendName(service.listen_port)} ${index + 1} ${serverName(target)} ${target.address} ` +
          `0 0 1 1 0 1 0 0 6 0 0 0 - ${service.destination_port} - 0 ${service.health_check.port} - - 0`,
      ),
  );
  return ["1", `# ${STATE_COLUMNS}`, ...lines, ""].join("\n");
}

/** What may stand in a TLS client's hello. */
const HOST_NAME = /^[A-Za-z0-9.-]+$/;

/** Address and settings of a target, in the configuration and for `add server` alike. */
export function serverOptions(service: Service, { address }: { readonly address: string }): string {
  const { health_check: check, destination_port: port, proxyprotocol } = service;
  const words = [
    `${address.includes(":") ? `ipv6@[${address}]` : `ipv4@${address}`}:${port}`,
    `check port ${check.port} inter ${check.interval}s fall ${check.retries} rise ${check.retries}`,
  ];
  if (check.protocol === "http" && check.http?.tls) {
    words.push("check-ssl verify none");
    if (HOST_NAME.test(check.http.domain)) words.push(`check-sni ${check.http.domain}`);
  }
  if (proxyprotocol) words.push("send-proxy");
  // The same listener answers the checks: it expects the header there too.
  if (proxyprotocol && check.port === port) words.push("check-send-proxy");
  return words.join(" ");
}
