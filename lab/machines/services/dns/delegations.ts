/** Zones that a stack's own name servers answer for: what a registrar is told of them. */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { invalidInput } from "../../../api/core/errors.ts";
import { parseBody } from "../../../api/core/kind.ts";
import type { LabView } from "../../../api/driver.ts";
import { PRIMARY_IPS } from "../../../api/model.ts";
import { readJson, writeJson } from "../../../session/files.ts";
import { type LabService, reasonOf } from "../service.ts";

/** Addresses of name servers by zone. */
export type Delegations = Readonly<Record<string, readonly string[]>>;

/** In bytes. */
const MAX_BODY = 4096;
const zoneName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "must be a domain name in lower case");
const servers = z.array(z.union([z.ipv4(), z.ipv6()])).max(13);
const fileSchema = z.record(zoneName, servers.min(1));

/** Kept in a file, since a lab that is started anew has the same machines. */
export class DelegationFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** None where the file is missing or damaged: the next deployment tells them again. */
  all(): Delegations {
    return fileSchema.safeParse(readJson(this.#path)).data ?? {};
  }

  /** @param addresses none: the zone is delegated no longer */
  set(zone: string, addresses: readonly string[]): void {
    const { [zone]: _, ...others } = this.all();
    writeJson(this.#path, addresses.length > 0 ? { ...others, [zone]: addresses } : others);
  }
}

/**
 * Takes delegations back whose servers are gone: nobody tells a registrar of a stack that was destroyed, and the next one to get such an
 * address would be asked for the zone.
 */
export function keepDelegations(
  file: DelegationFile,
  { store }: Pick<LabView, "store">,
  { log, changed }: { readonly log: (line: string) => void; readonly changed: () => void },
): LabService {
  const keep = () => {
    const ips = store.all(PRIMARY_IPS).map(({ ip }) => ip);
    let isChanged = false;
    for (const [zone, addresses] of Object.entries(file.all())) {
      const left = addresses.filter((address) => ips.some((ip) => isOf(ip, address)));
      if (left.length === addresses.length) continue;
      file.set(zone, left);
      isChanged = true;
    }
    if (isChanged) changed();
  };
  return {
    name: "delegations",
    // Of a lab that was stopped in between, or an earlier version's.
    start: async () => keep(),
    changed: (changes) => {
      if (!changes.some(({ kind, after }) => kind === PRIMARY_IPS.name && after === undefined)) return;
      try {
        keep();
      } catch (error) {
        log(`delegations: ${reasonOf(error)}`);
      }
    },
    stop: async () => undefined,
  };
}

/** Whether an address is a primary IP's: for IPv6 that is a network. */
function isOf(ip: string, address: string): boolean {
  if (!ip.includes("/")) return ip === address;
  return address.includes(":") && ipaddr.parse(address).match(ipaddr.parseCIDR(ip));
}

/** `PUT /_lab/services/dns/delegations/ZONE` with the addresses of its name servers. */
export function mountDelegations(app: Hono, file: DelegationFile, changed: () => void): void {
  const base = "/_lab/services/dns/delegations";
  app.get(base, (c) => c.json({ delegations: file.all() }));
  app.put(`${base}/:zone`, bodyLimit({ maxSize: MAX_BODY }), async (c) => {
    const zone = zoneName.safeParse(c.req.param("zone"));
    if (!zone.success) throw invalidInput("zone", zone.error.issues[0]?.message ?? "is not valid");
    const { addresses } = await parseBody(await c.req.text(), z.object({ addresses: servers }));
    file.set(zone.data, addresses);
    changed();
    return c.body(null, 204);
  });
}
