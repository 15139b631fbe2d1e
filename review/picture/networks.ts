import { groupBy } from "../group.ts";
import type { ResourceNode, Topology } from "../model.ts";

/** Resources between a machine and its network, which links lead through. */
const BETWEEN: ReadonlySet<string> = new Set(["attachment", "subnet"]);

const TO_NETWORK = /:(?:Server|LoadBalancer)Network$/;

/** Which private networks a resource stands in, by name: as links say it, else because its component attaches it to one. */
export function memberships({ nodes, links }: Topology): (node: ResourceNode) => readonly string[] {
  const byUrn = new Map(nodes.map((node) => [node.urn, node]));
  const around = new Map<string, string[]>();
  const join = (a: string, b: string) => around.set(a, [...(around.get(a) ?? []), b]);
  for (const { from, to } of links) {
    join(from, to);
    // An attachment names the machine: the machine's way to the network is the attachment's.
    if (BETWEEN.has(byUrn.get(from)?.kind ?? "")) join(to, from);
  }
  const attachments = groupBy(
    nodes.filter(({ kind, parent }) => kind === "attachment" && byUrn.has(parent ?? "")),
    ({ parent }) => parent,
  );
  const found = new Map<string, readonly string[]>();
  const networksFrom = (start: readonly string[]): string[] => {
    const names = new Set<string>();
    const seen = new Set<string>(start);
    const queue = [...start];
    for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
      const node = byUrn.get(urn);
      if (node?.kind === "network") names.add(node.name);
      else if (start.includes(urn) || BETWEEN.has(node?.kind ?? ""))
        for (const next of around.get(urn) ?? [])
          if (!seen.has(next)) {
            seen.add(next);
            queue.push(next);
          }
    }
    return [...names].sort();
  };
  // What is attached to a network whose id the preview does not know yet is attached to the only one that there is.
  const networks = nodes.filter(({ kind, isComponent }) => kind === "network" && !isComponent).map(({ name }) => name);
  const only = networks.length === 1 ? networks : [];
  return (node) => {
    const known = found.get(node.urn);
    if (known) return known;
    const own = attachments.get(node.parent) ?? [];
    const said = networksFrom([node.urn, ...own.map(({ urn }) => urn)]);
    const names = said.length === 0 && own.some(({ type }) => TO_NETWORK.test(type)) ? only : said;
    found.set(node.urn, names);
    return names;
  };
}
