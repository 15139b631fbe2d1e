import { z } from "zod";
import { limits } from "../../../catalogue/hetzner/limits.ts";
import { ApiError, invalidInput, limitExceeded, notUnique, protectedError } from "../core/errors.ts";
import { action, create, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { deleteProtectionSchema, idSchema, labelsSchema, noBody } from "../core/schemas.ts";
import { SERVERS, type ServerRecord, VOLUMES, type VolumeRecord } from "../model.ts";
import { renderLocation, requireLocation } from "./locations.ts";

const volumeName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/, "must be 1 to 64 letters, digits, '-', '_' and '.'");
const sizeSchema = z.int().min(limits.volumeMinGb).max(limits.volumeMaxGb);

const createBody = z.object({
  name: volumeName,
  size: sizeSchema,
  server: idSchema.optional(),
  location: z.union([z.string(), z.int()]).optional(),
  automount: z.boolean().optional(),
  format: z.enum(["ext4", "xfs"]).optional(),
  labels: labelsSchema.optional(),
});
const updateBody = z.object({ name: volumeName.optional(), labels: labelsSchema.optional() });
const attachBody = z.object({ server: idSchema, automount: z.boolean().optional() });

export const volumes: Kind<VolumeRecord> = {
  path: "volumes",
  singular: "volume",
  collection: VOLUMES,
  filters: { name: (volume) => volume.name, status: (volume) => volume.status },
  render: (_, { id, name, created, labels, status, size, location, server, format, protection }) => ({
    id,
    created,
    name,
    server,
    location: renderLocation(location),
    size,
    linux_device: linuxDevice(id),
    protection,
    labels,
    status,
    format,
  }),
  create: create(createBody, (lab, body) => {
    const server = body.server === undefined ? undefined : requireServer(lab, body.server);
    if ((server === undefined) === (body.location === undefined)) {
      throw invalidInput("location", "give either a location or a server");
    }
    if (body.automount && !server) throw invalidInput("automount", "needs a server");
    if (lab.nameTaken(VOLUMES, body.name)) throw notUnique("volume", "name");
    if (server) lab.assertUnlocked("server", server.id);
    const volume = lab.store.insert(VOLUMES, {
      ...lab.fresh(body.labels),
      name: body.name,
      status: "creating",
      size: body.size,
      location: server?.location ?? requireLocation(body.location!).name,
      server: null,
      format: body.format ?? null,
      automount: false,
      protection: { delete: false },
    });
    const created = lab.act("create_volume", [{ type: "volume", id: volume.id }]);
    const next = server ? [attachVolume(lab, volume, server, body.automount ?? false, created)] : [];
    return { volume: rendered(lab, volume.id), action: created, next_actions: next };
  }),
  update: update(updateBody, (lab, volume: VolumeRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(VOLUMES, body.name, volume.id)) throw notUnique("volume", "name");
    return lab.store.update(VOLUMES, volume.id, body);
  }),
  remove: (lab, volume) => {
    lab.assertUnlocked("volume", volume.id);
    if (volume.protection.delete) throw protectedError("volume", "deletion");
    if (volume.server !== null) {
      throw new ApiError("resource_in_use", `the volume is attached to the server ${volume.server}: detach it first`);
    }
    lab.store.delete(VOLUMES, volume.id);
    return undefined;
  },
  actions: {
    attach: action(attachBody, (lab, volume: VolumeRecord, body) => {
      lab.assertUnlocked("volume", volume.id);
      const server = requireServer(lab, body.server);
      lab.assertUnlocked("server", server.id);
      return { action: attachVolume(lab, volume, server, body.automount ?? false) };
    }),
    detach: action(noBody, (lab, volume: VolumeRecord) => {
      lab.assertUnlocked("volume", volume.id);
      if (volume.server === null) throw new ApiError("invalid_input", "the volume is not attached to a server");
      lab.assertUnlocked("server", volume.server);
      lab.store.update(VOLUMES, volume.id, { server: null, automount: false });
      const resources = [
        { type: "volume", id: volume.id },
        { type: "server", id: volume.server },
      ];
      return { action: lab.act("detach_volume", resources) };
    }),
    resize: action(z.object({ size: sizeSchema }), (lab, volume: VolumeRecord, { size }) => {
      lab.assertUnlocked("volume", volume.id);
      if (size <= volume.size) throw invalidInput("size", `must be larger than the present ${volume.size} GB`);
      lab.store.update(VOLUMES, volume.id, { size });
      return { action: lab.act("resize_volume", [{ type: "volume", id: volume.id }]) };
    }),
    change_protection: action(deleteProtectionSchema, (lab, volume: VolumeRecord, body) => {
      lab.assertUnlocked("volume", volume.id);
      lab.store.update(VOLUMES, volume.id, { protection: { delete: body.delete ?? volume.protection.delete } });
      return { action: lab.act("change_protection", [{ type: "volume", id: volume.id }]) };
    }),
  },
  effects: {
    create_volume: (lab, { resources }) => {
      const id = resources[0]!.id;
      if (lab.store.get(VOLUMES, id)) lab.store.update(VOLUMES, id, { status: "available" });
    },
  },
};

const rendered = (lab: Lab, id: number) => volumes.render(lab, lab.store.get(VOLUMES, id)!);

/** Where a server finds the volume. */
export function linuxDevice(volume: number): string {
  return `/dev/disk/by-id/scsi-0HC_Volume_${volume}`;
}

/**
 * Attaches a volume, in the current transaction, and starts the action for it.
 * @param after the action that must end before, such as the creation of the server
 * @throws ApiError `volume_already_attached`, `invalid_input` for another location, `resource_limit_exceeded`
 */
export function attachVolume(
  lab: Lab,
  volume: VolumeRecord,
  server: ServerRecord,
  automount: boolean,
  after?: ReturnType<Lab["act"]>,
) {
  assertAttachable(volume, server.location);
  if (lab.store.by(VOLUMES, "server", server.id).length >= limits.volumesPerServer) {
    throw limitExceeded("volumes of a server", limits.volumesPerServer);
  }
  lab.store.update(VOLUMES, volume.id, { server: server.id, automount });
  const resources = [
    { type: "server", id: server.id },
    { type: "volume", id: volume.id },
  ];
  return lab.act("attach_volume", resources, { after });
}

/** @throws ApiError `volume_already_attached`, or `invalid_input` for another location */
export function assertAttachable(volume: VolumeRecord, location: string): void {
  if (volume.server !== null) {
    throw new ApiError("volume_already_attached", `the volume is attached to the server ${volume.server} already`);
  }
  if (volume.location !== location) {
    throw invalidInput("server", `is in ${location}, the volume in ${volume.location}: they must be in one location`);
  }
}

function requireServer(lab: Lab, id: number): ServerRecord {
  const server = lab.store.get(SERVERS, id);
  if (!server) throw invalidInput("server", `server with ID '${id}' not found`);
  return server;
}
