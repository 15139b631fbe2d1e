/** What a review says of the bill. */
import type { Ref } from "../model.ts";

/** EUR a month, net. */
export interface Cost {
  readonly currency: "EUR";
  readonly before: number;
  readonly after: number;
  readonly delta: number;
  /** Of everything with a price, by component; those that cost nothing before and after are left out. */
  readonly components: readonly {
    readonly title: string;
    readonly before: number;
    readonly after: number;
    readonly delta: number;
  }[];
  /** What costs something that is not known: in none of the sums. `when`: whether it is there before, after or both. */
  readonly unpriced: readonly {
    readonly resource: Ref;
    readonly why: string;
    readonly when: "before" | "after" | "both";
  }[];
  /** Machines that may keep an older price until they are replaced or rescaled, and are. */
  readonly olderPrices: readonly OlderPrice[];
  readonly prices: PriceSource;
}

export interface PriceSource {
  /** `list`: the dated one of this project. `live`: asked of the provider for this review. */
  readonly source: "list" | "live";
  /** First day of orders at these prices: YYYY-MM-DD. Absent for live ones. */
  readonly validFrom?: string;
  /** Month or day on which they were read. */
  readonly read: string;
}

export interface OlderPrice {
  readonly resource: Ref;
  /** YYYY-MM-DD, where known: then the sum before has the older price. */
  readonly createdAt?: string;
  /** What it costs until then; null where it is not known. */
  readonly oldMonthly: number | null;
  /** What it costs from then on. */
  readonly newMonthly: number | null;
  /** `newMonthly - oldMonthly`. */
  readonly delta: number | null;
  readonly text: string;
}
