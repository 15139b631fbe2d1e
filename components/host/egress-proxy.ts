import { textfileDirectory } from "../monitoring/textfile.ts";
import { ports } from "../ports.ts";
import type { Outgoing, ProxiedPort } from "./egress.ts";

/** The proxy runs as this user, which alone is let out by the packet filter. */
export const egressUser = "sovereign-egress";

export const egressPaths = {
  config: "/etc/sovereign/egress/haproxy.cfg",
  /** `host:port` a line. */
  names: "/etc/sovereign/egress/names",
  /** `.domain:port` a line: all names below the domain. */
  suffixes: "/etc/sovereign/egress/suffixes",
  /** `host:port` a line: where the machine's own package manager takes packages from. */
  mirrors: "/run/sovereign-egress/mirrors",
  findUser: "/etc/sovereign/egress/find-user.lua",
  mirrorsScript: "/usr/local/lib/sovereign/egress-mirrors",
  metricsScript: "/usr/local/lib/sovereign/egress-metrics",
} as const;

/** Packets that the packet filter refused. */
export const refusedPacketsMetric = "sovereign_egress_refused_packets_total";
/** The packet filter's counter behind it. */
export const refusedCounter = "egress_refused";

/** Nothing out there has such an address; whoever answers a name with one wants into the machine or its network. */
export const inwardRanges = {
  ipv4: ["0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"],
  ipv6: ["::/96", "fc00::/7", "fe80::/10", "ff00::/8"],
} as const;

/** The name says which port was asked for: on IPv6 HAProxy cannot ask the kernel what was redirected. */
const binds = ({ port, localPort }: ProxiedPort): string =>
  `  bind 127.0.0.1:${localPort} name ${port}\n  bind [::1]:${localPort} name ${port}`;

const lists = (inward: readonly string[]): string => `  acl listed var(txn.to) -m str -f ${egressPaths.names}
  acl listed var(txn.to) -m end -f ${egressPaths.suffixes}
  acl listed var(txn.to) -m str -f ${egressPaths.mirrors}
  acl resolved var(txn.address) -m found
  acl inward var(txn.address) -m ip ${inward.join(" ")}`;

const logFormat = `  log-format "egress %[var(txn.verdict)]: name=%[var(txn.name)] port=%[var(txn.port)] address=%[dst] uid=%[var(txn.uid)]"`;

/** What both ways have in common once the name is known: `rules` is how their lines begin, `refuse` what they do. */
function decide(rules: "tcp-request content" | "http-request", refuse: string): string {
  const lines = [
    "set-var(txn.verdict) str(refused-not-listed)",
    "lua.find_user unless listed",
    `${refuse} unless listed`,
    "set-var(txn.verdict) str(failed-unresolved)",
    "do-resolve(txn.address,provider,ipv4) var(txn.name)",
    "set-var(txn.verdict) str(refused-inward-address) if inward",
    "lua.find_user if inward",
    `${refuse} if inward`,
    "set-var(txn.verdict) str(failed) if resolved",
    "set-dst var(txn.address) if resolved",
    "set-dst-port var(txn.port) if resolved",
  ];
  return lines.map((line) => `  ${rules} ${line}`).join("\n");
}

/**
 * HAProxy as a way out. It never uses the address that a program asked for: without a name on the list there is no
 * way, and with one the name's own address is looked up. Connections of programs that are refused are logged with name,
 * address and user; the rest only when they fail.
 */
export function renderEgressProxy(outgoing: Outgoing, privateRange: string): string {
  const inward = [...new Set([...inwardRanges.ipv4, ...inwardRanges.ipv6, privateRange])];
  const bindsBy = (by: ProxiedPort["by"]) =>
    outgoing.proxied
      .filter((way) => way.by === by)
      .map(binds)
      .join("\n");
  const relays = outgoing.proxied.filter((way) => way.by === "relay");
  const relay = (way: ProxiedPort) => `
listen relay-${way.port}
${binds(way)}
  server out ${outgoing.relays.find(({ port }) => port === way.port)!.host}:${way.port} resolvers provider init-addr none resolve-prefer ipv4
`;
  // Without brackets a port at the end of an IPv6 address reads as a part of it.
  const nameservers = outgoing.resolvers.map(
    (address, i) => `  nameserver ns${i + 1} ${address.includes(":") ? `[${address}]` : address}:53`,
  );
  return `global
  log stdout format raw daemon info
  maxconn 2000
  nbthread 1
  lua-load ${egressPaths.findUser}

resolvers provider
${nameservers.join("\n")}
  resolve_retries 2
  timeout resolve 1s
  timeout retry 1s
  hold valid 10s
  accepted_payload_size 4096

defaults
  log global
  mode tcp
  option dontlognull
  option dontlog-normal
  timeout connect 5s
  timeout client 5m
  timeout server 5m
  timeout tunnel 1h
  option clitcpka
  option srvtcpka

frontend tls
${bindsBy("tls")}
${logFormat}
${lists(inward)}
  acl hello req.ssl_hello_type 1
  tcp-request inspect-delay 5s
  tcp-request content set-var(txn.port) so_name
  tcp-request content set-var(txn.verdict) str(refused-no-tls)
  tcp-request content lua.find_user unless hello
  tcp-request content reject unless hello
  tcp-request content set-var(txn.name) req.ssl_sni,lower
  tcp-request content set-var(txn.to) var(txn.name),concat(:,txn.port)
${decide("tcp-request content", "reject")}
  use_backend nowhere unless resolved
  default_backend tls

backend tls
  server out 0.0.0.0:0

backend nowhere

frontend http
  mode http
${bindsBy("http")}
${logFormat}
${lists(inward)}
  timeout http-request 10s
  http-request set-var(txn.port) so_name
  http-request set-var(txn.name) req.hdr(host),field(1,:),lower
  http-request set-var(txn.to) var(txn.name),concat(:,txn.port)
${decide("http-request", 'deny status 403 content-type text/plain string "Refused: not on the egress allow-list of this machine\\n"')}
  use_backend http-nowhere unless resolved
  default_backend http

backend http
  mode http
  http-reuse never
  server out 0.0.0.0:0

backend http-nowhere
  mode http
${relays.map(relay).join("")}
frontend metrics
  bind :${ports.egressMetrics}
  mode http
  # Not of backends: rules and dashboards take those for ways to the data.
  http-request set-query scope=frontend
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404
`;
}

/** The kernel knows whose connection it is; it is asked for those alone that are refused. */
export function renderFindUser(): string {
  return `local row = "^%s*%d+: %x+:(%x+) (%x+):(%x+) %x+ %S+ %S+ %x+%s+(%d+)"

local function find(txn)
  local from, to = tonumber(txn.sf:src_port()), tonumber(txn.sf:so_name())
  local a, b, c, d = tostring(txn.sf:dst()):match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  local address = a and string.format("%02X%02X%02X%02X", d, c, b, a)
  for _, name in ipairs({ "tcp", "tcp6" }) do
    local file <close> = io.open("/proc/self/net/" .. name)
    for line in file and file:lines() or pairs({}) do
      local here, there, port, uid = line:match(row)
      if uid and tonumber(here, 16) == from and tonumber(port, 16) == to
        and (not address or there:sub(-8) == address) then
        return uid
      end
    end
  end
  return "unknown"
end

core.register_action("find_user", { "tcp-req", "http-req" }, function(txn)
  txn:set_var("txn.uid", find(txn))
end)
`;
}

/** The image's own package sources are the way to security updates: whichever they are, they are read where they stand. */
export function renderMirrors(): string {
  return `#!/bin/sh
set -eu
find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/mirrors -type f -exec cat {} + 2>/dev/null |
  sed 's/#.*//' | grep -oiE 'https?://[a-z0-9.-]+(:[0-9]+)?' | tr '[:upper:]' '[:lower:]' |
  sed -E 's#^http://([^:]+)$#\\1:80#; s#^https://([^:]+)$#\\1:443#; s#^https?://##' | sort -u > ${egressPaths.mirrors}
`;
}

/** The packet filter's own count, for the node exporter, every 15 s. */
export function renderMetrics(): string {
  return `#!/bin/sh
set -eu
out=${textfileDirectory}/egress.prom
while :; do
  {
    echo '# TYPE ${refusedPacketsMetric} counter'
    nft list counter inet sovereign ${refusedCounter} | sed -n 's/.*packets \\([0-9]*\\) .*/${refusedPacketsMetric} \\1/p'
  } > $out.new
  mv $out.new $out
  [ "\${1-}" != once ] || exit 0
  sleep 15
done
`;
}

export function renderMetricsUnit(): string {
  return `[Unit]
Description=Counts what the packet filter refused
After=nftables.service
StartLimitIntervalSec=0

[Service]
ExecStart=${egressPaths.metricsScript}
Restart=always
RestartSec=15

[Install]
WantedBy=multi-user.target
`;
}

/** Its log is bounded: a program that keeps trying would fill the journal. */
export function renderProxyUnit(): string {
  return `[Unit]
Description=Lets connections out by name
After=nftables.service network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
User=${egressUser}
RuntimeDirectory=sovereign-egress
ExecStartPre=+${egressPaths.mirrorsScript}
ExecStart=/usr/sbin/haproxy -Ws -f ${egressPaths.config}
Restart=always
RestartSec=1
KillMode=mixed
LimitNOFILE=8192
LogRateLimitIntervalSec=60s
LogRateLimitBurst=100
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes

[Install]
WantedBy=multi-user.target
`;
}
