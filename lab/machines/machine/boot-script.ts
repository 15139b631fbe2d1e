import type { VolumeDevice } from "../volumes.ts";

/** What a lab tells a machine, as files of a folder that is bound into it. */
export interface MachineFacts {
  readonly volumes: readonly AttachedVolume[];
  /** Settings of the kernel that this machine may set for itself alone, such as `vm.overcommit_memory`. */
  readonly ownSettings: readonly string[];
}

/** A volume as a machine is to see it. */
export interface AttachedVolume {
  readonly device: VolumeDevice;
  /** Name below `/dev/disk/by-id`. */
  readonly link: string;
}

/** The files by their names. */
export function factFiles({ volumes, ownSettings }: MachineFacts): Record<string, string> {
  return {
    "boot.sh": bootScript,
    volumes: volumes.map(({ device, link }) => `${device.path} ${device.major} ${device.minor} ${link}\n`).join(""),
    settings: ownSettings.map((key) => `${key}\n`).join(""),
  };
}

/**
 * Names of settings that are the whole kernel's (`vm`, `kernel`, `fs`), in a text that holds files of sysctl.d in whatever form. All
 * machines share the kernel, and it is the host's. Line breaks may be escaped, as they are in JSON.
 */
export function kernelSettings(text: string): string[] {
  const found = text.matchAll(/(?:^|\\n|[^\w./])((?:vm|kernel|fs)(?:\.[a-z0-9_]+)+)\s*=/gm);
  return [...new Set([...found].map(([, key]) => key ?? ""))].sort();
}

/**
 * Run in a machine: at each boot before its local file systems (`boot`), and when a volume was attached or detached meanwhile (`update`).
 * Makes nodes and links for what is attached and removes links to what no longer is. At a boot it also mounts what fstab names by a device
 * or label, which systemd leaves out in containers, and puts files of the machine's own over settings of the kernel: they can be written and
 * read back, and nobody else notices.
 */
const bootScript = `#!/bin/sh
facts=$(dirname "$0")
links=/dev/disk/by-id
mkdir -p $links
for link in $links/scsi-0HC_Volume_*; do
  [ ! -L "$link" ] || grep -q " \${link##*/}$" "$facts/volumes" || rm "$link"
done
while read -r device major minor link; do
  [ -b "$device" ] || mknod -m 0660 "$device" b "$major" "$minor"
  ln -sfn "$device" "$links/$link"
done < "$facts/volumes"
[ "$1" = boot ] || exit 0
own=/run/sovereign-lab-settings
mkdir -p $own
while read -r key; do
  setting=/proc/sys/$(echo "$key" | tr . /)
  [ -f "$setting" ] || continue
  cat "$setting" > "$own/$key" && mount --bind "$own/$key" "$setting"
done < "$facts/settings"
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
