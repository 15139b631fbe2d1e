import { findLocation } from "../catalogue/hetzner/locations.ts";
import type { Opening } from "../components/host/role.ts";

/** What the picture shows of a machine, or of the load balancer. */
export interface PicturedHost {
  readonly name: string;
  readonly role: string;
  readonly location: string;
  /** Second line, such as the server type. */
  readonly detail: string;
  readonly openings: readonly Opening[];
}

interface Group {
  readonly role: string;
  readonly location: string;
  readonly detail: string;
  readonly count: number;
  readonly openings: readonly Opening[];
}

const palette: Readonly<Record<string, string>> = {
  "load-balancer": "#fde68a",
  app: "#bfdbfe",
  postgres: "#bbf7d0",
  etcd: "#bbf7d0",
  redis: "#fecaca",
  monitoring: "#ddd6fe",
  gateway: "#fed7aa",
  edge: "#e5e7eb",
  tools: "#e5e7eb",
};

const titles: Readonly<Record<string, string>> = {
  "load-balancer": "Load balancer",
  app: "App servers",
  postgres: "Postgres",
  etcd: "etcd witness",
  redis: "Redis",
  monitoring: "Monitoring",
  gateway: "Name server",
  edge: "Edge cache",
  tools: "Edge tools",
};

const quote = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

function groupByRole(hosts: readonly PicturedHost[]): Group[] {
  const groups = new Map<string, PicturedHost[]>();
  for (const host of hosts) {
    const key = `${host.location} ${host.role}`;
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return [...groups.values()].map((members) => ({
    role: members[0]!.role,
    location: members[0]!.location,
    detail: members[0]!.detail,
    count: members.length,
    openings: members.flatMap((m) => m.openings),
  }));
}

const id = (group: Group): string => quote(group.location + group.role);

/** Roles whose machines are one whole over all locations; everything else serves its own. */
const spanning = new Set(["postgres", "etcd"]);
/** Stand on the internet, and are reached and reach as everybody does. */
const isOutside = ({ role }: Group): boolean => role === "edge" || role === "tools";

function portsBetween(from: Group, to: Group): string {
  const ports = to.openings.filter((o) => (o.from as readonly string[]).includes(from.role)).map((o) => o.port);
  return [...new Set(ports)].sort((a, b) => a - b).join(", ");
}

/** Ports open from one role to another, drawn from the same openings as the packet filters. */
function edges(groups: readonly Group[]): string[] {
  const drawn = groups.filter(({ role }) => role !== "monitoring");
  return drawn.flatMap((to) =>
    drawn
      .filter((from) => from.role !== to.role && from.location === to.location)
      .flatMap((from) => {
        const ports = portsBetween(from, to);
        return ports ? [`${id(from)} -> ${id(to)} [label=${quote(` ${ports} `)}]`] : [];
      }),
  );
}

/** Between locations: what is one whole, once for each pair. */
function spans(groups: readonly Group[]): string[] {
  const whole = groups.filter(({ role }) => spanning.has(role));
  return whole.flatMap((one, index) =>
    whole
      .slice(index + 1)
      .filter((other) => other.location !== one.location)
      .map((other) => `${id(one)} -> ${id(other)} [dir=both, style=bold, color="#15803d", constraint=false]`),
  );
}

/** How the edge gets what it serves: by the entrance that is everybody's. */
function origins(groups: readonly Group[]): string[] {
  const entrance = groups.find(({ role }) => role === "load-balancer");
  return groups
    .filter(({ role }) => role === "edge")
    .flatMap((site) => (entrance ? [`${id(site)} -> ${id(entrance)} [label=" 443, as anybody ", style=dashed]`] : []));
}

/** What visitors come to, and on which port. */
const visited: Readonly<Record<string, string>> = { "load-balancer": "443", edge: "443", gateway: "53" };

function placeStyle(location: string, groups: readonly Group[]): string {
  const place = findLocation(location);
  const isEdge = groups.filter((g) => g.location === location).every(isOutside);
  const city = place ? `, ${place.city} (${place.country})` : "";
  const boundary = isEdge ? "outside the boundary: no private network" : "private network";
  const color = isEdge ? "#b91c1c" : "#64748b";
  return `label=${quote(`${location}${city} · ${boundary}`)}; style="rounded,dashed"; color=${quote(color)}`;
}

/**
 * The topology as a Graphviz graph: machines by location and role, and who may talk to whom. Metrics, which monitoring
 * fetches from every machine, and journals, which every machine sends to it, are said in a note rather than drawn.
 */
export function renderTopologyDot(title: string, hosts: readonly PicturedHost[]): string {
  const groups = groupByRole(hosts);
  const locations = [...new Set(groups.map((g) => g.location))].sort();
  const isSpread = new Set(groups.filter((g) => g.role === "monitoring").map((g) => g.location)).size > 1;
  const node = (g: Group) => {
    const lines = [
      `${titles[g.role] ?? g.role}${g.count > 1 ? ` × ${g.count}` : ""}`,
      g.detail,
      ...(g.role === "monitoring"
        ? [isSpread ? "metrics and journals of its location" : "metrics and journals of all machines"]
        : []),
    ];
    return `${id(g)} [fillcolor=${quote(palette[g.role] ?? "#e5e7eb")}, label=${quote(lines.join("\\n"))}]`;
  };
  return `digraph {
  graph [fontname="Helvetica", fontsize=12, labelloc=t, label=${quote(title)}, rankdir=TB, nodesep=0.5, ranksep=0.7, pad=0.3, bgcolor="white"]
  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11, margin="0.25,0.12", color="#334155"]
  edge [fontname="Helvetica", fontsize=9, color="#475569", arrowsize=0.7]
  visitors [label="Visitors", shape=ellipse, style=filled, fillcolor="white"]
  administrators [label="Administrators", shape=ellipse, style=filled, fillcolor="white"]
${locations
  .map(
    (location) => `  subgraph ${quote(`cluster ${location}`)} {
    ${placeStyle(location, groups)}
${groups
  .filter((g) => g.location === location)
  .map((g) => `    ${node(g)}`)
  .join("\n")}
  }`,
  )
  .join("\n")}
${groups.flatMap((g) => (visited[g.role] ? [`  visitors -> ${id(g)} [label=" ${visited[g.role]} "]`] : [])).join("\n")}
${groups
  .filter((g) => g.role === "monitoring")
  .slice(0, 1)
  .map((g) => `  administrators -> ${id(g)} [label=" SSH, to every machine ", style=dashed]`)
  .join("\n")}
${[...edges(groups), ...spans(groups), ...origins(groups)].map((edge) => `  ${edge}`).join("\n")}
}
`;
}
