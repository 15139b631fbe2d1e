/** What a stack takes for given in the object storage, put there before its machines boot. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { buildRelease, type Release } from "../../examples/shop/release.ts";
import { type StoreLocation, storeHost, storeLocations } from "../../lab/machines/services/object-storage/locations.ts";
import { ensureLabBucket, type LabBucket, putLabObject } from "../../lab/machines/services/object-storage/publish.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { CommandError } from "../output.ts";

const archive = z.object({ url: z.string(), sha256: z.string() });
const backup = z.object({ endpoint: z.string(), bucket: z.string() });
const configSchema = z.object({
  config: z.object({
    "sovereign:app": z.object({ workload: z.object({ archive: archive.optional() }) }),
    "sovereign:postgres": z.object({ backup: backup.optional().catch(undefined) }),
  }),
});

export interface ExpectedStorage {
  /** Where backups go. */
  readonly backups?: LabBucket | undefined;
  /** Where app servers fetch the release of `examples/shop`; anybody else's is theirs to put there. */
  readonly release?: { readonly bucket: LabBucket; readonly key: string; readonly sha256: string } | undefined;
}

const locationOf = (host: string): StoreLocation | undefined =>
  storeLocations.find((location) => storeHost(location) === host);

/** What a configuration expects of the provider's object storage. */
export function expectedStorage(configText: string): ExpectedStorage {
  const config = configSchema.safeParse(parse(configText)).data?.config;
  const { endpoint = "", bucket: name = "" } = config?.["sovereign:postgres"].backup ?? {};
  const location = locationOf(endpoint);
  const { url = "", sha256 = "" } = config?.["sovereign:app"].workload.archive ?? {};
  const [, host = "", bucket = "", key = ""] =
    /^https:\/\/([^/]+)\/([^/]+)\/(shop-[0-9a-f]{12}\.tar\.gz)$/.exec(url) ?? [];
  const store = locationOf(host);
  return {
    ...(location ? { backups: { location, name } } : {}),
    ...(store ? { release: { bucket: { location: store, name: bucket, isPublic: true }, key, sha256 } } : {}),
  };
}

/** @throws CommandError when the configuration names a release that the sources do not give */
export function requireCurrent(wanted: { readonly key: string; readonly sha256: string }, built: Release): void {
  if (wanted.key === built.name && wanted.sha256 === built.sha256) return;
  throw new CommandError(
    `the configuration names ${wanted.key} (sha256 ${wanted.sha256}), but examples/shop is now ${built.name} (sha256 ${built.sha256}): app.workload.archive takes what npm run release prints; npm run generate writes it into the examples`,
  );
}

/** Makes the buckets, and puts the example's release into its own, as a user has done before the first deployment. */
export async function ensureStorage(lab: RunningLab, configFile: string): Promise<void> {
  const { backups, release } = expectedStorage(readFileSync(configFile, "utf8"));
  if (backups) await ensureLabBucket(lab, backups);
  if (!release) return;
  const built = await buildRelease();
  requireCurrent(release, built);
  await ensureLabBucket(lab, release.bucket);
  await putLabObject(lab, release.bucket, { key: built.name, body: built.archive });
}
