import { renderDataVolume } from "./data-volume.ts";
import { userDataPaths } from "./paths.ts";
import type { DataDirectory, MachineUnit } from "./role.ts";
import { quote } from "./shell.ts";

export interface FirstBootSpec {
  /** Waited for: this address, or any within this range. @default no private network */
  readonly privateAddress?: string | undefined;
  readonly data: readonly DataDirectory[];
  readonly setup: readonly string[];
  readonly units: readonly MachineUnit[];
}

/** Each enabling alone would reload systemd with all its generators: most of a first boot. */
function renderUnits(units: readonly MachineUnit[]): string {
  const started = units.filter((u) => u.state !== "masked").map((u) => quote(u.name));
  return `step "units"
units=(${started.join(" ")})
enable=() failed=()
for unit in "\${units[@]}"; do
  case "$(systemctl is-enabled "$unit" 2>/dev/null || true)" in
    generated | static | alias | enabled) ;;
    *) enable+=("$unit") ;;
  esac
done
if [ "\${#enable[@]}" != 0 ]; then
  systemctl enable --quiet --no-reload "\${enable[@]}" || failed+=("\${enable[@]}")
  systemctl daemon-reload
fi
for unit in "\${units[@]}"; do
  systemctl restart "$unit" || failed+=("$unit")
done
[ "\${#failed[@]}" = 0 ] || fail "units that did not start: \${failed[*]}; see: journalctl -b -u NAME"
`;
}

function renderPrivateAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return `step "private address"
wait_for "an address in ${address}" '[ -n "$(ip -4 -o addr show to ${address})" ]'
`;
}

/** The script that cloud-init runs once, after packages and files. It bears being run again after a failure. */
export function renderFirstBoot(spec: FirstBootSpec): string {
  const masked = spec.units.filter((u) => u.state === "masked").map((u) => quote(u.name));
  return `#!/bin/bash
# Run again by hand after mending the cause: each step bears it.
set -euo pipefail
step() { echo "first boot: $1"; }
fail() { echo "first boot failed: $1" >&2; exit 1; }
wait_for() {
  for _ in $(seq 300); do
    if eval "$2" >/dev/null 2>&1; then return 0; fi
    sleep 1
  done
  fail "waited 300 s for $1"
}
trap 'rm -f /usr/sbin/policy-rc.d' EXIT

${masked.length ? `systemctl mask --quiet --now ${masked.join(" ")}\n` : ""}${renderPrivateAddress(spec.privateAddress)}${renderDataVolume(spec.data)}step "setup"
${spec.setup.join("\n")}
rm -f /usr/sbin/policy-rc.d
systemctl daemon-reload
${renderUnits(spec.units)}touch ${userDataPaths.bootedMarker}
step "done"
`;
}
