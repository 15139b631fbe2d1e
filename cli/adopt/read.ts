/** Reads the parts of a project that adoption needs. */
import type { ReadList } from "./api.ts";
import { type Bodies, bodies, type Rrset, rrset } from "./bodies.ts";
import type { Project } from "./map.ts";
import { KINDS, type KindName } from "./resources.ts";

const LISTS: Readonly<Record<KindName, string>> = {
  server: "servers",
  volume: "volumes",
  network: "networks",
  firewall: "firewalls",
  "load-balancer": "load_balancers",
  "primary-ip": "primary_ips",
  "floating-ip": "floating_ips",
  certificate: "certificates",
  "ssh-key": "ssh_keys",
  "placement-group": "placement_groups",
  snapshot: "images",
  zone: "zones",
};

export interface Selection {
  /** @default all */
  readonly kinds?: readonly KindName[] | undefined;
  /** A label selector as the API takes it. Parts of a resource go with it. @default no selection */
  readonly label?: string | undefined;
}

/**
 * One list after another: the API counts requests, and an order makes errors repeatable.
 * @throws what `read` throws
 */
export async function readProject(read: ReadList, { kinds = KINDS, label }: Selection): Promise<Project> {
  const list = <K extends KindName>(kind: K): Promise<Bodies[K][]> =>
    read<Bodies[K]>(`/${LISTS[kind]}`, LISTS[kind], bodies[kind] as never, {
      // Images without a type would be the vendor's too.
      ...(kind === "snapshot" ? { type: ["snapshot", "backup"] } : {}),
      ...(label === undefined ? {} : { label_selector: label }),
    });
  const lists: Partial<Record<KindName, unknown>> = {};
  for (const kind of KINDS) lists[kind] = kinds.includes(kind) ? await list(kind) : [];
  const rrsets = new Map<number, Rrset[]>();
  for (const { id } of lists.zone as Bodies["zone"][])
    rrsets.set(id, await read(`/zones/${id}/rrsets`, "rrsets", rrset));
  return { ...(lists as Omit<Project, "rrsets">), rrsets } as Project;
}
