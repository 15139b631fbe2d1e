/** What other processes put into the object storage of a running lab. */
import { z } from "zod";
import { callLab } from "../../../session/admin.ts";
import { LabError } from "../../../session/files.ts";
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
  await callLab(lab, "POST", `/services/object-storage/${location}/buckets`, { name, public: isPublic });
}

/** Milliseconds for an upload. */
const UPLOAD_MS = 60_000;

/**
 * Puts an object into a bucket of a lab with machines, and answers the address that machines find it at. The bucket must be there.
 * @throws LabError with the lab's reason
 */
export async function putLabObject(
  lab: RunningLab,
  bucket: LabBucket,
  object: { readonly key: string; readonly body: Uint8Array },
): Promise<string> {
  const path = `/_lab/services/object-storage/${bucket.location}/buckets/${bucket.name}/${object.key}`;
  const response = await fetch(`${new URL(lab.endpoint).origin}${path}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${lab.secrets.token}` },
    body: Buffer.from(object.body),
    signal: AbortSignal.timeout(UPLOAD_MS),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const { data } = z.object({ url: z.string() }).safeParse(answer);
  if (response.ok && data) return data.url;
  const refused = z.object({ error: z.object({ message: z.string() }) }).safeParse(answer).data?.error.message;
  throw new LabError(`the lab ${lab.name} did not take ${object.key}: ${refused ?? `status ${response.status}`}`);
}
