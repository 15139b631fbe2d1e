import type { Role } from "../host/role.ts";
import { scrapeSeconds, scrapeTimeoutSeconds } from "./prometheus.ts";
import { textfileDirectory } from "./textfile.ts";

/** 1 while a machine powers off because it was told to: the provider shuts a server down before it is deleted. */
export const farewellMetric = "sovereign_host_leaving";

const program = "/usr/local/lib/sovereign/farewell";
/** Seconds from the farewell to the node exporter's end: a scrape falls into it whenever it comes. */
const audibleSeconds = scrapeSeconds + 1;

/**
 * A machine that is told to power off says so in its metrics, for long enough to be scraped, before its node exporter ends. One that
 * is lost says nothing.
 */
export function farewellRole(): Role {
  return {
    name: "farewell",
    packages: [],
    files: [{ path: program, content: renderFarewell(), mode: "0755" }],
    units: [{ name: "sovereign-farewell.service", content: farewellUnit }],
    openings: [],
    scrape: [],
  };
}

/** `farewell come` and `farewell go`. A restart of the unit or of the machine is no farewell. */
export function renderFarewell(): string {
  return `#!/bin/sh
set -eu
leaving=0
if [ "$1" = go ]; then
  systemctl list-jobs --no-legend | grep -Eq '[[:space:]](poweroff|halt)[.]target[[:space:]]+start' || exit 0
  leaving=1
fi
out=${textfileDirectory}/farewell.prom
tmp=$(mktemp "$out.XXXXXX")
trap 'rm -f "$tmp"' EXIT
{
  echo '# HELP ${farewellMetric} Whether this machine powers off because it was told to.'
  echo '# TYPE ${farewellMetric} gauge'
  echo "${farewellMetric} $leaving"
} > "$tmp"
chmod 0644 "$tmp"
mv "$tmp" "$out"
if [ $leaving = 1 ]; then sleep ${audibleSeconds}; fi
`;
}

/** Stopped before what it comes after: the exporter, and the network that it is asked over. */
const farewellUnit = `[Unit]
Description=Says in the metrics that this machine powers off on purpose
After=prometheus-node-exporter.service network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${program} come
ExecStop=${program} go
TimeoutStopSec=${audibleSeconds + scrapeTimeoutSeconds + 5}

[Install]
WantedBy=multi-user.target
`;
