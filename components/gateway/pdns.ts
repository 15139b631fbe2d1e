import { ports } from "../ports.ts";

export const zoneFile = "/etc/powerdns/sovereign.zone";
export const zoneList = "/etc/powerdns/sovereign-zones.conf";

export interface PdnsSpec {
  /** Public addresses of this name server; may be tokens. */
  readonly addresses: readonly string[];
  /** Seconds from one health check of an entrance to the next. */
  readonly intervalSeconds: number;
  /** Ranges that may read the metrics. */
  readonly metricsFrom: readonly string[];
}

/** A year. A check that is forgotten makes its entrance "down" for the first answers after it is needed. */
const forgetChecksAfterSeconds = 31_536_000;

/** pdns.conf: one zone from a file, answers computed by Lua, and nothing for anybody to transfer, change or recurse. */
export function renderPdns(spec: PdnsSpec): string {
  return `launch=bind
bind-config=${zoneList}
local-address=${spec.addresses.join(", ")}
# Its addresses may be there later than it is.
non-local-bind=yes

enable-lua-records=yes
lua-health-checks-interval=${spec.intervalSeconds}
# Also of entrances that nobody was led to for long: they must be known when they are needed.
lua-health-checks-expire-delay=${forgetChecksAfterSeconds}
# Near is what is near to the client, where its resolver says who that is.
edns-subnet-processing=yes

disable-axfr=yes
dnsupdate=no
allow-notify-from=
# Small answers over UDP: nobody is flooded by us.
any-to-tcp=yes
max-tcp-connections=200
max-tcp-connections-per-client=10
max-tcp-connection-duration=30
tcp-idle-timeout=5
version-string=anonymous
server-id=disabled
# Asks the maker's servers for news otherwise.
security-poll-suffix=

# Metrics alone; the machine's packet filter keeps everybody else away.
webserver=yes
webserver-address=0.0.0.0
webserver-port=${ports.pdnsMetrics}
webserver-allow-from=127.0.0.1, ${spec.metricsFrom.join(", ")}
webserver-loglevel=none
api=no
# What was declared up or down.
loglevel=6
`;
}

/** The list of zones, in BIND's format. */
export function renderZoneList(zone: string): string {
  return `zone "${zone}" { type master; file "${zoneFile}"; };\n`;
}

/** Over the distribution's unit, which is confined already. Log lines can be caused by anybody. */
export const pdnsDropIn = `[Unit]
Wants=sovereign-dns-status.service

[Service]
Restart=always
ProtectSystem=strict
LogRateLimitIntervalSec=30s
LogRateLimitBurst=300
`;
