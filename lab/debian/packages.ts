/** The Debian release of the lab's machines: the provider's image `debian-13`. */
export const DEBIAN_SUITE = "trixie";

/**
 * Debian packages that the roles of a stack may ask for, by what needs them. All of them stand in the lab's base image, so that a
 * machine in the lab installs nothing over a network. Recommended packages are not installed: what is needed is named.
 */
export const DEBIAN_PACKAGES = {
  system: [
    "systemd",
    "systemd-sysv",
    "systemd-resolved",
    "libpam-systemd",
    "dbus",
    "udev",
    "iproute2",
    "netplan.io",
    "cloud-init",
    // cloud-init recommends them: growpart and the mounting of volumes
    "cloud-guest-utils",
    "udhcpc",
    "e2fsprogs",
    "xfsprogs",
    "openssh-server",
    "sudo",
    "cron",
    "logrotate",
    // conflicts with chrony: a machine has one of the two
    "systemd-timesyncd",
    "unattended-upgrades",
    "nftables",
    "ca-certificates",
    "openssl",
    "curl",
    "jq",
    "python3",
    "systemd-journal-remote",
  ],
  postgres: [
    "postgresql-17",
    "postgresql-client-17",
    "patroni",
    // Patroni's etcd3 client is built on it, but patroni depends on "etcd or consul or ..."
    "python3-etcd",
    "etcd-server",
    "etcd-client",
    "pgbouncer",
    "pgbackrest",
  ],
  redis: ["valkey-server", "valkey-sentinel", "valkey-tools", "redis-server", "redis-sentinel", "redis-tools"],
  app: [
    "haproxy",
    "nginx",
    "nodejs",
    "podman",
    // what podman runs containers with; recommended or one of several alternatives
    "crun",
    "netavark",
    "aardvark-dns",
    "catatonit",
    "passt",
    "uidmap",
  ],
  monitoring: [
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-postgres-exporter",
    "prometheus-pgbouncer-exporter",
    "prometheus-pgbackrest-exporter",
    "prometheus-redis-exporter",
    "prometheus-nginx-exporter",
    "prometheus-blackbox-exporter",
  ],
  gateway: ["pdns-server", "pdns-backend-bind"],
  // What the lab itself runs for its machines: names, in the provider's stead. Load balancers are haproxy's.
  services: ["pdns-server", "pdns-backend-bind", "unbound"],
} as const satisfies Record<string, readonly string[]>;

/** Every package of {@link DEBIAN_PACKAGES}, sorted, each once. */
export function allDebianPackages(): string[] {
  return [...new Set<string>(Object.values(DEBIAN_PACKAGES).flat())].sort();
}
