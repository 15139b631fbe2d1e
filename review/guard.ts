/** What holds data and would be lost, or loses its protection. */
import { deletesBackups } from "../catalogue/hetzner/update-effects.ts";
import type { Resource } from "../graph/model.ts";
import type { Settings } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import type { AliasSuggestion, Guarded, PropertyShown } from "./model.ts";
import { propertiesOf } from "./properties.ts";
import { isReal, type Relations } from "./relations.ts";
import { type Holding, holdingOf, isUnknownType, liftedFrom } from "./stateful.ts";

/** What goes with a resource is listed up to here. */
const MOST_ALONG = 50;

export interface Guard {
  /** Without approvals, the heaviest first. */
  readonly entries: readonly (Guarded & { readonly urn: string; readonly along: readonly string[] })[];
  /** URNs of everything that holds data, whatever happens to it. */
  readonly stateful: ReadonlySet<string>;
  readonly holdings: ReadonlyMap<string, Holding>;
}

export function guardOf(
  resources: readonly Resource[],
  relations: Relations,
  aliases: readonly AliasSuggestion[],
  settings: Settings,
): Guard {
  const holdings = new Map<string, Holding>();
  for (const resource of resources) {
    const holding = holdingOf(resource, relations, settings);
    if (holding) holdings.set(resource.urn, holding);
  }
  const renamed = new Map(aliases.map((alias) => [alias.from.urn, alias]));
  const entries = resources.flatMap((resource) => {
    const fate = fateOf(resource);
    const holding = holdings.get(resource.urn) ?? unknownHolding(resource, fate);
    if (!fate || !holding) return [];
    const alias = aliasFor(resource, renamed, relations);
    const along = goesWith(resource, relations);
    const forcedBy = causesOf(resource, fate);
    return [
      {
        urn: resource.urn,
        along: along.map(({ urn }) => urn),
        resource: ref(resource),
        fate,
        ...holding,
        ...(fate === "without backups" && {
          holds: "its backups, which the provider deletes when they are switched off",
        }),
        forcedBy,
        takesAlong: along.slice(0, MOST_ALONG).map(ref),
        ...(alias && { alias }),
        advice: adviceFor(
          fate,
          forcedBy.map(({ path }) => path),
          alias,
        ),
      },
    ];
  });
  return {
    entries: entries.toSorted((a, b) => weightOf(a) - weightOf(b)),
    stateful: new Set(holdings.keys()),
    holdings,
  };
}

type Fate = Guarded["fate"];

function fateOf(resource: Resource): Fate | undefined {
  switch (actionOf(resource)) {
    case "replace":
      return resource.change?.retained ? "left behind" : "replaced";
    case "delete":
      return "deleted";
    case "forget":
      return "left behind";
    case "none":
    case "update":
    case "rename":
    case "move":
      if (deletesBackups(resource.type, resource.change?.before ?? {}, resource.inputs)) return "without backups";
      return liftedFrom(resource).length > 0 ? "unprotected" : undefined;
    default:
      return undefined;
  }
}

/** What forces a replacement; or which protection is lifted, though neither need be a property of the provider's. */
function causesOf(resource: Resource, fate: Fate): PropertyShown[] {
  if (fate === "replaced") return propertiesOf(resource).filter(({ forcesReplacement }) => forcesReplacement);
  if (fate === "without backups") return propertiesOf(resource).filter(({ path }) => path === "backups");
  if (fate !== "unprotected") return [];
  return liftedFrom(resource).map((path) => ({ path, before: "true", after: "false", forcesReplacement: false }));
}

function unknownHolding(resource: Resource, fate: Fate | undefined) {
  if ((fate !== "replaced" && fate !== "deleted") || !isReal(resource) || !isUnknownType(resource)) return undefined;
  return {
    because: "unknown type" as const,
    holds: "nobody has written down whether this type holds data",
    classes: [],
  };
}

const FATES: readonly Fate[] = ["deleted", "replaced", "without backups", "unprotected", "left behind"];

function weightOf({ fate, because }: Guarded): number {
  return FATES.indexOf(fate) + (because === "unknown type" ? 10 : 0);
}

/** A suggestion for it, or for a component that it is in. */
function aliasFor(
  resource: Resource,
  renamed: ReadonlyMap<string, AliasSuggestion>,
  { ancestors }: Relations,
): AliasSuggestion | undefined {
  return [resource, ...ancestors(resource).toReversed()].map(({ urn }) => renamed.get(urn)).find(Boolean);
}

/** Children and users that are replaced or deleted in the same update, and theirs. */
function goesWith(resource: Resource, { children, users, byUrn }: Relations): Resource[] {
  const found = new Map<string, Resource>();
  const queue = [resource.urn];
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    const next = [...(children.get(urn) ?? []), ...(users.get(urn) ?? []).flatMap(({ from }) => byUrn.get(from) ?? [])];
    for (const other of next) {
      if (other.urn === resource.urn || found.has(other.urn)) continue;
      const action = actionOf(other);
      if (action !== "replace" && action !== "delete") continue;
      found.set(other.urn, other);
      queue.push(other.urn);
    }
  }
  return [...found.values()].filter(isReal);
}

function adviceFor(fate: Fate, paths: readonly string[], alias: AliasSuggestion | undefined): string {
  if (alias)
    return `If ${alias.from.name} was only renamed to ${alias.to.name}, add ${alias.option} to the options of ${alias.to.name}: then it is kept.`;
  switch (fate) {
    case "replaced":
      return paths.length > 0
        ? `Leave ${list(paths)} as it was, or ignore changes of it (ignoreChanges). If it has to be: take a backup that was restored once, and name the resource in approvals.yaml.`
        : "The preview names no property that forces this: something that it depends on is replaced, or it was asked for. If it has to be: take a backup that was restored once, and name the resource in approvals.yaml.";
    case "deleted":
      return "Put it back into the program, or set retainOnDelete to keep it at the provider. If it may go: name it in approvals.yaml.";
    case "left behind":
      return "The engine forgets it, the provider keeps it: it goes on costing, and nobody updates it any more.";
    case "without backups":
      return "Take a snapshot first, or leave backups on. If they may go: name it in approvals.yaml.";
    case "unprotected":
      return "Nothing is lost yet: the next update can delete it. Name it in approvals.yaml if that is what is wanted, and protect it again afterwards.";
  }
}

const list = (paths: readonly string[]): string => paths.slice(0, 5).join(", ");

/** Whether approvals have anything to say of it. */
export function isDecided({ fate }: Pick<Guarded, "fate">): boolean {
  return fate !== "left behind";
}
