import { z } from "zod";
import { ApiError, invalidInput, protectedError } from "../../core/errors.ts";
import { action, type KindAction } from "../../core/kind.ts";
import { labelsSchema } from "../../core/schemas.ts";
import { IMAGES, SERVERS, type ServerRecord, userDataKey } from "../../model.ts";
import { findImage, images, requireImage } from "../images.ts";
import { serverTypeOf } from "../server-types.ts";
import { newPassword, userDataSchema } from "./create.ts";
import { changeServer, type Effects, self } from "./power-actions.ts";

const createImageBody = z.object({
  description: z.string().max(255).nullish(),
  type: z
    .enum(["snapshot", "backup"])
    .nullish()
    .transform((type) => type ?? "snapshot"),
  labels: labelsSchema.optional(),
});
const rebuildBody = z.object({ image: z.union([z.string().min(1), z.int()]), user_data: userDataSchema.optional() });

/** GB that a snapshot takes in the lab: nothing real is stored, but the real API shows a size. */
const SNAPSHOT_GB = 1;

export const imageActions: Readonly<Record<string, KindAction<ServerRecord>>> = {
  create_image: action(createImageBody, (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    if (body.type === "backup" && server.backup_window === null) {
      throw invalidInput("type", "backups need the server's backups to be enabled");
    }
    const from = server.image === null ? undefined : findImage(lab, server.image);
    const image = lab.store.insert(IMAGES, {
      ...lab.fresh(body.labels),
      type: body.type,
      status: "creating",
      name: null,
      description: body.description ?? `${server.name} ${lab.timestamp()}`,
      disk_size: server.primary_disk_size,
      image_size: null,
      created_from: { id: server.id, name: server.name },
      bound_to: body.type === "backup" ? server.id : null,
      os_flavor: from?.os_flavor ?? "unknown",
      os_version: from?.os_version ?? null,
      architecture: serverTypeOf(server.server_type).architecture,
      deprecated: null,
      protection: { delete: false },
    });
    const started = lab.act("create_image", [...self(server), { type: "image", id: image.id }]);
    return { image: images.render(lab, lab.store.get(IMAGES, image.id)!), action: started };
  }),
  rebuild: action(rebuildBody, (lab, server: ServerRecord, body) => {
    lab.assertUnlocked("server", server.id);
    if (server.protection.rebuild) throw protectedError("server", "a rebuild");
    const image = requireImage(lab, body.image, serverTypeOf(server.server_type).architecture);
    if (image.disk_size > server.primary_disk_size) {
      throw invalidInput("image", `needs ${image.disk_size} GB, the server's disk has ${server.primary_disk_size} GB`);
    }
    lab.store.update(SERVERS, server.id, { status: "rebuilding", image: image.id });
    if (body.user_data !== undefined) lab.store.putBlob(userDataKey(server.id), body.user_data);
    const root_password = server.authorized_keys.length === 0 ? newPassword() : null;
    return { action: lab.act("rebuild_server", self(server)), root_password };
  }),
  enable_backup: action(z.unknown(), (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    lab.store.update(SERVERS, server.id, { backup_window: server.backup_window ?? "22-02" });
    return { action: lab.act("enable_backup", self(server)) };
  }),
  disable_backup: action(z.unknown(), (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    for (const backup of lab.store.by(IMAGES, "bound_to", server.id)) lab.store.delete(IMAGES, backup.id);
    lab.store.update(SERVERS, server.id, { backup_window: null });
    return { action: lab.act("disable_backup", self(server)) };
  }),
  attach_iso: action(z.object({ iso: z.union([z.string(), z.int()]) }), (_, __: ServerRecord, { iso }) => {
    throw new ApiError("not_found", `ISO '${String(iso).slice(0, 80)}' not found: the lab has no ISOs`);
  }),
  detach_iso: action(z.unknown(), (lab, server: ServerRecord) => {
    lab.assertUnlocked("server", server.id);
    return { action: lab.act("detach_iso", self(server)) };
  }),
};

export const imageEffects: Effects = {
  create_image: (lab, { resources }) => {
    const id = resources.find((resource) => resource.type === "image")!.id;
    if (lab.store.get(IMAGES, id)) lab.store.update(IMAGES, id, { status: "available", image_size: SNAPSHOT_GB });
  },
  rebuild_server: (lab, done) => changeServer(lab, done, () => ({ status: "running" })),
};
