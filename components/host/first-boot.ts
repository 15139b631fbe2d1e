import { userDataPaths } from "./paths.ts";
import type { DataDirectory, MachineUnit } from "./role.ts";

export interface FirstBootSpec {
  /** Waited for: this address, or any within this range. */
  readonly privateAddress: string;
  readonly data: readonly DataDirectory[];
  readonly setup: readonly string[];
  readonly units: readonly MachineUnit[];
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Mounts the one attached volume by label and binds each directory to where its role expects it. A volume that already
 * carries our label is kept as it is; anything else that is not blank stops the boot rather than being formatted.
 */
function renderDataVolume(data: readonly DataDirectory[]): string {
  if (data.length === 0) return "";
  const volume = userDataPaths.dataVolume;
  const directories = data.map((d) => {
    const source = `${volume}/${d.path.replace(/^\/+/, "").replaceAll("/", "-")}`;
    return `if [ ! -d ${quote(source)} ]; then
  mkdir -p ${quote(source)}
  chown ${quote(d.owner)} ${quote(source)}
  chmod ${d.mode ?? "0700"} ${quote(source)}
fi
mkdir -p ${quote(d.path)}
grep -q " ${d.path} none " /etc/fstab || echo ${quote(`${source} ${d.path} none bind,nofail,x-systemd.requires-mounts-for=${volume} 0 0`)} >> /etc/fstab
mountpoint -q ${quote(d.path)} || mount ${quote(d.path)}`;
  });
  return `step "data volume"
if ! mountpoint -q ${volume}; then
  wait_for "the data volume" "compgen -G '${userDataPaths.volumeDevices}'"
  devices=(${userDataPaths.volumeDevices})
  [ "\${#devices[@]}" = 1 ] || fail "expected one volume, found: \${devices[*]}"
  device=$(readlink -f "\${devices[0]}")
  label=$(blkid -o value -s LABEL "$device" || true)
  if [ "$label" != ${userDataPaths.volumeLabel} ]; then
    [ -z "$(blkid -p -o value -s TYPE "$device" || true)" ] || fail "$device already holds data without the label ${userDataPaths.volumeLabel}: not touched"
    mkfs.ext4 -q -m 1 -L ${userDataPaths.volumeLabel} "$device"
  fi
  mkdir -p ${volume}
  grep -q "^LABEL=${userDataPaths.volumeLabel} " /etc/fstab || echo "LABEL=${userDataPaths.volumeLabel} ${volume} ext4 defaults,nofail,discard 0 2" >> /etc/fstab
  udevadm settle 2>/dev/null || true
  systemctl daemon-reload
  mount ${volume}
fi
${directories.join("\n")}
systemctl daemon-reload
`;
}

function renderUnits(units: readonly MachineUnit[]): string {
  const started = units.filter((u) => u.state !== "masked").map((u) => quote(u.name));
  return `step "units"
failed=()
for unit in ${started.join(" ")}; do
  case "$(systemctl is-enabled "$unit" 2>/dev/null || true)" in
    generated | static | alias | enabled) ;;
    *) systemctl enable --quiet "$unit" || failed+=("$unit") ;;
  esac
  systemctl restart "$unit" || failed+=("$unit")
done
[ "\${#failed[@]}" = 0 ] || fail "units that did not start: \${failed[*]}; see: journalctl -b -u NAME"
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

${masked.length ? `systemctl mask --quiet --now ${masked.join(" ")}\n` : ""}step "private address"
wait_for "an address in ${spec.privateAddress}" '[ -n "$(ip -4 -o addr show to ${spec.privateAddress})" ]'
${renderDataVolume(spec.data)}step "setup"
${spec.setup.join("\n")}
rm -f /usr/sbin/policy-rc.d
systemctl daemon-reload
${renderUnits(spec.units)}touch ${userDataPaths.bootedMarker}
step "done"
`;
}
