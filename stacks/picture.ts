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
};

const titles: Readonly<Record<string, string>> = {
  "load-balancer": "Load balancer",
  app: "App servers",
  postgres: "Postgres",
  etcd: "etcd witness",
  redis: "Redis",
  monitoring: "Monitoring",
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

/** Ports open from one role to another, drawn from the same openings as the packet filters. */
function edges(groups: readonly Group[]): string[] {
  return groups.flatMap((to) =>
    groups
      .filter((from) => from.role !== to.role && from.role !== "monitoring" && to.role !== "monitoring")
      .flatMap((from) => {
        const ports = new Set(
          to.openings.filter((o) => (o.from as readonly string[]).includes(from.role)).map((o) => o.port),
        );
        const label = [...ports].sort((a, b) => a - b).join(", ");
        return ports.size
          ? [`${quote(from.location + from.role)} -> ${quote(to.location + to.role)} [label=${quote(` ${label} `)}]`]
          : [];
      }),
  );
}

/**
 * The topology as a Graphviz graph: machines by location and role, and who may talk to whom. Metrics, which monitoring
 * fetches from every machine, and journals, which every machine sends to it, are said in a note rather than drawn.
 */
export function renderTopologyDot(title: string, hosts: readonly PicturedHost[]): string {
  const groups = groupByRole(hosts);
  const locations = [...new Set(groups.map((g) => g.location))].sort();
  const node = (g: Group) => {
    const lines = [
      `${titles[g.role] ?? g.role}${g.count > 1 ? ` × ${g.count}` : ""}`,
      g.detail,
      ...(g.role === "monitoring" ? ["metrics and journals of all machines"] : []),
    ];
    return `${quote(g.location + g.role)} [fillcolor=${quote(palette[g.role] ?? "#e5e7eb")}, label=${quote(lines.join("\\n"))}]`;
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
    label=${quote(`${location} · private network`)}; style="rounded,dashed"; color="#64748b"
${groups
  .filter((g) => g.location === location)
  .map((g) => `    ${node(g)}`)
  .join("\n")}
  }`,
  )
  .join("\n")}
${groups
  .filter((g) => g.role === "load-balancer")
  .map((g) => `  visitors -> ${quote(g.location + g.role)} [label=" 443 "]`)
  .join("\n")}
${groups
  .filter((g) => g.role === "monitoring")
  .map((g) => `  administrators -> ${quote(g.location + g.role)} [label=" SSH, to every machine ", style=dashed]`)
  .join("\n")}
${edges(groups)
  .map((edge) => `  ${edge}`)
  .join("\n")}
}
`;
}
