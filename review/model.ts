/**
 * A finished review: everything that a report shows, and nothing that it may not. All texts are masked already (no value that is secret, is
 * named like one or looks like one), but come from programs that may not be friendly: whoever writes markup has to escape them.
 *
 * Plain data: `JSON.stringify` gives the published format (review.schema.json).
 */
import type { SourceKind } from "../graph/model.ts";
import type { Cost } from "./model/cost.ts";
import type { Sovereignty } from "./model/sovereignty.ts";
import type { Topology } from "./model/topology.ts";

export type * from "./model/cost.ts";
export type * from "./model/sovereignty.ts";
export type * from "./model/topology.ts";

export interface Review {
  readonly about: About;
  readonly verdict: Verdict;
  /** What holds data and would be lost, or loses its protection: the heaviest first. */
  readonly guard: readonly Guarded[];
  /** Every entry of approvals.yaml, and what it came to. */
  readonly approvals: readonly ApprovalResult[];
  readonly changes: Changes;
  readonly downtime: Downtime;
  readonly cost: Cost;
  readonly sovereignty: Sovereignty;
  /** What policy packs that ran with the preview reported. */
  readonly policies: readonly PackResult[];
  /** Errors and warnings of the engine and its providers. */
  readonly messages: readonly Message[];
  readonly topology: Topology;
  /** What the source does not tell, for people. */
  readonly limits: readonly string[];
}

export interface About {
  /** For headings: the stack, or the file that was read. */
  readonly title: string;
  readonly source: SourceKind;
  /** File or stack that was read; `standard input`. */
  readonly name: string;
  readonly stack?: string;
  readonly project?: string;
  /** The day that expiries were measured against: YYYY-MM-DD, UTC. */
  readonly date: string;
  /** Set where nothing was deployed before. */
  readonly firstDeployment: boolean;
}

export type VerdictWord = "safe" | "needs approval" | "refused";

export interface Verdict {
  readonly word: VerdictWord;
  /** Exit code of `sovereign review`. */
  readonly code: 0 | 10 | 20;
  /** The heaviest first. For `safe` only those with weight `note`, or none. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  /** What it makes of the verdict; `note`: nothing, for instance because somebody has approved it. */
  readonly weight: "refused" | "needs approval" | "note";
  readonly kind:
    | "data loss"
    | "protection"
    | "unknown type"
    | "policy"
    | "downtime"
    | "notice"
    | "approvals"
    | "preview failed"
    /** The provider refuses it though its preview lets it pass: the update would fail half way. */
    | "cannot work"
    | "approved";
  /** One sentence. */
  readonly text: string;
  /** URNs that it is about; empty where it is about the whole. */
  readonly resources: readonly string[];
}

/** A resource in a list: `urn` leads to {@link ResourceNode.urn} and {@link ChangedResource.urn}. */
export interface Ref {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
}

/** A resource that holds data, and what the update does to it. */
export interface Guarded {
  readonly resource: Ref;
  /** `left behind`: the engine forgets it, the provider keeps it. `unprotected`: nothing is lost yet. */
  readonly fate: "replaced" | "deleted" | "left behind" | "without backups" | "unprotected";
  /** How it is known that it holds data. `unknown type`: it is not known whether it does. */
  readonly because: "type" | "label" | "volume" | "backups" | "protection" | "unknown type";
  /** What is lost, or would be: `the files on the volume`. */
  readonly holds: string;
  /** Data classes that its labels name. */
  readonly classes: readonly string[];
  /** Properties whose change forces the replacement. */
  readonly forcedBy: readonly PropertyShown[];
  /** What else goes with it: replaced or deleted in the same update because of it. */
  readonly takesAlong: readonly Ref[];
  /** Set where an approval that holds names it. */
  readonly approval?: Approval;
  /** Set where something alike is created under another name: then an alias is what is missing. */
  readonly alias?: AliasSuggestion;
  /** What to do instead, in a sentence. */
  readonly advice: string;
}

export interface Approval {
  readonly resource: string;
  readonly reason: string;
  readonly approvedBy: string;
  /** YYYY-MM-DD, the last day on which it holds. */
  readonly expiresAt: string;
}

export interface ApprovalResult {
  /** Position in the file, from 0. */
  readonly index: number;
  /** `ambiguous`: several resources have the name; `broken`: cannot be read. All but `used` approve nothing. */
  readonly state: "used" | "unused" | "expired" | "ambiguous" | "broken";
  /** Absent for a broken one. */
  readonly approval?: Approval;
  /** What is wrong, or what it approved, in a sentence. */
  readonly text: string;
}

/** What becomes of a resource. `renamed` and `moved` may also change properties in place. */
export type Action = "create" | "update" | "replace" | "delete" | "rename" | "move" | "import" | "forget";

export interface Changes {
  /** Number of resources by action; those with 0 are left out. Components and providers are not counted. */
  readonly counts: Readonly<Partial<Record<Action, number>>>;
  /** Resources that stay as they are. */
  readonly unchanged: number;
  /** Only read or refreshed: never counted as changes. */
  readonly read: number;
  /** Changed ones by component, in the program's order. */
  readonly components: readonly ComponentChanges[];
  /** A deletion and a creation that look like one resource under two names. */
  readonly aliases: readonly AliasSuggestion[];
}

export interface ComponentChanges {
  /** URN of the component, or of the stack for resources without one. */
  readonly urn: string;
  /** For people: `shop > postgres`. */
  readonly title: string;
  readonly counts: Readonly<Partial<Record<Action, number>>>;
  readonly resources: readonly ChangedResource[];
}

export interface ChangedResource extends Ref {
  readonly action: Action;
  /** Names of the components it is in, the outermost first, without the stack. */
  readonly path: readonly string[];
  /** What the change does to who uses it; see {@link Interruption}. */
  readonly effect: Effect;
  /** What differs, capped at {@link MOST_PROPERTIES}. Empty for creations and deletions. */
  readonly properties: readonly PropertyShown[];
  /** How many more properties differ than are listed. */
  readonly more: number;
  /** Where it was before, for renames and moves: the old URN. */
  readonly previously?: string;
  readonly stateful: boolean;
}

/** Properties of one resource that are listed. */
export const MOST_PROPERTIES = 40;

/** `none`: not interrupted. `unknown`: nobody wrote down what this provider does; never to be taken for none. */
export type Effect = "none" | "power-off" | "restart" | "disconnect" | "outage" | "unknown";

export interface PropertyShown {
  /** `labels.tier`, `rules[0].port`. */
  readonly path: string;
  /** Absent where there was or will be none. At most 200 characters; `[secret]`, `(known after the deployment)`, `(not in the source)`. */
  readonly before?: string;
  readonly after?: string;
  readonly forcesReplacement: boolean;
}

export interface AliasSuggestion {
  readonly from: Ref;
  readonly to: Ref;
  /** Resources below it that the same alias settles. */
  readonly covers: number;
  /** What to write into the options of the new one: `aliases: ["urn:…"]`. */
  readonly option: string;
}

export interface Downtime {
  /** What interrupts, in the order in which the engine gets to it. */
  readonly moments: readonly Interruption[];
  /** Types whose changes nobody described: whether they interrupt is not known. */
  readonly unknown: readonly { readonly type: string; readonly count: number }[];
  /** Every step that changes something, in order; capped, see `moreSteps`. */
  readonly steps: readonly StepShown[];
  readonly moreSteps: number;
  /** What the order rests on, or why there is none. */
  readonly order: string;
}

export interface StepShown {
  /** From 1. */
  readonly number: number;
  readonly resource: Ref;
  readonly what:
    | "create"
    | "update"
    | "create the replacement"
    | "delete"
    | "delete the replaced one"
    | "import"
    | "forget";
  readonly effect: Effect;
}

export interface Interruption {
  readonly resource: Ref;
  readonly effect: Exclude<Effect, "none" | "unknown">;
  /** What happens, in a sentence. */
  readonly text: string;
  /** Property that causes it. */
  readonly property?: string;
  /** Whether it holds data or answers requests: then the verdict needs an approval. */
  readonly serious: boolean;
  /** Where the fact was read. */
  readonly source: string;
  readonly approval?: Approval;
}

export interface PackResult {
  readonly pack: string;
  readonly policy: string;
  readonly level: string;
  readonly resource?: Ref;
  readonly message: string;
}

export interface Message {
  readonly severity: "warning" | "error";
  readonly text: string;
  readonly resource?: Ref;
}
