import { randomBytes } from "node:crypto";
import { z } from "zod";
import { limits } from "../../../../catalogue/hetzner/limits.ts";
import { locationNames } from "../../../../catalogue/hetzner/locations.ts";
import type { ServerType } from "../../../../catalogue/hetzner/server-types.ts";
import { ApiError, invalidInput, limitExceeded, notUnique } from "../../core/errors.ts";
import { attach } from "../../core/ipam.ts";
import type { Answer } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { idSchema, labelsSchema } from "../../core/schemas.ts";
import {
  NETWORKS,
  type NetworkRecord,
  PRIMARY_IPS,
  type PrimaryIpRecord,
  SERVERS,
  SSH_KEYS,
  userDataKey,
  VOLUMES,
  type VolumeRecord,
} from "../../model.ts";
import { applyToNewServer } from "../firewalls.ts";
import { requireImage } from "../images.ts";
import { networkZoneOf, requireLocation } from "../locations.ts";
import { assertRoomInGroup } from "../placement-groups.ts";
import { insertPrimaryIp } from "../primary-ips.ts";
import { assertAvailable, requireServerType } from "../server-types.ts";
import { assertAttachable, attachVolume } from "../volumes.ts";
import { renderServer } from "./render.ts";

/** Letters, digits, dashes and dots, every label at most 63 characters (RFC 1123). */
export const hostnameSchema = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "must be a hostname (RFC 1123)",
  );

export const userDataSchema = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= limits.userDataBytes, `is larger than ${limits.userDataBytes} bytes`);

const idOrName = z.union([z.string().min(1).max(255), z.int()]);
const gone = z.undefined("was removed from the API: give a location").optional();

export const createServerBody = z.object({
  name: hostnameSchema,
  server_type: idOrName,
  image: idOrName,
  location: idOrName.optional(),
  datacenter: gone,
  start_after_create: z.boolean().default(true),
  ssh_keys: z.array(idOrName).max(100).default([]),
  volumes: z.array(idSchema).max(limits.volumesPerServer).default([]),
  automount: z.boolean().default(false),
  networks: z.array(idSchema).max(limits.networksPerServer).default([]),
  firewalls: z
    .array(z.object({ firewall: idSchema }))
    .max(limits.firewallsPerServer)
    .default([]),
  placement_group: idSchema.optional(),
  user_data: userDataSchema.optional(),
  labels: labelsSchema.optional(),
  public_net: z
    .object({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: idSchema.nullish(),
      ipv6: idSchema.nullish(),
    })
    .prefault({}),
});
type Body = z.output<typeof createServerBody>;

/** `POST /servers`: checks everything against everything, then creates the server and all that comes with it. */
export function createServer(lab: Lab, body: Body): Answer {
  const { store } = lab;
  if (lab.nameTaken(SERVERS, body.name)) throw notUnique("server", "name");
  const type = requireServerType(body.server_type);
  const image = requireImage(lab, body.image, type.architecture);
  if (image.disk_size > type.diskGb) {
    throw invalidInput("image", `needs ${image.disk_size} GB, the disk of ${type.name} has ${type.diskGb} GB`);
  }
  const keys = authorizedKeys(lab, body.ssh_keys);
  const volumes = unique(body.volumes, "volumes").map((id) => requireVolume(lab, id));
  const given = { ipv4: requireIp(lab, body, "ipv4"), ipv6: requireIp(lab, body, "ipv6") };
  const location = chooseLocation(body, type, [...volumes, given.ipv4, given.ipv6]);
  for (const volume of volumes) assertAttachable(volume, location);
  for (const ip of [given.ipv4, given.ipv6]) {
    if (ip && ip.location !== location) {
      throw invalidInput(`public_net.${ip.type}`, `is in ${ip.location}, the server in ${location}`);
    }
  }
  const networks = unique(body.networks, "networks").map((id) => requireNetwork(lab, id));
  const { enable_ipv4, enable_ipv6 } = body.public_net;
  if (!enable_ipv4 && !enable_ipv6 && networks.length === 0 && body.start_after_create) {
    throw invalidInput("public_net", "the server needs a public address or a network");
  }
  if (!enable_ipv4 && !enable_ipv6 && body.firewalls.length > 0) {
    throw new ApiError("private_net_only_server", "firewalls apply to public interfaces, and the server has none");
  }
  if (body.placement_group !== undefined) assertRoomInGroup(lab, body.placement_group);
  assertAvailable(lab, type, location);

  const server = store.insert(SERVERS, {
    ...lab.fresh(body.labels),
    name: body.name,
    status: "initializing",
    server_type: type.name,
    location,
    image: image.id,
    primary_disk_size: type.diskGb,
    protection: { delete: false, rebuild: false },
    placement_group: body.placement_group ?? null,
    backup_window: null,
    rescue_enabled: false,
    authorized_keys: keys,
  });
  if (body.user_data) store.putBlob(userDataKey(server.id), body.user_data);
  for (const ipType of ["ipv4", "ipv6"] as const) {
    const ip = given[ipType];
    if (ip) store.update(PRIMARY_IPS, ip.id, { server: server.id });
    else if (body.public_net[`enable_${ipType}`]) {
      insertPrimaryIp(lab, {
        name: `primary_ip-${store.nextId()}`,
        type: ipType,
        location,
        server: server.id,
        auto_delete: true,
      });
    }
  }
  for (const network of networks) {
    attach(lab, network, { type: "server", id: server.id }, { zone: networkZoneOf(location) });
  }
  const self = { type: "server", id: server.id };
  const created = lab.act("create_server", [self], { data: { start: body.start_after_create } });
  const next = [];
  if (body.start_after_create) next.push(lab.act("start_server", [self], { after: created }));
  const present = store.get(SERVERS, server.id)!;
  for (const volume of volumes) next.push(attachVolume(lab, volume, present, body.automount, created));
  const firewalls = unique(
    body.firewalls.map(({ firewall }) => firewall),
    "firewalls",
  );
  next.push(...applyToNewServer(lab, server.id, firewalls, created));
  return {
    server: renderServer(lab, store.get(SERVERS, server.id)!),
    action: created,
    next_actions: next,
    root_password: keys.length === 0 ? newPassword() : null,
  };
}

/** Shown once in the answer and kept nowhere. */
export function newPassword(): string {
  return randomBytes(15).toString("base64url");
}

/** Public keys by their ids or names. @throws ApiError `invalid_input` for an unknown one */
export function authorizedKeys({ store }: Lab, wanted: readonly (string | number)[]): string[] {
  return wanted.map((idOrName) => {
    const key =
      store.by(SSH_KEYS, "name", String(idOrName))[0] ??
      (/^\d{1,15}$/.test(String(idOrName)) ? store.get(SSH_KEYS, Number(idOrName)) : undefined);
    if (!key) throw invalidInput("ssh_keys", `SSH key '${String(idOrName).slice(0, 80)}' not found`);
    return key.public_key;
  });
}

function unique(ids: readonly number[], field: string): readonly number[] {
  if (new Set(ids).size !== ids.length) throw invalidInput(field, "names one of them twice");
  return ids;
}

function requireVolume(lab: Lab, id: number): VolumeRecord {
  const volume = lab.store.get(VOLUMES, id);
  if (!volume) throw invalidInput("volumes", `volume with ID '${id}' not found`);
  lab.assertUnlocked("volume", id);
  return volume;
}

/** A network that a server asks for. @throws ApiError `invalid_input` */
function requireNetwork(lab: Lab, id: number): NetworkRecord {
  const network = lab.store.get(NETWORKS, id);
  if (!network) throw invalidInput("networks", `network with ID '${id}' not found`);
  return network;
}

function requireIp(lab: Lab, { public_net }: Body, type: "ipv4" | "ipv6"): PrimaryIpRecord | undefined {
  const id = public_net[type];
  const field = `public_net.${type}`;
  if (id === undefined || id === null) return undefined;
  if (!public_net[`enable_${type}`]) throw invalidInput(field, `is given although enable_${type} is false`);
  const ip = lab.store.get(PRIMARY_IPS, id);
  if (!ip) throw invalidInput(field, `primary IP with ID '${id}' not found`);
  if (ip.type !== type) throw new ApiError("primary_ip_version_mismatch", `the primary IP ${id} is an ${ip.type}`);
  if (ip.server !== null) {
    throw new ApiError("primary_ip_assigned", `the primary IP ${id} is assigned to the server ${ip.server}`);
  }
  return ip;
}

/** The wanted location, else that of what is attached, else the first in which the type can be had. */
function chooseLocation(body: Body, type: ServerType, given: readonly ({ location: string } | undefined)[]): string {
  if (body.location !== undefined) return requireLocation(body.location).name;
  const bound = given.find((one) => one !== undefined);
  return bound?.location ?? type.availableIn[0] ?? type.locations[0] ?? locationNames[0]!;
}

/** @throws ApiError `resource_limit_exceeded` */
export function assertNetworkLimit(attached: number): void {
  if (attached >= limits.networksPerServer) throw limitExceeded("networks of a server", limits.networksPerServer);
}
