/** In which order things happen, and when something is interrupted. */
import { effectOfUpdate, effectsSource, isServing } from "../catalogue/hetzner/update-effects.ts";
import type { Operation, Resource, Step } from "../graph/model.ts";
import { packageOf } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import type { Downtime, Effect, Interruption, StepShown } from "./model.ts";
import { changedNames } from "./properties.ts";
import { isReal, type Relations } from "./relations.ts";

/** Steps that are listed. */
const MOST_STEPS = 500;

/** By the engine's own order, whatever the provider: deleted first, then made anew. */
const ENGINE = "order of the engine's steps";

export interface Interruptions {
  readonly moments: readonly (Interruption & { readonly urn: string; readonly line: number })[];
  /** By URN; resources that are not in it are not interrupted. */
  readonly effects: ReadonlyMap<string, Effect>;
  readonly unknown: Downtime["unknown"];
}

export function interruptionsOf(
  resources: readonly Resource[],
  stateful: ReadonlySet<string>,
  { uses }: Pick<Relations, "uses">,
): Interruptions {
  const moments: Interruptions["moments"][number][] = [];
  const effects = new Map<string, Effect>();
  const unknown = new Map<string, number>();
  for (const resource of resources) {
    if (!isReal(resource)) continue;
    const found = effectOf(resource);
    if (found.effect === "none") continue;
    effects.set(resource.urn, found.effect);
    if (!("text" in found)) unknown.set(resource.type, (unknown.get(resource.type) ?? 0) + 1);
    else
      moments.push({
        urn: resource.urn,
        line: lineOf(resource),
        resource: ref(resource),
        effect: found.effect,
        text: `${found.text}.`,
        ...(found.property !== undefined && { property: found.property }),
        serious: isServing(resource.type) || stateful.has(resource.urn),
        source: found.source,
      });
  }
  // What hangs on something that goes, goes with it: one moment, not three.
  const gone = new Set(moments.filter(({ effect }) => effect === "outage").map(({ urn }) => urn));
  for (const resource of resources)
    if (stateful.has(resource.urn) && GOES.has(actionOf(resource))) gone.add(resource.urn);
  const followers = new Set(uses.filter(({ to }) => gone.has(to)).map(({ from }) => from));
  return {
    moments: moments.filter(({ urn }) => !followers.has(urn) || stateful.has(urn)).toSorted((a, b) => a.line - b.line),
    effects,
    unknown: [...unknown].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count),
  };
}

const GOES: ReadonlySet<string> = new Set(["delete", "replace"]);

type Found =
  | { readonly effect: "none" | "unknown" }
  | {
      readonly effect: Interruption["effect"];
      readonly text: string;
      readonly property?: string;
      readonly source: string;
    };

const none: Found = { effect: "none" };

function effectOf(resource: Resource): Found {
  switch (actionOf(resource)) {
    case "update":
    case "rename":
    case "move":
      return ofUpdate(resource);
    case "replace":
      return ofReplacement(resource);
    case "delete":
      return isServing(resource.type)
        ? { effect: "outage", text: "It is deleted: what leads to it ends", source: ENGINE }
        : isDescribed(resource.type)
          ? none
          : { effect: "unknown" };
    default:
      return none;
  }
}

const WEIGHT: readonly Effect[] = ["none", "unknown", "disconnect", "restart", "power-off", "outage"];

/** Describing words: to change them changes nothing that runs, whoever the provider is. */
const HARMLESS: ReadonlySet<string> = new Set(["tags", "tagsAll", "labels", "description"]);

function ofUpdate(resource: Resource): Found {
  const { type } = resource;
  const names = changedNames(resource);
  const effects = names.map((property): Found => {
    const known = effectOfUpdate(type, property);
    if (known === undefined)
      return HARMLESS.has(property) || VALUES.has(packageOf(type)) ? none : { effect: "unknown" };
    if (known.effect === "none") return none;
    return { effect: known.effect, text: known.text!, property, source: effectsSource };
  });
  return effects.reduce(
    (worst, next) => (WEIGHT.indexOf(next.effect) > WEIGHT.indexOf(worst.effect) ? next : worst),
    none,
  );
}

/** Packages that make values, which run nowhere. */
const VALUES: ReadonlySet<string> = new Set(["random", "pulumi", "tls", "time", "std", "null"]);

/** Types for which it is known what their absence means. */
function isDescribed(type: string): boolean {
  return packageOf(type) === "hcloud" || VALUES.has(packageOf(type));
}

/** Others are inside them: to make the new one first spares those nothing. */
const NETWORKS: ReadonlySet<string> = new Set([
  "hcloud:index/network:Network",
  "hcloud:index/networkSubnet:NetworkSubnet",
]);

function ofReplacement({ type, change }: Resource): Found {
  if (VALUES.has(packageOf(type))) return none;
  const order = orderOf(change?.steps ?? []);
  if (NETWORKS.has(type))
    return {
      effect: "disconnect",
      text: "It is made anew: whatever is in it leaves it, and joins the new one",
      source: ENGINE,
    };
  if (order === "created first") return none;
  if (!isServing(type) && isDescribed(type)) return none;
  const text =
    order === "deleted first"
      ? "It is deleted before it is made anew: until then it is not there"
      : "It is replaced, and the source does not tell whether the old one goes first";
  return { effect: "outage", text, source: order === "deleted first" ? ENGINE : "the source tells no order" };
}

function orderOf(steps: readonly Step[]): "created first" | "deleted first" | "unknown" {
  const at = (...ops: Operation[]) => steps.find(({ op }) => ops.includes(op))?.line;
  const [made, gone] = [at("create-replacement", "create"), at("delete-replaced", "delete")];
  if (made === undefined || gone === undefined) return "unknown";
  return made < gone ? "created first" : "deleted first";
}

function lineOf({ change }: Resource): number {
  return Math.min(...(change?.steps ?? []).map(({ line }) => line), Number.MAX_SAFE_INTEGER);
}

const WHAT: Partial<Record<Operation, StepShown["what"]>> = {
  create: "create",
  update: "update",
  other: "update",
  "create-replacement": "create the replacement",
  delete: "delete",
  "delete-replaced": "delete the replaced one",
  import: "import",
  discard: "forget",
};

/** Every step of the engine's that changes something, in its order. */
export function stepsOf(
  resources: readonly Resource[],
  effects: ReadonlyMap<string, Effect>,
): Pick<Downtime, "steps" | "moreSteps"> {
  const all = resources
    .filter(isReal)
    .flatMap((resource) =>
      (resource.change?.steps ?? []).flatMap(({ op, line }) => {
        const what = WHAT[op];
        return what ? [{ line, resource, what }] : [];
      }),
    )
    .sort((a, b) => a.line - b.line);
  const steps = all.slice(0, MOST_STEPS).map(({ resource, what }, index): StepShown => {
    const effect = what.startsWith("create") || what === "import" ? "none" : (effects.get(resource.urn) ?? "none");
    return { number: index + 1, resource: ref(resource), what, effect };
  });
  return { steps, moreSteps: all.length - steps.length };
}

export const ORDER =
  "The order in which the preview announced the steps. Of steps that do not depend on one another the engine takes several at once.";
