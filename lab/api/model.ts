import { type BaseRecord, type Collection, collection } from "./core/store.ts";

/** The records that kinds share: what the store holds, not what the API shows. */

type Labels = Readonly<Record<string, string>>;

/** What most resources have. */
export interface Resource extends BaseRecord {
  readonly name: string;
  readonly created: string;
  readonly labels: Labels;
}

export interface SshKeyRecord extends Resource {
  readonly public_key: string;
  readonly fingerprint: string;
}
export const SSH_KEYS: Collection<SshKeyRecord> = collection<SshKeyRecord>("ssh_keys", {
  name: (key) => [key.name],
  fingerprint: (key) => [key.fingerprint],
});

type Protection = { readonly delete: boolean };

/** A server or load balancer in a private network. */
export interface AttachmentRecord extends BaseRecord {
  readonly network: number;
  readonly owner: { readonly type: "server" | "load_balancer"; readonly id: number };
  readonly ip: string;
  readonly alias_ips: readonly string[];
  readonly mac_address: string;
}
export const ATTACHMENTS: Collection<AttachmentRecord> = collection<AttachmentRecord>("attachments", {
  network: (attachment) => [attachment.network],
  owner: ({ owner }) => [`${owner.type} ${owner.id}`],
});

export interface SubnetRecord {
  readonly type: "cloud" | "server" | "vswitch";
  readonly ip_range: string;
  readonly network_zone: string;
  readonly vswitch_id?: number | undefined;
}

export interface NetworkRecord extends Resource {
  readonly ip_range: string;
  readonly subnets: readonly SubnetRecord[];
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
  readonly protection: Protection;
  readonly expose_routes_to_vswitch: boolean;
}
export const NETWORKS: Collection<NetworkRecord> = collection<NetworkRecord>("networks", {
  name: (network) => [network.name],
});

export type ServerStatus =
  | "initializing"
  | "starting"
  | "running"
  | "stopping"
  | "off"
  | "migrating"
  | "rebuilding"
  | "unknown";

export interface ServerRecord extends Resource {
  readonly status: ServerStatus;
  /** Name of the server type. */
  readonly server_type: string;
  /** Name of the location. */
  readonly location: string;
  /** Id of the image; null when that snapshot is gone. */
  readonly image: number | null;
  /** GB; stays below the type's disk after a change of type without `upgrade_disk`. */
  readonly primary_disk_size: number;
  readonly protection: { readonly delete: boolean; readonly rebuild: boolean };
  readonly placement_group: number | null;
  readonly backup_window: string | null;
  readonly rescue_enabled: boolean;
  /** Public keys that root may log in with, in OpenSSH format. */
  readonly authorized_keys: readonly string[];
}
export const SERVERS: Collection<ServerRecord> = collection<ServerRecord>("servers", {
  name: (server) => [server.name],
  placement_group: (server) => (server.placement_group === null ? [] : [server.placement_group]),
  image: (server) => (server.image === null ? [] : [server.image]),
});

/** Key of a server's user data among the store's blobs. */
export function userDataKey(server: number): string {
  return `servers/${server}/user_data`;
}

export interface PrimaryIpRecord extends Resource {
  readonly type: "ipv4" | "ipv6";
  /** The address; for IPv6 the network: `2001:db8::/64`. */
  readonly ip: string;
  readonly location: string;
  readonly server: number | null;
  readonly auto_delete: boolean;
  readonly protection: Protection;
  readonly dns_ptr: readonly { readonly ip: string; readonly dns_ptr: string }[];
}
export const PRIMARY_IPS: Collection<PrimaryIpRecord> = collection<PrimaryIpRecord>("primary_ips", {
  name: (ip) => [ip.name],
  server: (ip) => (ip.server === null ? [] : [ip.server]),
  public_ip: (ip) => [ip.ip],
});

export interface VolumeRecord extends Resource {
  readonly status: "creating" | "available";
  /** GB. */
  readonly size: number;
  readonly location: string;
  readonly server: number | null;
  readonly format: "ext4" | "xfs" | null;
  /** Whether the server mounts it by itself. */
  readonly automount: boolean;
  readonly protection: Protection;
}
export const VOLUMES: Collection<VolumeRecord> = collection<VolumeRecord>("volumes", {
  name: (volume) => [volume.name],
  server: (volume) => (volume.server === null ? [] : [volume.server]),
});

export interface PlacementGroupRecord extends Resource {
  readonly type: "spread";
}
export const PLACEMENT_GROUPS: Collection<PlacementGroupRecord> = collection<PlacementGroupRecord>("placement_groups", {
  name: (group) => [group.name],
});

export interface FirewallRule {
  readonly direction: "in" | "out";
  readonly protocol: "tcp" | "udp" | "icmp" | "esp" | "gre";
  readonly port: string | null;
  readonly source_ips: readonly string[];
  readonly destination_ips: readonly string[];
  readonly description: string | null;
}

export type FirewallTarget =
  | { readonly type: "server"; readonly server: number }
  | { readonly type: "label_selector"; readonly selector: string };

export interface FirewallRecord extends Resource {
  readonly rules: readonly FirewallRule[];
  readonly applied_to: readonly FirewallTarget[];
}
export const FIREWALLS: Collection<FirewallRecord> = collection<FirewallRecord>("firewalls", {
  name: (firewall) => [firewall.name],
  server: (firewall) => firewall.applied_to.flatMap((target) => (target.type === "server" ? [target.server] : [])),
  selectors: (firewall) => (firewall.applied_to.some((target) => target.type === "label_selector") ? ["yes"] : []),
});

export interface ImageRecord extends BaseRecord {
  readonly type: "system" | "snapshot" | "backup";
  readonly status: "creating" | "available" | "unavailable";
  /** Null for snapshots and backups. */
  readonly name: string | null;
  readonly description: string;
  /** GB of the disk that it needs. */
  readonly disk_size: number;
  /** GB that it takes itself; null for system images and while it is being made. */
  readonly image_size: number | null;
  readonly created: string;
  readonly created_from: { readonly id: number; readonly name: string } | null;
  readonly bound_to: number | null;
  readonly os_flavor: string;
  readonly os_version: string | null;
  readonly architecture: "x86" | "arm";
  readonly deprecated: string | null;
  readonly labels: Labels;
  readonly protection: Protection;
}
/** Snapshots and backups; system images are in `system-images.ts`. */
export const IMAGES: Collection<ImageRecord> = collection<ImageRecord>("images", {
  bound_to: (image) => (image.bound_to === null ? [] : [image.bound_to]),
});
