/** Finds what was only renamed: a deletion and a creation that look like one resource under two names. */
import { isDeepStrictEqual } from "node:util";
import { type Properties, type Resource, Unseen } from "../graph/model.ts";
import { actionOf, ref } from "./action.ts";
import type { AliasSuggestion } from "./model.ts";
import { groupedBy, type Relations } from "./relations.ts";

/** Share of equal properties from which two are taken for one. */
const ALIKE = 0.75;

/** Candidates of one type that are compared with one another: more are left alone, as their number would be squared. */
const MOST_OF_A_TYPE = 300;

interface Pair {
  readonly from: Resource;
  readonly to: Resource;
}

/** One suggestion for what settles most: an alias of a component covers what is below it. */
export function aliasesOf(resources: readonly Resource[], relations: Relations): AliasSuggestion[] {
  const deleted = resources.filter((resource) => actionOf(resource) === "delete");
  const created = groupedBy(
    resources.filter((resource) => actionOf(resource) === "create"),
    ({ type }) => type,
  );
  const pairs = [...groupedBy(deleted, ({ type }) => type)].flatMap(([type, gone]) =>
    paired(gone, created.get(type) ?? [], relations),
  );
  const partner = new Map(pairs.map(({ from, to }) => [from.urn, to.urn]));
  const isCovered = ({ from, to }: Pair): boolean => {
    // Only what keeps its name, or carries the component's, is found below an alias of its parent.
    const [old, now] = [from.parent, to.parent];
    return (
      old !== undefined &&
      now !== undefined &&
      old !== now &&
      partner.get(old) === now &&
      inherits({ from, to }, relations)
    );
  };
  const roots = pairs.filter((pair) => !isCovered(pair));
  const covered = pairs.filter(isCovered);
  return roots.map(({ from, to }) => ({
    from: ref(from),
    to: ref(to),
    covers: covered.filter((pair) => isBelow(pair.from, from.urn, relations)).length,
    option: `aliases: [${JSON.stringify(ref(from).urn)}]`,
  }));
}

/** Pulumi's own rule: a child whose name begins with its parent's is looked for under the parent's old name too. */
function inherits({ from, to }: Pair, { byUrn }: Relations): boolean {
  if (from.name === to.name) return true;
  const [old, now] = [byUrn.get(from.parent!), byUrn.get(to.parent!)];
  return (
    old !== undefined &&
    now !== undefined &&
    from.name.startsWith(old.name) &&
    to.name === now.name + from.name.slice(old.name.length)
  );
}

function isBelow(resource: Resource, urn: string, { byUrn }: Relations): boolean {
  const seen = new Set<string>();
  for (let at = resource.parent; at !== undefined && !seen.has(at); at = byUrn.get(at)?.parent) {
    if (at === urn) return true;
    seen.add(at);
  }
  return false;
}

function paired(gone: readonly Resource[], made: readonly Resource[], relations: Relations): Pair[] {
  if (gone.length > MOST_OF_A_TYPE || made.length > MOST_OF_A_TYPE) return [];
  const scored = gone.flatMap((from) =>
    made.map((to) => ({ from, to, score: likeness(from, to, relations) })).filter(({ score }) => score >= ALIKE),
  );
  scored.sort((a, b) => b.score - a.score);
  const taken = new Set<string>();
  return scored.filter(({ from, to }) => {
    if (taken.has(from.urn) || taken.has(to.urn)) return false;
    taken.add(from.urn);
    taken.add(to.urn);
    return true;
  });
}

/** 0 to 1, and a little more for those with more of their name in common, so that the first goes with the first. */
function likeness(from: Resource, to: Resource, relations: Relations): number {
  if (!from.custom) return componentLikeness(from, to, relations);
  const [old, now] = [from.change?.before ?? {}, to.inputs];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => name !== "name");
  const equal = names.filter((name) => isAlike(old, now, name)).length;
  const share = names.length === 0 ? 0.75 : equal / names.length;
  return share + 0.1 * commonEnds(from.name, to.name);
}

/** What is not known yet, such as the id of something that is made anew, speaks neither for nor against. */
function isAlike(old: Properties, now: Properties, name: string): boolean {
  const [then, next] = [old[name], now[name]];
  if (then !== undefined && next instanceof Unseen) return true;
  return isDeepStrictEqual(then, next);
}

/** Components have few inputs of their own: what counts is what is in them, without what was found again by itself. */
function componentLikeness(from: Resource, to: Resource, { children }: Relations): number {
  const types = (urn: string, action: string) =>
    (children.get(urn) ?? [])
      .filter((child) => actionOf(child) === action)
      .map(({ type }) => type)
      .sort()
      .join();
  const [old, now] = [types(from.urn, "delete"), types(to.urn, "create")];
  return (old !== "" && old === now ? 1 : 0) + 0.1 * commonEnds(from.name, to.name);
}

/** 0 to 1: how much of the longer name stands at the ends of both. */
function commonEnds(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return (start + end) / Math.max(a.length, b.length, 1);
}
