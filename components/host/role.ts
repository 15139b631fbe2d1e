import type { SubnetRole } from "../network/plan.ts";

/**
 * A file on a machine. `content` may hold secret tokens (see `secretToken`): the rendering itself never knows a secret.
 */
export interface MachineFile {
  /** Absolute path. */
  readonly path: string;
  readonly content: string;
  /** Octal. @default "0644"; a file with a secret token must not be readable by others. */
  readonly mode?: string;
  /** `user:group`. Any other than root's is applied after the packages (which make their users) are there. @default "root:root" */
  readonly owner?: string;
}

/** A systemd unit that the role needs enabled, masked, or given a drop-in. */
export interface MachineUnit {
  /** Such as `patroni.service`. */
  readonly name: string;
  /** The whole unit, where the distribution ships none. */
  readonly content?: string;
  /** A drop-in over the distribution's unit. */
  readonly dropIn?: string;
  /** `started`: enabled and started at the first boot, in the order given. `masked`: must never run. @default "started" */
  readonly state?: "started" | "masked";
}

/** An inbound opening on the private network. Everything else is dropped by the machine's own packet filter. */
export interface Opening {
  readonly port: number;
  readonly protocol?: "tcp" | "udp";
  /** Whose subnets may come in. */
  readonly from: readonly SubnetRole[];
  /** For the auditor: why it is open. */
  readonly purpose: string;
}

/** An inbound opening to everybody, on every interface: in the machine's packet filter and in the provider's firewall. */
export interface PublicOpening {
  readonly port: number;
  /** What comes over `udp` is limited for each source, and not remembered by the packet filter. @default "tcp" */
  readonly protocol?: "tcp" | "udp";
  /** For the auditor: why it is open. */
  readonly purpose: string;
}

/** Something that Prometheus scrapes; the opening for the monitoring subnet follows from it. */
export interface ScrapeTarget {
  /** Prometheus job name: node, postgres, pgbouncer, redis, nginx, haproxy, ... */
  readonly job: string;
  readonly port: number;
  /** @default "/metrics" */
  readonly path?: string;
}

/** A directory that lives on the machine's data volume. */
export interface DataDirectory {
  /** Where the role expects it; a bind mount from the volume. */
  readonly path: string;
  readonly owner: string;
  /** @default "0700" */
  readonly mode?: string;
  /** GB that the role needs; the machine's one volume is as large as the sum. */
  readonly sizeGb: number;
}

/** An address outside the private network that a role has to reach. */
export interface EgressNeed {
  /** Host name or address. */
  readonly host: string;
  readonly port: number;
  /**
   * How names are told apart there, where egress is limited: by the name in the TLS hello, by the Host header, not at all because the port is
   * that server's alone (`relay`: mail, which begins TLS later), or only the time service speaks it.
   * @default by port: 80 `http`, 25 and 587 `relay`, 123 `ntp`, all others `tls`
   */
  readonly protocol?: "tls" | "http" | "relay" | "ntp";
  /**
   * System user that connects to addresses of its own choice, whatever the name stands for elsewhere, and so not through the proxy: a
   * health check of one address of many.
   */
  readonly user?: string;
  readonly purpose: string;
}

/**
 * What a role adds to a machine. Made by pure functions only; `Host` puts roles together into user data, and from the
 * same list come the packet filter, the scrape targets, the egress list and the size of the data volume.
 */
export interface Role {
  readonly name: string;
  /** Debian 13 packages. */
  readonly packages: readonly string[];
  readonly files: readonly MachineFile[];
  readonly units: readonly MachineUnit[];
  /** For the whole machine: `net.core.somaxconn` to its value. Set before any unit is started, and at each boot. @default none */
  readonly kernelSettings?: Readonly<Record<string, number>>;
  /**
   * Shell commands, run once as root at the first boot: after packages, files and data directories, before any unit is
   * started. Each must bear being run twice.
   */
  readonly setup?: readonly string[];
  readonly openings: readonly Opening[];
  /** What the public reaches. @default nothing */
  readonly publicOpenings?: readonly PublicOpening[];
  readonly scrape: readonly ScrapeTarget[];
  readonly data?: readonly DataDirectory[];
  readonly egress?: readonly EgressNeed[];
}
