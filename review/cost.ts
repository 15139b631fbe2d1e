/** What it costs a month, before and after. */
import { monthlyEurNet } from "../catalogue/hetzner/bill.ts";
import { prices } from "../catalogue/hetzner/prices.ts";
import type { Resource } from "../graph/model.ts";
import { packageOf } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import { resourceBefore } from "./before.ts";
import type { Cost, OlderPrice } from "./model.ts";
import { changedNames } from "./properties.ts";
import { isReal } from "./relations.ts";

/** Packages whose resources are on nobody's bill. */
const FREE: ReadonlySet<string> = new Set(["random", "pulumi", "tls", "time", "std", "null", "command", "local"]);

/** Types that no provider charges for would be a list without an end: these are all of them that this project makes. */
const FREE_TYPES: ReadonlySet<string> = new Set(["hcloud"]);

interface Line {
  readonly resource: Resource;
  readonly title: string;
  /** undefined: not there, or on no bill; null: not known. */
  readonly before: number | null | undefined;
  readonly after: number | null | undefined;
}

export function costOf(
  resources: readonly Resource[],
  titleOf: (resource: Resource) => string,
  createdAt: ReadonlyMap<string, string>,
): Cost {
  const lines = resources
    .filter((resource) => isReal(resource) && !resource.external)
    .map((resource) => lineOf(resource, titleOf));
  const [before, after] = [sum(lines, "before"), sum(lines, "after")];
  const byComponent = new Map<string, Line[]>();
  for (const line of lines) byComponent.set(line.title, [...(byComponent.get(line.title) ?? []), line]);
  return {
    currency: "EUR",
    before,
    after,
    delta: cents(after - before),
    components: [...byComponent]
      .map(([title, own]) => {
        const [then, now] = [sum(own, "before"), sum(own, "after")];
        return { title, before: then, after: now, delta: cents(now - then) };
      })
      .filter((component) => component.before !== 0 || component.after !== 0),
    unpriced: lines.flatMap(unpricedOf),
    olderPrices: resources.filter(isReal).flatMap((resource) => olderPriceOf(resource, createdAt)),
    prices: { validFrom: prices.validFrom, read: prices.read },
  };
}

const cents = (eur: number): number => Math.round(eur * 100) / 100;

function sum(lines: readonly Line[], when: "before" | "after"): number {
  return cents(lines.reduce((total, line) => total + (line[when] ?? 0), 0));
}

function lineOf(resource: Resource, titleOf: (resource: Resource) => string): Line {
  const then = resourceBefore(resource);
  const action = actionOf(resource);
  // What the engine forgets stays on the bill.
  const now = action === "forget" ? then : action === "delete" ? undefined : resource;
  return { resource, title: titleOf(resource), before: then && priceOf(then), after: now && priceOf(now) };
}

function priceOf({ type, inputs }: Resource): number | null | undefined {
  const known = monthlyEurNet(type, inputs);
  if (known !== undefined || FREE_TYPES.has(packageOf(type)) || FREE.has(packageOf(type))) return known;
  return null;
}

function unpricedOf({ resource, before, after }: Line): Cost["unpriced"] {
  if (before !== null && after !== null) return [];
  const when = before === null && after === null ? "both" : before === null ? "before" : "after";
  const why =
    packageOf(resource.type) === "hcloud"
      ? "its type, size or price is not known here"
      : `prices of ${packageOf(resource.type)} are not known here`;
  return [{ resource: ref(resource), why, when }];
}

const SERVER = "hcloud:index/server:Server";

/** Hetzner keeps the price of a server until it is replaced or rescaled. */
function olderPriceOf(resource: Resource, createdAt: ReadonlyMap<string, string>): OlderPrice[] {
  if (resource.type !== SERVER) return [];
  const action = actionOf(resource);
  const rescaled = action === "update" && changedNames(resource).includes("serverType");
  if (action !== "replace" && !rescaled) return [];
  const made = createdAt.get(resource.urn);
  if (made !== undefined && made >= prices.validFrom) return [];
  const newMonthly = monthlyEurNet(resource.type, resource.inputs) ?? null;
  const from = newMonthly === null ? "" : `: ${newMonthly.toFixed(2)} EUR a month from then on`;
  const what = rescaled ? "rescaled" : "replaced";
  return [
    {
      resource: ref(resource),
      ...(made !== undefined && { createdAt: made }),
      newMonthly,
      text:
        made === undefined
          ? `If ${resource.name} was ordered before ${prices.validFrom}, it has kept an older price, and loses it when it is ${what}${from}.`
          : `${resource.name} was ordered on ${made}, before today's prices of ${prices.validFrom}; it loses its older price, which is not known here, when it is ${what}${from}.`,
    },
  ];
}
