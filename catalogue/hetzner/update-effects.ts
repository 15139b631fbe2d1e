/**
 * What the provider does to a running thing when a property changes in place.
 *
 * Source: terraform-provider-hcloud 1.60.1 (what @pulumi/hcloud 1.32.1 is made of), its `resource.go` files, read 2026-11; what the cloud
 * itself does in the meantime from Hetzner's API reference, read 2026-02.
 */

import { findServerType } from "./server-types.ts";

/** What whoever uses it notices. */
export type UpdateEffect = "none" | "power-off" | "restart" | "disconnect";

export interface EffectOfUpdate {
  readonly effect: UpdateEffect;
  /** What happens; absent for `none`. */
  readonly text?: string;
}

const none: EffectOfUpdate = { effect: "none" };

/** By type, then by top-level property in Pulumi's names. What is in neither is not known. */
const EFFECTS: Readonly<Record<string, Readonly<Record<string, EffectOfUpdate>>>> = {
  "hcloud:index/server:Server": {
    serverType: {
      effect: "power-off",
      text: "The server is powered off (not shut down), changed to its new type and started",
    },
    publicNets: { effect: "power-off", text: "The server is powered off while its public addresses change" },
    networks: { effect: "disconnect", text: "The server is detached from its private network and attached again" },
    rescue: { effect: "restart", text: "The server is reset so that it boots into or out of the rescue system" },
    placementGroupId: {
      effect: "power-off",
      text: "A server joins or leaves a placement group only while it is off; with a running one the update fails",
    },
    backups: none,
    deleteProtection: none,
    rebuildProtection: none,
    firewallIds: none,
    iso: none,
    keepDisk: none,
    labels: none,
    name: none,
    shutdownBeforeDeletion: none,
    ignoreRemoteFirewallIds: none,
    allowDeprecatedImages: none,
  },
  "hcloud:index/volume:Volume": {
    // The file system has to be grown on the machine afterwards.
    size: none,
    serverId: { effect: "disconnect", text: "The volume is detached from its server" },
    automount: none,
    deleteProtection: none,
    labels: none,
    name: none,
  },
  "hcloud:index/loadBalancer:LoadBalancer": {
    algorithm: none,
    targets: { effect: "disconnect", text: "Targets that are taken away get no more requests" },
    deleteProtection: none,
    labels: none,
    name: none,
  },
  "hcloud:index/loadBalancerService:LoadBalancerService": {
    destinationPort: { effect: "disconnect", text: "Requests go to another port of the targets from then on" },
    healthCheck: none,
    http: none,
    proxyprotocol: { effect: "disconnect", text: "Targets that do not expect the change cannot read what they get" },
  },
  "hcloud:index/floatingIp:FloatingIp": {
    serverId: { effect: "disconnect", text: "The address moves to another server" },
    deleteProtection: none,
    description: none,
    labels: none,
    name: none,
  },
  "hcloud:index/floatingIpAssignment:FloatingIpAssignment": {
    serverId: { effect: "disconnect", text: "The address moves to another server" },
  },
  "hcloud:index/primaryIp:PrimaryIp": {
    assigneeId: { effect: "disconnect", text: "The address is taken from one server and given to another" },
    autoDelete: none,
    deleteProtection: none,
    labels: none,
    name: none,
  },
  "hcloud:index/network:Network": { deleteProtection: none, exposeRoutesToVswitch: none, labels: none, name: none },
  "hcloud:index/firewall:Firewall": { applyTos: none, labels: none, name: none, rules: none },
  "hcloud:index/sshKey:SshKey": { labels: none, name: none },
  "hcloud:index/placementGroup:PlacementGroup": { labels: none, name: none },
  "hcloud:index/managedCertificate:ManagedCertificate": { labels: none, name: none },
  "hcloud:index/uploadedCertificate:UploadedCertificate": { labels: none, name: none },
  "hcloud:index/snapshot:Snapshot": { description: none, labels: none },
  "hcloud:index/zone:Zone": { deleteProtection: none, labels: none, ttl: none },
  "hcloud:index/zoneRrset:ZoneRrset": { changeProtection: none, labels: none, records: none, ttl: none },
  "hcloud:index/rdns:Rdns": { dnsPtr: none },
};

type Inputs = Readonly<Record<string, unknown>>;

/**
 * Why the provider refuses an update that its preview lets pass, so that it fails half way: undefined where nothing is known against it.
 *
 * Sources: API reference, read 2026-02: `volumes/{id}/actions/resize` ("Downsizing a volume is not possible"),
 * `servers/{id}/actions/change_type` (only types of the same architecture).
 */
export function refusedUpdate(type: string, before: Inputs, after: Inputs): string | undefined {
  if (type === "hcloud:index/volume:Volume") {
    const [then, now] = [before.size, after.size];
    if (typeof then === "number" && typeof now === "number" && now < then)
      return `a volume cannot shrink (${then} GB to ${now} GB)`;
  }
  if (type === "hcloud:index/server:Server") {
    const [then, now] = [before.serverType, after.serverType].map((name) =>
      typeof name === "string" ? findServerType(name) : undefined,
    );
    if (then && now && then.architecture !== now.architecture)
      return `a server cannot change its architecture (${then.name} is ${then.architecture}, ${now.name} is ${now.architecture})`;
  }
  return undefined;
}

/**
 * Whether an update deletes a server's backups: the provider does so as soon as they are switched off.
 *
 * Source: API reference, `servers/{id}/actions/disable_backup`, read 2026-02.
 */
export function deletesBackups(type: string, before: Inputs, after: Inputs): boolean {
  return type === "hcloud:index/server:Server" && before.backups === true && after.backups !== true;
}

/** Types whose absence people notice at once: what answers requests, and what leads to it. */
const SERVING: ReadonlySet<string> = new Set([
  "hcloud:index/server:Server",
  "hcloud:index/loadBalancer:LoadBalancer",
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork",
  "hcloud:index/loadBalancerService:LoadBalancerService",
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget",
  "hcloud:index/network:Network",
  "hcloud:index/networkSubnet:NetworkSubnet",
  "hcloud:index/networkRoute:NetworkRoute",
  "hcloud:index/serverNetwork:ServerNetwork",
  "hcloud:index/volumeAttachment:VolumeAttachment",
  "hcloud:index/floatingIp:FloatingIp",
  "hcloud:index/floatingIpAssignment:FloatingIpAssignment",
  "hcloud:index/primaryIp:PrimaryIp",
  "hcloud:index/zone:Zone",
  "hcloud:index/zoneRrset:ZoneRrset",
  "hcloud:index/zoneRecord:ZoneRecord",
]);

/** @returns undefined where it is not known: another provider's type, or a property that nobody looked at. */
export function effectOfUpdate(type: string, property: string): EffectOfUpdate | undefined {
  const known = Object.hasOwn(EFFECTS, type) ? EFFECTS[type]! : undefined;
  return known && Object.hasOwn(known, property) ? known[property] : undefined;
}

/** Whether requests, names or data of somebody's lead over it. */
export function isServing(type: string): boolean {
  return SERVING.has(type);
}

/** For reports: where {@link effectOfUpdate} has it from. */
export const effectsSource = "terraform-provider-hcloud 1.60.1, read 2026-11";
