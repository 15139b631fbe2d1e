/** What adoption speaks of: one resource that can be imported, one that cannot. */

/** What `--kind` takes, in the order of the import file: servers first, so that they keep their names. */
export const KINDS = [
  "server",
  "volume",
  "network",
  "firewall",
  "load-balancer",
  "primary-ip",
  "floating-ip",
  "certificate",
  "ssh-key",
  "placement-group",
  "snapshot",
  "zone",
] as const;

export type KindName = (typeof KINDS)[number];

/** The provider's resources that adoption writes. */
export type ResourceType =
  | "Server"
  | "ServerNetwork"
  | "Volume"
  | "VolumeAttachment"
  | "Network"
  | "NetworkSubnet"
  | "NetworkRoute"
  | "Firewall"
  | "FirewallAttachment"
  | "LoadBalancer"
  | "LoadBalancerNetwork"
  | "LoadBalancerService"
  | "LoadBalancerTarget"
  | "PrimaryIp"
  | "FloatingIp"
  | "FloatingIpAssignment"
  | "Rdns"
  | "ManagedCertificate"
  | "SshKey"
  | "PlacementGroup"
  | "Snapshot"
  | "Zone"
  | "ZoneRrset";

export interface Importable {
  readonly type: ResourceType;
  /** As the provider's import takes it, composite for parts of a resource. */
  readonly id: string;
  /** The resource's own name or, for a part, one put together from the names of what it belongs to; any text. */
  readonly name: string;
  /** Inputs that the API tells and the provider's import keeps to itself. @default none */
  readonly inputs?: Readonly<Record<string, string>>;
}

export interface LeftOut {
  /** What it is, in words: `backup image`. */
  readonly what: string;
  readonly name: string;
  readonly id: string;
  readonly reason: string;
}

export interface Findings {
  readonly resources: readonly Importable[];
  readonly leftOut: readonly LeftOut[];
}
