/**
 * From the API's bodies to what `pulumi import` can take. Pure. The ids are those that the provider's documentation
 * gives for each resource's import (hcloud 1.32.1, section "Import" of each).
 */
import type { Bodies, Rrset } from "./bodies.ts";
import { type Findings, type Importable, KINDS, type KindName, type LeftOut, type ResourceType } from "./resources.ts";

/** Everything that was read of a project. */
export type Project = { readonly [K in KindName]: readonly Bodies[K][] } & {
  /** Record sets by the id of their zone. */
  readonly rrsets: ReadonlyMap<number, readonly Rrset[]>;
};

/** Names of what a part may belong to. What was not read is named by its id. */
interface Context {
  readonly project: Project;
  nameOf(kind: "server" | "network", id: number): string;
}

interface Mapped {
  readonly resources: readonly Importable[];
  readonly leftOut?: readonly LeftOut[];
}

export function mapProject(project: Project): Findings {
  const names = new Map(
    (["server", "network"] as const).flatMap((kind) =>
      project[kind].map(({ id, name }) => [`${kind}-${id}`, name] as const),
    ),
  );
  const context: Context = { project, nameOf: (kind, id) => names.get(`${kind}-${id}`) ?? `${kind}-${id}` };
  const mapped = KINDS.flatMap((kind) => mapKind(kind, context));
  return {
    resources: mapped.flatMap(({ resources }) => resources),
    leftOut: mapped.flatMap(({ leftOut = [] }) => leftOut),
  };
}

function mapKind<K extends KindName>(kind: K, context: Context): Mapped[] {
  const map = MAPPERS[kind] as (body: Bodies[K], context: Context) => Mapped;
  return (context.project[kind] as readonly Bodies[K][]).map((body) => map(body, context));
}

/** Where a thing stands is an optional input that the provider's import leaves out, and a primary IP is invalid without. */
const at = (location: { readonly name: string }) => ({ location: location.name });

const one = (type: ResourceType, name: string, id: string | number, inputs?: Importable["inputs"]): Importable => ({
  type,
  name,
  id: String(id),
  ...(inputs && { inputs }),
});

const MAPPERS: { readonly [K in KindName]: (body: Bodies[K], context: Context) => Mapped } = {
  server: ({ id, name, location, private_net }, { nameOf }) => ({
    resources: [
      one("Server", name, id, at(location)),
      ...private_net.map(({ network }) =>
        one("ServerNetwork", `${name}-${nameOf("network", network)}`, `${id}-${network}`),
      ),
    ],
  }),

  volume: ({ id, name, location, server }) => ({
    resources: [
      one("Volume", name, id, at(location)),
      ...(server === null ? [] : [one("VolumeAttachment", `${name}-attachment`, id)]),
    ],
  }),

  network: ({ id, name, subnets, routes }) => ({
    resources: [
      one("Network", name, id),
      ...subnets.map(({ ip_range }) => one("NetworkSubnet", `${name}-${ip_range}`, `${id}-${ip_range}`)),
      ...routes.map(({ destination }) => one("NetworkRoute", `${name}-route-${destination}`, `${id}-${destination}`)),
    ],
  }),

  firewall: ({ id, name, applied_to }) => ({
    resources: [
      one("Firewall", name, id),
      // Servers say themselves which firewalls they have; a second resource that says it too would fight with them.
      ...(applied_to.some(({ type }) => type === "label_selector")
        ? [one("FirewallAttachment", `${name}-attachment`, id)]
        : []),
    ],
  }),

  "load-balancer": mapLoadBalancer,

  "primary-ip": ({ id, name, location, dns_ptr }) => ({
    resources: [one("PrimaryIp", name, id, at(location)), ...reverseDns("p", id, name, dns_ptr)],
  }),

  "floating-ip": ({ id, name, home_location, server, dns_ptr }) => ({
    resources: [
      one("FloatingIp", name, id, { homeLocation: home_location.name }),
      ...(server === null ? [] : [one("FloatingIpAssignment", `${name}-assignment`, id)]),
      ...reverseDns("f", id, name, dns_ptr),
    ],
  }),

  certificate: ({ id, name, type }) => {
    if (type === "uploaded")
      return without(
        "certificate",
        name,
        id,
        "the API does not give back its private key, and a program that states the key would replace it: upload it anew from the program, under another name, and move the services over",
      );
    if (type === "managed") return { resources: [one("ManagedCertificate", name, id)] };
    return without("certificate", name, id, `of the type ${type}, which the provider does not know`);
  },

  "ssh-key": ({ id, name }) => ({ resources: [one("SshKey", name, id)] }),

  "placement-group": ({ id, name }) => ({ resources: [one("PlacementGroup", name, id)] }),

  snapshot: ({ id, name, description, type, created_from }) => {
    const shown = description || name || `snapshot-${id}`;
    if (type === "backup")
      return without("backup image", shown, id, "made and deleted by the server's backups, not by a program");
    if (!created_from)
      return without(
        "snapshot",
        shown,
        id,
        "the API does not say which server it was made of, which the provider needs",
      );
    return { resources: [one("Snapshot", shown, id)] };
  },

  zone: ({ id, name, mode }, { project }) => {
    const zone = one("Zone", name, id);
    const sets = project.rrsets.get(id) ?? [];
    if (mode !== "primary")
      return {
        resources: [zone],
        leftOut: sets.length
          ? [leave("record sets", name, id, `all ${sets.length}: they come from the zone's primary name servers`)]
          : [],
      };
    const isOfZone = ({ type }: Rrset) => type === "SOA";
    return {
      resources: [
        zone,
        ...sets
          .filter((set) => !isOfZone(set))
          .map((set) =>
            // The zone by its name: so does a program say it, and another way to say it would replace the records.
            one(
              "ZoneRrset",
              `${name}-${set.name === "@" ? "apex" : set.name}-${set.type}`,
              `${name}/${set.name}/${set.type}`,
            ),
          ),
      ],
      leftOut: sets
        .filter(isOfZone)
        .map((set) =>
          leave(
            "record set",
            `${name} ${set.type}`,
            `${name}/${set.name}/${set.type}`,
            "belongs to the zone itself: made, counted up and deleted with it",
          ),
        ),
    };
  },
};

const leave = (what: string, name: string, id: string | number, reason: string): LeftOut => ({
  what,
  name,
  id: String(id),
  reason,
});

const without = (...args: Parameters<typeof leave>): Mapped => ({ resources: [], leftOut: [leave(...args)] });

function mapLoadBalancer(body: Bodies["load-balancer"], { nameOf }: Context): Mapped {
  const { id, name, public_net } = body;
  const targets = body.targets.map((target) => {
    if (target.type === "server" && target.server)
      return one(
        "LoadBalancerTarget",
        `${name}-${nameOf("server", target.server.id)}`,
        `${id}__server__${target.server.id}`,
      );
    if (target.type === "label_selector" && target.label_selector) {
      const { selector } = target.label_selector;
      return one("LoadBalancerTarget", `${name}-${selector}`, `${id}__label_selector__${selector}`);
    }
    if (target.type === "ip" && target.ip)
      return one("LoadBalancerTarget", `${name}-${target.ip.ip}`, `${id}__ip__${target.ip.ip}`);
    return leave("load balancer target", name, id, `of the type ${target.type}, which the provider does not know`);
  });
  const addresses = [public_net.ipv4, public_net.ipv6].flatMap(({ ip, dns_ptr }) => (ip ? [{ ip, dns_ptr }] : []));
  return {
    resources: [
      one("LoadBalancer", name, id, at(body.location)),
      ...body.private_net.map(({ network }) =>
        one("LoadBalancerNetwork", `${name}-${nameOf("network", network)}`, `${id}-${network}`),
      ),
      ...body.services.map(({ listen_port }) =>
        one("LoadBalancerService", `${name}-${listen_port}`, `${id}__${listen_port}`),
      ),
      ...targets.filter((target): target is Importable => "type" in target),
      ...reverseDns("l", id, name, addresses),
    ],
    leftOut: targets.filter((target): target is LeftOut => "reason" in target),
  };
}

/** Names that the vendor gives an address until somebody gives it another. */
const VENDORS_NAME = /\.your-server\.de\.?$/i;

function reverseDns(
  prefix: "p" | "f" | "l",
  id: number,
  name: string,
  entries: readonly { readonly ip: string; readonly dns_ptr?: string | null | undefined }[],
): Importable[] {
  const given = entries.filter(({ dns_ptr }) => dns_ptr && !VENDORS_NAME.test(dns_ptr));
  return given.map(({ ip }) =>
    one("Rdns", given.length === 1 ? `${name}-rdns` : `${name}-rdns-${ip}`, `${prefix}-${id}-${ip}`),
  );
}
