/** What it costs a month, before and after. */
import { monthlyEurNet } from "../catalogue/hetzner/bill.ts";
import { listPrices, type PriceList, withOlderServers } from "../catalogue/hetzner/price-list.ts";
import { prices } from "../catalogue/hetzner/prices.ts";
import type { Resource } from "../graph/model.ts";
import { packageOf } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import { resourceBefore } from "./before.ts";
import type { Cost, OlderPrice } from "./model.ts";
import { changedNames } from "./properties.ts";
import { isReal } from "./relations.ts";

/** Prices of the provider's `pricing` endpoint. */
export interface LivePrices {
  readonly list: PriceList;
  /** Day on which they were asked for: YYYY-MM-DD. */
  readonly read: string;
}

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
  /** Whether it is a server from before today's prices. */
  readonly isOlder: boolean;
}

export function costOf(
  resources: readonly Resource[],
  titleOf: (resource: Resource) => string,
  createdAt: ReadonlyMap<string, string>,
  live?: LivePrices,
): Cost {
  const list = live?.list ?? listPrices;
  const lines = resources
    .filter((resource) => isReal(resource) && !resource.external)
    .map((resource) => lineOf(resource, titleOf, createdAt, list));
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
    unpriced: lines.flatMap((line) => unpricedOf(line, live !== undefined)),
    olderPrices: resources.filter(isReal).flatMap((resource) => olderPriceOf(resource, createdAt, list)),
    prices: live
      ? { source: "live", read: live.read }
      : { source: "list", validFrom: prices.validFrom, read: prices.read },
  };
}

const cents = (eur: number): number => Math.round(eur * 100) / 100;

function sum(lines: readonly Line[], when: "before" | "after"): number {
  return cents(lines.reduce((total, line) => total + (line[when] ?? 0), 0));
}

function lineOf(
  resource: Resource,
  titleOf: (resource: Resource) => string,
  createdAt: ReadonlyMap<string, string>,
  list: PriceList,
): Line {
  const then = resourceBefore(resource);
  const action = actionOf(resource);
  // What the engine forgets stays on the bill.
  const now = action === "forget" ? then : action === "delete" ? undefined : resource;
  const isOld = isOlder(resource, createdAt);
  const older = isOld ? withOlderServers(list) : list;
  return {
    resource,
    title: titleOf(resource),
    before: then && priceOf(then, older),
    after: now && priceOf(now, endsOf(resource) ? list : older),
    isOlder: isOld,
  };
}

function priceOf({ type, inputs }: Resource, list: PriceList): number | null | undefined {
  const known = monthlyEurNet(type, inputs, list);
  if (known !== undefined || FREE_TYPES.has(packageOf(type)) || FREE.has(packageOf(type))) return known;
  return null;
}

function unpricedOf({ resource, before, after, isOlder }: Line, isLive: boolean): Cost["unpriced"] {
  if (before !== null && after !== null) return [];
  const when = before === null && after === null ? "both" : before === null ? "before" : "after";
  const why =
    packageOf(resource.type) !== "hcloud"
      ? `prices of ${packageOf(resource.type)} are not known here`
      : isOlder
        ? `what a server of its type cost before ${prices.validFrom} is not known here`
        : isLive
          ? "the provider's price list has none for its type, size or location"
          : "its type, size or location has no price in the list of this project; --prices live asks the provider";
  return [{ resource: ref(resource), why, when }];
}

const SERVER = "hcloud:index/server:Server";

/** Known to be from before today's prices. Whether it was rescaled since, no state tells. */
function isOlder({ type, urn }: Resource, createdAt: ReadonlyMap<string, string>): boolean {
  const made = createdAt.get(urn);
  return type === SERVER && made !== undefined && made < prices.validFrom;
}

/** What makes a server lose the price of the day on which it was ordered. */
function endsOf(resource: Resource): "replaced" | "rescaled" | undefined {
  const action = actionOf(resource);
  if (action === "replace") return "replaced";
  return action !== "delete" && action !== "create" && changedNames(resource).includes("serverType")
    ? "rescaled"
    : undefined;
}

/** Hetzner keeps the price of a server until it is replaced or rescaled. */
function olderPriceOf(resource: Resource, createdAt: ReadonlyMap<string, string>, list: PriceList): OlderPrice[] {
  const how = resource.type === SERVER ? endsOf(resource) : undefined;
  const made = createdAt.get(resource.urn);
  if (!how || (made !== undefined && made >= prices.validFrom)) return [];
  const then = resourceBefore(resource) ?? resource;
  const price = (of: Resource, from: PriceList) => monthlyEurNet(of.type, of.inputs, from) ?? null;
  const [oldMonthly, newMonthly] = [price(then, withOlderServers(list)), price(resource, list)];
  const delta = oldMonthly === null || newMonthly === null ? null : cents(newMonthly - oldMonthly);
  return [
    {
      resource: ref(resource),
      ...(made !== undefined && { createdAt: made }),
      oldMonthly,
      newMonthly,
      delta,
      text: sentenceOf(resource.name, made, how, oldMonthly, newMonthly),
    },
  ];
}

function sentenceOf(
  name: string,
  made: string | undefined,
  how: string,
  before: number | null,
  after: number | null,
): string {
  const eur = (amount: number | null) =>
    amount === null ? "an amount that is not known here" : `${amount.toFixed(2)} EUR`;
  const more =
    before !== null && after !== null
      ? `, ${Math.abs(after - before).toFixed(2)} ${after < before ? "less" : "more"}`
      : "";
  const change = `${eur(before)} a month become ${eur(after)} when it is ${how}${more}`;
  return made === undefined
    ? `If ${name} was ordered before ${prices.validFrom} and not rescaled since, it has kept an older price: ${change}, of which the sums have nothing, as they count with today's.`
    : `${name} was ordered on ${made}, before today's prices of ${prices.validFrom}: unless it was rescaled since, ${change}.`;
}
