/** What changes, by component. */
import type { Resource } from "../graph/model.ts";
import { actionOf, ref } from "./action.ts";
import type { Action, AliasSuggestion, ChangedResource, Changes, ComponentChanges, Effect } from "./model.ts";
import { MOST_PROPERTIES } from "./model.ts";
import { propertiesOf } from "./properties.ts";
import { isReal, type Relations } from "./relations.ts";
import { nameShown } from "./shown.ts";

export interface ChangeFacts {
  readonly relations: Relations;
  readonly aliases: readonly AliasSuggestion[];
  /** URNs of what holds data. */
  readonly stateful: ReadonlySet<string>;
  readonly effects: ReadonlyMap<string, Effect>;
  /** For resources outside components. */
  readonly title: string;
}

type Counts = Partial<Record<Action, number>>;

export function changesOf(resources: readonly Resource[], facts: ChangeFacts): Changes {
  const real = resources.filter(isReal);
  const groupOf = grouping(real, facts);
  const counts: Counts = {};
  const groups = new Map<string, { urn: string; title: string; counts: Counts; resources: ChangedResource[] }>();
  let unchanged = 0;
  let read = 0;
  for (const resource of real) {
    const action = actionOf(resource);
    if (action === "none") unchanged++;
    else if (action === "read") read++;
    else {
      count(counts, action);
      const { urn, title } = groupOf(resource);
      let group = groups.get(urn);
      if (!group) {
        group = { urn, title, counts: {}, resources: [] };
        groups.set(urn, group);
      }
      count(group.counts, action);
      group.resources.push(changed(resource, action, facts));
    }
  }
  return {
    counts,
    unchanged,
    read,
    components: [...groups.values()] satisfies ComponentChanges[],
    aliases: facts.aliases,
  };
}

function count(counts: Counts, action: Action): void {
  counts[action] = (counts[action] ?? 0) + 1;
}

function changed(resource: Resource, action: Action, { relations, stateful, effects }: ChangeFacts): ChangedResource {
  const differing = action === "create" || action === "delete" || action === "forget" ? [] : propertiesOf(resource);
  const previously = resource.aliases[0];
  return {
    ...ref(resource),
    action,
    path: relations.ancestors(resource).map(({ name }) => nameShown(name)),
    effect: effects.get(resource.urn) ?? "none",
    properties: differing.slice(0, MOST_PROPERTIES),
    more: Math.max(0, differing.length - MOST_PROPERTIES),
    ...((action === "rename" || action === "move") &&
      previously !== undefined && { previously: nameShown(previously) }),
    stateful: stateful.has(resource.urn),
  };
}

/** The component of a resource that tells most apart: the first level of the tree at which the program branches. */
export function grouping(
  resources: readonly Resource[],
  { relations, title }: Pick<ChangeFacts, "relations" | "title">,
): (resource: Resource) => { readonly urn: string; readonly title: string } {
  const paths = resources.map((resource) => relations.ancestors(resource)).filter((path) => path.length > 0);
  let depth = 0;
  while (paths.length > 0 && paths.every((path) => path.length > depth + 1 && path[depth] === paths[0]![depth]))
    depth++;
  return (resource) => {
    const path = relations.ancestors(resource).slice(0, depth + 1);
    const component = path.at(-1);
    if (!component) return { urn: "", title };
    return { urn: component.urn, title: path.map(({ name }) => nameShown(name)).join(" > ") };
  };
}
