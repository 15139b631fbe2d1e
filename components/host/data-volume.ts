import { userDataPaths } from "./paths.ts";
import type { DataDirectory, MachineFile, MachineUnit } from "./role.ts";
import { quote } from "./shell.ts";

const { dataVolume: mountPoint, volumeLabel: label, volumeDevices: devices } = userDataPaths;

/** Where a directory's data lies on the volume. */
export const volumePath = (path: string): string => `${mountPoint}/${path.replace(/^\/+/, "").replaceAll("/", "-")}`;

/**
 * The user's number depends on the order in which packages were installed, so a machine made anew may know the owner of old
 * data by another one: then the data changes hands.
 */
function renderDirectory(directory: DataDirectory): string {
  const source = quote(volumePath(directory.path));
  const owner = quote(directory.owner);
  const mount = `${volumePath(directory.path)} ${directory.path} none bind,nofail,x-systemd.requires-mounts-for=${mountPoint} 0 0`;
  return `if [ ! -d ${source} ]; then
  mkdir -p ${source}
  chown ${owner} ${source}
  chmod ${directory.mode ?? "0700"} ${source}
elif [ "$(stat -c %U:%G ${source})" != ${owner} ]; then
  chown -R ${owner} ${source}
fi
mkdir -p ${quote(directory.path)}
grep -q ${quote(` ${directory.path} none `)} /etc/fstab || echo ${quote(mount)} >> /etc/fstab
mountpoint -q ${quote(directory.path)} || mount ${quote(directory.path)}`;
}

/**
 * Mounts the one attached volume by its label and binds each directory to where its role expects it. A volume that carries our
 * label is kept as it is, and its file system grown to its size; anything else that is not blank, a partition table included,
 * stops the boot rather than being formatted.
 */
export function renderDataVolume(data: readonly DataDirectory[]): string {
  if (data.length === 0) return "";
  return `step "data volume"
if ! mountpoint -q ${mountPoint}; then
  wait_for "the data volume" "compgen -G '${devices}'"
  devices=(${devices})
  [ "\${#devices[@]}" = 1 ] || fail "expected one volume, found: \${devices[*]}"
  device=$(readlink -f "\${devices[0]}")
  if [ "$(blkid -o value -s LABEL "$device" || true)" != ${label} ]; then
    probed=0
    blkid -p "$device" >/dev/null || probed=$?
    { [ $probed = 2 ] && [ -z "$(wipefs -n "$device")" ]; } || fail "$device already holds data without the label ${label}: not touched"
    mkfs.ext4 -q -m 1 -L ${label} "$device"
  fi
  mkdir -p ${mountPoint}
  grep -q "^LABEL=${label} " /etc/fstab || echo "LABEL=${label} ${mountPoint} ext4 defaults,nofail,discard,x-systemd.growfs 0 2" >> /etc/fstab
  udevadm settle 2>/dev/null || true
  systemctl daemon-reload
  mount ${mountPoint}
  resize2fs "$device" >/dev/null
fi
${data.map(renderDirectory).join("\n")}
systemctl daemon-reload
`;
}

/**
 * For units whose data is on the volume: without it they do not start, also where fstab does not know of it yet because the
 * first boot failed before. An empty cluster on the system's disk would take writes that nobody finds again.
 */
export function renderDataDropIn(data: readonly DataDirectory[]): string {
  return `[Unit]
RequiresMountsFor=${data.map((d) => d.path).join(" ")}
${data.map((d) => `AssertPathIsMountPoint=${d.path}`).join("\n")}
`;
}

const grow = "sovereign-grow-data";

/** A volume grows in place, at the provider; its file system follows within a quarter of an hour. */
export function dataVolumeUnits(data: readonly DataDirectory[]): MachineUnit[] {
  return data.length === 0 ? [] : [{ name: `${grow}.timer` }];
}

/** The units' files. */
export function dataVolumeFiles(data: readonly DataDirectory[]): MachineFile[] {
  if (data.length === 0) return [];
  const service = `[Unit]
Description=Grow the file system of the data volume to the volume's size

[Service]
Type=oneshot
# Asks the kernel only where there is something to grow, unlike systemd-growfs: not every kernel allows it.
ExecStart=/bin/sh -c 'exec resize2fs "$(findmnt -no SOURCE ${mountPoint})"'
`;
  const timer = `[Unit]
Description=Look whether the data volume has grown

[Timer]
OnBootSec=5min
OnUnitActiveSec=15min

[Install]
WantedBy=timers.target
`;
  return [
    { path: `/etc/systemd/system/${grow}.service`, content: service },
    { path: `/etc/systemd/system/${grow}.timer`, content: timer },
  ];
}
