/** Places that a machine's own set-up uses. */
export const userDataPaths = {
  firstBoot: "/usr/local/sbin/sovereign-first-boot",
  /** Exists once the first boot has succeeded. */
  bootedMarker: "/var/lib/sovereign-booted",
  dataVolume: "/var/lib/sovereign",
  volumeLabel: "sovereign-data",
  /** The provider's stable names of attached volumes. */
  volumeDevices: "/dev/disk/by-id/scsi-0HC_Volume_*",
} as const;
