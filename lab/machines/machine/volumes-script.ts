import type { VolumeDevice } from "../volumes.ts";

/** A volume as a machine is to see it. */
export interface AttachedVolume {
  readonly device: VolumeDevice;
  /** Name below `/dev/disk/by-id`. */
  readonly link: string;
}

/** One line per attached volume: device, major, minor, link. */
export const renderVolumeList = (volumes: readonly AttachedVolume[]): string =>
  volumes.map(({ device, link }) => `${device.path} ${device.major} ${device.minor} ${link}\n`).join("");

/**
 * Run in a machine: at each boot before its local file systems (`boot`), and when a volume was attached or detached meanwhile (`update`).
 * Makes nodes and links for what is attached and removes links to what no longer is. At a boot it mounts what fstab names by a device or
 * label, which systemd leaves out in containers.
 */
export const volumesScript = `#!/bin/sh
list=$(dirname "$0")/volumes
links=/dev/disk/by-id
mkdir -p $links
for link in $links/scsi-0HC_Volume_*; do
  [ ! -L "$link" ] || grep -q " \${link##*/}$" "$list" || rm "$link"
done
while read -r device major minor link; do
  [ -b "$device" ] || mknod -m 0660 "$device" b "$major" "$minor"
  ln -sfn "$device" "$links/$link"
done < "$list"
[ "$1" = boot ] || exit 0
code=0
while read -r what where rest; do
  case $what in LABEL=* | UUID=* | /dev/disk/* | /dev/loop*) ;; *) continue ;; esac
  mkdir -p "$where"
  mountpoint -q "$where" || mount "$where" || code=1
done < /etc/fstab
exit $code
`;

/**
 * Run in a machine before a volume is taken from it: lets go of the device ($1), or fails where it is in use. What is bound from it to
 * other places goes first.
 */
export const releaseScript = `
set -e
device=$(stat -c '%Hr:%Lr' "$1" 2> /dev/null) || exit 0
awk -v device="$device" '$3 == device { print $5 }' /proc/self/mountinfo | tac | while read -r where; do
  umount "$where" || exit 1
done
rm -f "$1"
`;
