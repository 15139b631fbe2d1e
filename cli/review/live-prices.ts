/** Prices as Hetzner Cloud's API gives them to the holder of a token, and when a project's servers were made. */
import { z } from "zod";
import { euLocations } from "../../catalogue/hetzner/locations.ts";
import type { PriceList } from "../../catalogue/hetzner/price-list.ts";
import type { Resource } from "../../graph/model.ts";
import type { LivePrices } from "../../review/cost.ts";
import { type Access, createGet, createReader, type ReaderOptions } from "../adopt/api.ts";
import { CommandError } from "../output.ts";

/** Amounts are texts with ten digits. */
const amount = z
  .string()
  .max(50)
  .regex(/^\d{1,9}(\.\d{1,20})?$/)
  .transform(Number);
const price = z.object({ net: amount });
const name = z.string().max(100);
const placed = z.array(z.object({ location: name, price_monthly: price })).max(1000);
const named = z.array(z.object({ name, prices: placed })).max(10_000);
const typed = z.array(z.object({ type: name, prices: placed })).max(100);

const answer = z.object({
  pricing: z.object({
    currency: z.string().max(10),
    server_types: named,
    load_balancer_types: named,
    primary_ips: typed,
    floating_ips: typed,
    volume: z.object({ price_per_gb_month: price }),
    server_backup: z.object({ percentage: amount }),
  }),
});

/** @throws CommandError where the API refuses, does not answer, or counts in another currency */
export async function livePrices(access: Access, today: string, options: ReaderOptions = {}): Promise<LivePrices> {
  const parsed = answer.safeParse(await createGet(access, options)("/pricing"));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CommandError(
      `--prices live: the API's price list is not what its description says, at ${issue!.path.join(".").slice(0, 100)}: ${issue!.message.slice(0, 200)}`,
      2,
    );
  }
  const { pricing } = parsed.data;
  if (pricing.currency !== "EUR")
    throw new CommandError(`--prices live: the API counts in ${pricing.currency.slice(0, 10)}, and reviews in EUR`, 2);
  return { list: listOf(pricing), read: today };
}

type Placed = z.infer<typeof placed>;

function listOf(pricing: z.infer<typeof answer>["pricing"]): PriceList {
  const byName = (entries: z.infer<typeof named>) => new Map(entries.map((entry) => [entry.name, entry.prices]));
  const byType = (entries: z.infer<typeof typed>) => new Map(entries.map((entry) => [entry.type, entry.prices]));
  const servers = byName(pricing.server_types);
  const balancers = byName(pricing.load_balancer_types);
  const primary = byType(pricing.primary_ips);
  const floating = byType(pricing.floating_ips);
  return {
    serverType: (type, location) => priceIn(servers.get(type.toLowerCase()), location),
    loadBalancerType: (type, location) => priceIn(balancers.get(type.toLowerCase()), location),
    primaryIp: (type, location) => priceIn(primary.get(type), location),
    floatingIp: (type, location) => priceIn(floating.get(type), location),
    volumePerGb: pricing.volume.price_per_gb_month.net,
    backupShare: pricing.server_backup.percentage / 100,
  };
}

/** Where the location is not known: the price of the EU's locations, if they have one. */
function priceIn(prices: Placed = [], location: string | undefined): number | null {
  const where: readonly string[] = location === undefined ? euLocations() : [location];
  const found = new Set(
    prices.filter((entry) => where.includes(entry.location)).map((entry) => entry.price_monthly.net),
  );
  return found.size === 1 ? [...found][0]! : null;
}

const server = z.object({ id: z.number().int(), created: z.string().max(50) });

/** When the servers of a preview were made, as the API knows: YYYY-MM-DD by URN. */
export async function createdLive(
  access: Access,
  resources: readonly Resource[],
  options: ReaderOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const servers = await createReader(access, options)("/servers", "servers", server);
  const days = new Map(servers.map(({ id, created }) => [String(id), created.slice(0, 10)]));
  return new Map(
    resources.flatMap(({ type, id, urn }) => {
      const day = type === "hcloud:index/server:Server" && id !== undefined ? days.get(id) : undefined;
      return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) ? [[urn, day] as const] : [];
    }),
  );
}
