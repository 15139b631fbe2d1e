import { z } from "zod";
import { ApiError, invalidInput, protectedError } from "../core/errors.ts";
import { action, type Kind, update } from "../core/kind.ts";
import type { Lab } from "../core/lab.ts";
import { deleteProtectionSchema, labelsSchema } from "../core/schemas.ts";
import { IMAGES, type ImageRecord, SERVERS } from "../model.ts";
import { systemImages } from "../system-images.ts";

const updateBody = z.object({
  description: z.string().max(255).optional(),
  labels: labelsSchema.optional(),
  type: z.enum(["snapshot"]).optional(),
});

export const images: Kind<ImageRecord> = {
  path: "images",
  singular: "image",
  collection: IMAGES,
  all: (lab, query) => {
    const all = [...systemImages, ...lab.store.all(IMAGES)];
    // Deprecated images are listed unless somebody says that they do not want them.
    return query.get("include_deprecated") === "false" ? all.filter((image) => image.deprecated === null) : all;
  },
  find: (lab, id) => findImage(lab, Number(id)),
  filters: {
    name: (image) => image.name,
    type: (image) => image.type,
    status: (image) => image.status,
    bound_to: (image) => image.bound_to,
    architecture: (image) => image.architecture,
  },
  render: (_, image) => ({ ...image, deleted: null, rapid_deploy: image.type === "system" }),
  update: update(updateBody, (lab, image: ImageRecord, body) => {
    assertOwn(image, "updated");
    const { type, ...rest } = body;
    return lab.store.update(IMAGES, image.id, { ...rest, ...(type ? { type, bound_to: null } : {}) });
  }),
  remove: (lab, image) => {
    assertOwn(image, "deleted");
    lab.assertUnlocked("image", image.id);
    if (image.protection.delete) throw protectedError("image", "deletion");
    for (const server of lab.store.by(SERVERS, "image", image.id))
      lab.store.update(SERVERS, server.id, { image: null });
    lab.store.delete(IMAGES, image.id);
    return undefined;
  },
  actions: {
    change_protection: action(deleteProtectionSchema, (lab, image: ImageRecord, body) => {
      assertOwn(image, "protected");
      lab.store.update(IMAGES, image.id, { protection: { delete: body.delete ?? image.protection.delete } });
      return { action: lab.act("change_protection", [{ type: "image", id: image.id }]) };
    }),
  },
};

const SYSTEM_BY_ID = new Map(systemImages.map((image) => [image.id, image]));

export function findImage(lab: Lab, id: number): ImageRecord | undefined {
  return SYSTEM_BY_ID.get(id) ?? lab.store.get(IMAGES, id);
}

/**
 * The image that a request names by id or name, for an architecture.
 * @throws ApiError `invalid_input` naming the field
 */
export function requireImage(lab: Lab, idOrName: string | number, architecture: string): ImageRecord {
  const text = String(idOrName);
  const named = systemImages.filter((image) => image.name === text);
  const image =
    named.find((one) => one.architecture === architecture) ??
    named[0] ??
    (/^\d{1,15}$/.test(text) ? findImage(lab, Number(text)) : undefined);
  if (!image) throw invalidInput("image", `image '${text.slice(0, 80)}' not found`);
  if (image.architecture !== architecture) {
    throw invalidInput("image", `is for ${image.architecture}, the server type for ${architecture}`);
  }
  if (image.status !== "available") throw invalidInput("image", `is not available yet (${image.status})`);
  return image;
}

function assertOwn(image: ImageRecord, what: string): void {
  if (image.type !== "system") return;
  throw new ApiError("invalid_input", `images of the type system cannot be ${what}`);
}
