import type { Resource } from "../../../graph/model.ts";
import { wanted } from "../../../graph/model.ts";
import type { Context, Rule } from "../../core/types.ts";
import { isObject } from "../values.ts";

const SERVER = "hcloud:index/server:Server";
const GROUP = "hcloud:index/placementGroup:PlacementGroup";

/** Machines that stand in for one another do not stand on one host. */
export const placement: Rule = {
  id: "operations/placement",
  title: "Machines that replace one another are spread",
  description: `Two or more servers of Hetzner Cloud with the same label \`role\` (or the same name but for its number) in one location have to be in a placement group of type \`spread\`: else
they can stand on one physical host, and are lost together. A group takes ten servers.`,
  severity: "warn",
  controls: ["dora-9", "dora-12"],
  examples: {
    bad: `resources:
  db-1:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {role: postgres}}
  db-2:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {role: postgres}}
`,
    good: `resources:
  spread:
    type: hcloud:PlacementGroup
    properties: {type: spread}
  db-1:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {role: postgres}, placementGroupId: "\${spread.id}"}
  db-2:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {role: postgres}, placementGroupId: "\${spread.id}"}
`,
  },
  applies: ({ type }) => type === SERVER || type === GROUP,
  *stack({ graph }: Context) {
    const sets = new Map<string, Resource[]>();
    for (const server of wanted(graph).filter(({ type }) => type === SERVER)) {
      const key = JSON.stringify([server.inputs.location ?? null, roleOf(server)]);
      const set = sets.get(key);
      if (set) set.push(server);
      else sets.set(key, [server]);
    }
    for (const servers of sets.values()) {
      if (servers.length < 2) continue;
      for (const resource of servers.filter(
        ({ inputs }) => inputs.placementGroupId === undefined || inputs.placementGroupId === null,
      ))
        yield {
          resource,
          outcome: "violation",
          property: "placementGroupId",
          message: `${resource.name} and ${servers.length - 1} like it are not spread: they can stand on one physical host.`,
          why: "One broken host then takes all of them.",
          fix: "Put them into a placement group of type spread; ten servers fit into one.",
        };
    }
  },
};

function roleOf({ inputs, name }: Resource): string {
  const role = isObject(inputs.labels) ? inputs.labels.role : undefined;
  return typeof role === "string" ? role : name.replace(/-?\d+$/, "");
}
