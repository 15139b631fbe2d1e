/** What a review is made from. */
import type { Diagnostic, PolicyEvent } from "../graph/events.ts";
import type { Graph } from "../graph/model.ts";
import type { Source } from "../graph/read.ts";
import type { Catalogue, Exemptions, Register, Rule, Settings } from "../policies/index.ts";
import type { Approvals } from "./approvals.ts";
import type { LivePrices } from "./cost.ts";

export interface ReviewInput {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  readonly policyEvents: readonly PolicyEvent[];
  /** False where the preview failed, or a mandatory policy of its packs was broken. */
  readonly succeeded: boolean;
  /** URNs of resources whose operation failed. */
  readonly failed: readonly string[];
  readonly catalogue: Catalogue;
  readonly settings: Settings;
  readonly register: Register;
  readonly exemptions: Exemptions;
  readonly approvals: Approvals;
  readonly rules: readonly Rule[];
  /** YYYY-MM-DD. */
  readonly today: string;
  /** When resources were made (YYYY-MM-DD, by URN), as far as a state tells. @default nothing known */
  readonly createdAt?: ReadonlyMap<string, string>;
  /** @default the dated list of this project */
  readonly livePrices?: LivePrices;
}

/** What a source tells of the run. */
export function runOf({
  graph,
  events,
  preview,
}: Source): Pick<ReviewInput, "graph" | "diagnostics" | "policyEvents" | "succeeded" | "failed"> {
  const diagnostics = events?.diagnostics ?? preview?.diagnostics ?? [];
  return {
    graph,
    diagnostics,
    policyEvents: events?.policyEvents ?? [],
    succeeded: events ? events.summary.succeeded : diagnostics.every(({ severity }) => severity !== "error"),
    failed: events?.failed ?? [],
  };
}
