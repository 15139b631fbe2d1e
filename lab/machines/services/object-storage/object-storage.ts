/** The lab's object storage: an S3-compatible store per location, under the provider's names. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceFolder, TreeProcess } from "../in-tree.ts";
import { type LabService, reasonOf, type ServiceContext } from "../service.ts";
import type { CertificateAuthority } from "./ca.ts";
import { ensureBucket, isAnswering, type StoreAccess } from "./client.ts";
import { type StoreLocation, storeHost } from "./locations.ts";
import type { S3Keys } from "./signature.ts";

export interface ObjectStorageSettings extends Omit<ServiceContext, "view"> {
  /** Addresses in the services' namespace, of the locations that have a store. */
  readonly addresses: Readonly<Partial<Record<StoreLocation, string>>>;
  /** Folder for buckets: a folder per location, in it one per bucket. Kept when the lab stops. */
  readonly folder: string;
  /** The executable of versitygw. */
  readonly gateway: string;
  readonly keys: S3Keys;
  readonly authority: CertificateAuthority;
  /** Buckets that are there from the start. */
  readonly buckets: readonly BucketSettings[];
}

export interface BucketSettings {
  readonly location: StoreLocation;
  readonly name: string;
  /** Everybody may read its objects, by https and without keys. @default false */
  readonly isPublic?: boolean;
}

/** Object storage as drills and releases use it. */
export interface ObjectStorage extends LabService {
  /** How the lab's own requests get in. @throws Error when the location has no store */
  access(location: StoreLocation): StoreAccess;
  /** Ends the store of a location: connections are refused until {@link startStore}. What it holds stays. */
  stopStore(location: StoreLocation): Promise<void>;
  startStore(location: StoreLocation): Promise<void>;
  /** Whether a store was started and not stopped, by location. */
  stores(): Readonly<Partial<Record<StoreLocation, boolean>>>;
  ensureBucket(bucket: BucketSettings): Promise<void>;
}

/** In the program's eyes. */
const OBJECTS = "/srv/objects";
const GATEWAY = "/usr/local/lib/object-storage";
/** Metadata beside the objects, as not every file system of a lab has extended attributes. */
const METADATA = "/srv/metadata";
/** Where the lab itself reaches a store, in its {@link serviceFolder}. */
const SOCKET = "store.sock";
/** Milliseconds until a store must answer after its start. */
const START_MS = 20_000;
/** Milliseconds until a store that ended by itself is started again. */
const RESTART_MS = 1000;

/** Serves S3 at the provider's names. */
export function objectStorage(settings: ObjectStorageSettings): ObjectStorage {
  const { network, tree, log, addresses, folder, gateway, keys, authority } = settings;
  const stores = new Map<StoreLocation, TreeProcess>();
  const wanted = new Set<StoreLocation>();
  const locations = Object.keys(addresses) as StoreLocation[];

  const access = (location: StoreLocation): StoreAccess => {
    const address = addresses[location];
    if (address === undefined) {
      throw new Error(`the lab has no object storage in ${location}: it has some in ${locations.join(", ")}`);
    }
    const running = stores.get(location);
    return {
      host: storeHost(location),
      // Not by the network, as a lab may have no way from here to its public addresses.
      place: running?.running ? { socketPath: running.path(SOCKET) } : { host: address },
      region: location,
      keys,
      authority: authority.certificate,
    };
  };

  const run = async (location: StoreLocation): Promise<TreeProcess> => {
    const { host } = access(location);
    const objects = join(folder, location, "objects");
    const metadata = join(folder, location, "metadata");
    for (const one of [objects, metadata]) mkdirSync(one, { recursive: true, mode: 0o700 });
    const { certificate, privateKey } = await authority.issue([host, `*.${host}`]);
    return TreeProcess.start({
      tree,
      netns: network.services.netns,
      argv: [
        `${GATEWAY}/versitygw`,
        ...["--port", `${addresses[location]}:443`, "--port", `${serviceFolder}/${SOCKET}`, "--socket-perm", "0600"],
        ...["--cert", `${serviceFolder}/store.crt`, "--key", `${serviceFolder}/store.key`],
        ...["--region", location, "--virtual-domain", host, "--keep-alive", "--quiet"],
        ...["posix", "--sidecar", METADATA, OBJECTS],
      ],
      folders: { [OBJECTS]: objects, [METADATA]: metadata, [GATEWAY]: join(gateway, "..") },
      env: { ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey },
      files: {
        "store.crt": { content: certificate },
        "store.key": { content: privateKey, mode: 0o600 },
      },
      onLine: (line) => {
        if (/error|fatal|panic/i.test(line)) log(`object storage ${location}: ${line}`);
      },
      onEnd: (reason) => {
        log(`object storage ${location} ended: ${reason}`);
        setTimeout(() => {
          if (wanted.has(location)) void startStore(location).catch((error) => log(reasonOf(error)));
        }, RESTART_MS).unref();
      },
    });
  };

  const startStore = async (location: StoreLocation): Promise<void> => {
    wanted.add(location);
    if (stores.get(location)?.running) return;
    const store = await run(location);
    stores.set(location, store);
    for (const until = Date.now() + START_MS; !(await isAnswering(access(location))); await sleep(50)) {
      if (store.running && Date.now() < until) continue;
      await stopStore(location);
      throw new Error(`object storage ${location} does not answer at ${addresses[location]}`);
    }
  };

  const stopStore = async (location: StoreLocation): Promise<void> => {
    access(location);
    wanted.delete(location);
    await stores.get(location)?.stop();
  };

  const bucket = async ({ location, name, isPublic }: BucketSettings) => {
    await ensureBucket(access(location), name, isPublic);
  };

  return {
    name: "object storage",
    start: async () => {
      await Promise.all(locations.map(startStore));
      for (const one of settings.buckets) await bucket(one);
    },
    changed: () => undefined,
    stop: async () => {
      await Promise.all(locations.map(stopStore));
    },
    access,
    startStore,
    stopStore,
    stores: () => Object.fromEntries(locations.map((location) => [location, wanted.has(location)])),
    ensureBucket: bucket,
  };
}
