/**
 * A finished review: everything that a report shows, and nothing that it may not. All texts are masked already (no value that is secret, is
 * named like one or looks like one), but come from programs that may not be friendly: whoever writes markup has to escape them.
 *
 * Plain data: `JSON.stringify` gives the published format (review.schema.json).
 */
import type { Standing } from "../catalogue/countries.ts";
import type { SourceKind } from "../graph/model.ts";
import type { Finding } from "../policies/index.ts";
import type { Passage } from "./passages.ts";

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
  readonly fate: "replaced" | "deleted" | "left behind" | "unprotected";
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

/** What the picture shows: nodes with their places, what hangs on what, and who talks to whom. */
export interface Topology {
  /** Places of nodes, each once; `key` is what {@link ResourceNode.place} names. */
  readonly places: readonly Place[];
  readonly nodes: readonly ResourceNode[];
  /** Between resources: attachments, references, providers' ids. Parents are in the nodes. */
  readonly links: readonly Link[];
  /** To hosts outside the resources. */
  readonly flows: readonly Flow[];
  /** Who may talk to whom inside, and who may come in. */
  readonly passages?: readonly Passage[];
}

export interface Place {
  /** `hcloud:fsn1`, `aws:eu-central-1`; `` (empty) for resources without a place. */
  readonly key: string;
  /** `Falkenstein (DE)`. */
  readonly title: string;
  readonly provider?: string;
  readonly countries: readonly string[];
  readonly standing: Standing;
}

export type Presence = "added" | "removed" | "kept" | "changed";

export interface ResourceNode extends Ref {
  /** Key of a {@link Place}. */
  readonly place: string;
  /** Where it was before, if elsewhere. */
  readonly placeBefore?: string;
  /** URN of the component (or the stack) that it is in. */
  readonly parent?: string;
  readonly isComponent: boolean;
  /** `none` where nothing happens to it. */
  readonly action: Action | "none";
  readonly stateful: boolean;
  readonly classes: readonly string[];
  /** For grouping: `server`, `volume`, `network`, `firewall`, `load balancer`, `address`, `DNS`, `database`, `bucket`, `certificate`, `workload`, `secret`, `subnet`, `attachment`, `placement`, `key`, `queue`, `cache`, `cluster`, `function`, `other`. */
  readonly kind: string;
  /** What its labels say that it is: `app`, `postgres`. */
  readonly role?: string;
  /** Server type, instance type …: `cpx32`. */
  readonly size?: string;
}

export interface Link {
  readonly from: string;
  readonly to: string;
  /** `attached to`, `in network`, `protected by`, `targets`, `uses`. */
  readonly what: string;
  readonly presence: Presence;
}

export interface Flow {
  /** URN of the resource (or component) that says so. */
  readonly from: string;
  /** Host name, address or range. */
  readonly host: string;
  readonly port?: number;
  /** How it was recognised: `url`, `image`, `package-source` … */
  readonly form: string;
  readonly vendor?: string;
  /** ISO 3166-1 alpha-2: where the owner chain ends. */
  readonly jurisdiction?: string;
  readonly standing: Standing;
  /** Outside the EU: the flow crosses the boundary. Unknown owners do not count as inside. */
  readonly leaves: "yes" | "no" | "unknown";
  /** Data classes of the resource that it starts from. */
  readonly classes: readonly string[];
  readonly presence: Presence;
}
