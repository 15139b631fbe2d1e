/** What a lab with machines serves beside them. */
import { basename, join } from "node:path";
import type { Hono } from "hono";
import { ensureGoTool, type GoToolOptions } from "../../toolchain/tools.ts";
import { labFiles } from "../session/files.ts";
import { readSecrets } from "../session/secrets.ts";
import { SERVICE_ADDRESSES } from "./network/names.ts";
import { DelegationFile, keepDelegations, mountDelegations } from "./services/dns/delegations.ts";
import { dns } from "./services/dns/dns.ts";
import { loadBalancers } from "./services/load-balancer/load-balancers.ts";
import { authorityFolder, ensureAuthority } from "./services/object-storage/ca.ts";
import { storeHost, storeLocations } from "./services/object-storage/locations.ts";
import { objectStorage } from "./services/object-storage/object-storage.ts";
import { mountObjectStorage } from "./services/object-storage/routes.ts";
import type { LabService, ServiceContext } from "./services/service.ts";
import { webhook } from "./services/webhook/webhook.ts";

export interface LabServices extends LabService {
  /** Certificate of the authority that their own certificates come from, in PEM: machines trust it. */
  readonly authority?: string | undefined;
  /** Adds their endpoints, all of them below `/_lab/services/`. They need the token. */
  routes?(app: Hono): void;
}

export interface LabServicesContext extends ServiceContext {
  /** The lab's folder. */
  readonly folder: string;
}

/** Where a lab with machines keeps what its services hold, below its folder. */
export const serviceFiles = (folder: string) => ({
  /** The authority that machines trust. */
  authority: authorityFolder(folder),
  /** Buckets, in a folder for each location. */
  objects: join(folder, "objects"),
  /** Zones that name servers of a stack's own answer for. */
  delegations: join(folder, "delegations.json"),
  /** Alerts that Alertmanager posted, one JSON text per line: read them with `readAlerts`. */
  alerts: join(folder, "alerts.jsonl"),
});

/**
 * Builds what they are made of, at the first call: minutes, while the lab's own process must answer soon.
 * @throws ToolchainError when the object storage cannot be built
 */
export async function prepareServices(options: GoToolOptions): Promise<void> {
  await ensureGoTool("versitygw", options);
}

/**
 * All of them as one.
 * @throws ToolchainError when the object storage cannot be built
 */
export async function openServices(context: LabServicesContext): Promise<LabServices> {
  const { folder, log } = context;
  const files = serviceFiles(folder);
  const secrets = readSecrets(labFiles(join(folder, "..", "..", ".."), basename(folder)));
  if (!secrets) throw new Error(`the secrets of the lab in ${folder} are missing or damaged`);
  const authority = await ensureAuthority(files.authority);
  const { resolvers, nameserver, objectStorage: addresses, webhook: alerts } = SERVICE_ADDRESSES;
  const storage = objectStorage({
    ...context,
    addresses,
    folder: files.objects,
    gateway: await ensureGoTool("versitygw", { onProgress: log }),
    keys: { accessKey: secrets.backupAccessKey, secretKey: secrets.backupSecretKey },
    authority,
    buckets: [],
  });
  const hosts = Object.fromEntries(storeLocations.map((location) => [storeHost(location), addresses[location]]));
  const delegations = new DelegationFile(files.delegations);
  const names = dns({ ...context, resolvers, authoritative: nameserver, hosts, delegations: () => delegations.all() });
  const services: LabService[] = [
    keepDelegations(delegations, context.view, { log, changed: names.reload }),
    names,
    storage,
    webhook({ ...context, address: alerts, file: files.alerts }),
    loadBalancers(context),
  ];
  return {
    name: "services",
    authority: authority.certificate,
    routes: (app) => {
      mountObjectStorage(app, storage);
      mountDelegations(app, delegations, names.reload);
    },
    start: async () => {
      await Promise.all(services.map((service) => service.start()));
    },
    changed: (changes) => {
      for (const service of services) service.changed(changes);
    },
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
