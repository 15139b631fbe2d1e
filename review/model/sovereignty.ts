/** What a review says of places, third parties and rules. */
import type { Standing } from "../../catalogue/countries.ts";
import type { Finding } from "../../policies/index.ts";
import type { Ref } from "../model.ts";

export interface Sovereignty {
  /** Of what would be there afterwards; each with whether it was so before. */
  readonly findings: readonly ReviewedFinding[];
  /** What the update mends. */
  readonly gone: readonly Finding[];
  /** Changes of place or sub-processor that DORA Art. 30(2) wants announced beforehand. */
  readonly notices: readonly Notice[];
  readonly score: Score;
}

export interface ReviewedFinding extends Finding {
  /** `new`: this update brings it. */
  readonly since: "new" | "before";
}

export interface Notice {
  readonly kind: "location" | "sub-processor";
  readonly change: "new" | "gone";
  /** `hel1 (Helsinki, FI)`, `Sentry (US)`. */
  readonly subject: string;
  /** ISO 3166-1 alpha-2, where known. */
  readonly country?: string;
  readonly standing: Standing;
  /** A sentence with the clause. */
  readonly text: string;
  readonly clause: "DORA Art. 30(2)(a)" | "DORA Art. 30(2)(b)";
  /** What brings it; capped at 20. */
  readonly resources: readonly Ref[];
  /** Set where the register of approved services lists it already, or approvals name all resources that bring it. */
  readonly settled: boolean;
}

/** Share of the controls that were looked at and have nothing against them: 0 to 1. Not a certificate: most controls ask for more. */
export interface Score {
  readonly groups: readonly ScoreGroup[];
  readonly before: ScoreCount;
  readonly after: ScoreCount;
}

export interface ScoreGroup {
  /** `DORA`, `GDPR` … */
  readonly framework: string;
  readonly before: ScoreCount;
  readonly after: ScoreCount;
  /** Controls with something against them afterwards: `Art. 30(2)(b)`. */
  readonly against: readonly string[];
}

export interface ScoreCount {
  /** Nothing found against them. */
  readonly clear: number;
  /** Something found against them, or not established. */
  readonly against: number;
  /** `clear / (clear + against)`; absent where no control was looked at. */
  readonly share?: number;
}
