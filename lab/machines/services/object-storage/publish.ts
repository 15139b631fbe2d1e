/** What other processes put into the object storage of a running lab. */
import { z } from "zod";
import { callLab } from "../../../session/client.ts";
import type { RunningLab } from "../../../session/session.ts";
import type { StoreLocation } from "./locations.ts";

export interface LabBucket {
  readonly location: StoreLocation;
  readonly name: string;
  /** Everybody may read its objects without keys. @default false */
  readonly isPublic?: boolean;
}

/** Makes a bucket in a lab with machines, unless it is there. */
export async function ensureLabBucket(lab: RunningLab, { location, name, isPublic = false }: LabBucket): Promise<void> {
  await callLab(lab, "POST", `/services/object-storage/${location}/buckets`, { body: { name, public: isPublic } });
}

/** Milliseconds for an upload. */
const UPLOAD_MS = 60_000;
const uploaded = z.object({ url: z.string() });

/**
 * Puts an object into a bucket of a lab with machines, and answers the address that machines find it at. The bucket must be there.
 * @throws LabRefusal with the lab's reason
 */
export async function putLabObject(
  lab: RunningLab,
  bucket: LabBucket,
  object: { readonly key: string; readonly body: Uint8Array },
): Promise<string> {
  const path = `/services/object-storage/${bucket.location}/buckets/${bucket.name}/${object.key}`;
  return uploaded.parse(await callLab(lab, "PUT", path, { body: object.body, limitMs: UPLOAD_MS })).url;
}
