import type { Graph, Resource } from "../../graph/model.ts";
import type { Register } from "../../register/register.ts";
import type { Catalogue } from "../catalogue/types.ts";
import type { Extraction } from "../endpoints/types.ts";
import type { ControlId } from "./controls.ts";
import type { Settings } from "./settings.ts";

/** How much a finding weighs. `refuse` makes a check fail, `warn` is shown, `notice` is for the record. */
export type Severity = "refuse" | "warn" | "notice";

/** Whether a rule saw a breach, or could not see what it had to look at. What could not be seen is never a pass. */
export type Outcome = "violation" | "not-established";

export type PackName = "sovereignty" | "operations";

/** What a finding is about, as far as it applies. Never a secret: a host, never the credentials beside it. */
export interface Subject {
  readonly host?: string;
  readonly address?: string;
  readonly region?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly vendor?: string;
  readonly owner?: string;
  /** Jurisdiction that the owner chain ends in: ISO 3166-1 alpha-2. */
  readonly jurisdiction?: string;
}

/** What a finding hangs on: a resource, or an entry of the user's own files. */
export type ResourceRef = Pick<Resource, "urn" | "type" | "name" | "origin">;

/** What a rule reports; {@link Finding} adds what every finding has. */
export interface Report {
  readonly resource: ResourceRef;
  readonly outcome: Outcome;
  /** Property path in Pulumi's terms: `env.SENTRY_DSN`, `rules[2].cidr`; absent for the resource as a whole. */
  readonly property?: string;
  /** The way into a decoded value: `["part 2", "runcmd[3]"]`. */
  readonly place?: readonly string[];
  readonly subject?: Subject;
  /** One sentence: what is wrong, with the value that is wrong. */
  readonly message: string;
  /** Why this is a problem, in a sentence. */
  readonly why: string;
  /** What to do about it. For `not-established`: what would establish it. */
  readonly fix: string;
  /** EU alternatives by name. */
  readonly alternatives?: readonly string[];
  /** Only where it is not the rule's own: a rule may weigh cases differently. */
  readonly severity?: Severity;
}

export interface Finding extends Omit<Report, "resource" | "severity"> {
  readonly rule: string;
  readonly pack: PackName;
  readonly severity: Severity;
  readonly resource: ResourceRef;
  readonly controls: readonly ControlId[];
  /** Stable over runs and over unrelated edits: of rule, resource, property, place and subject. Hex, 16 characters. */
  readonly fingerprint: string;
  /** Set where an exemption of the user's covers it: then it does not make a check fail. */
  readonly exemption?: { readonly justification: string; readonly approvedBy: string; readonly expiresAt: string };
}

/** What rules may look at beside the resource at hand. */
export interface Context {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
  readonly register: Register;
  readonly settings: Settings;
  /** The day that expiries and reviews are measured against: YYYY-MM-DD. Given, so that results are reproducible. */
  readonly today: string;
  /** What the resource's properties lead to; worked out once for all rules. */
  endpoints(resource: Resource): Extraction;
}

export interface Rule {
  /** `sovereignty/location`. */
  readonly id: `${PackName}/${string}`;
  readonly title: string;
  /** What it looks at and when it reports, for the rule's page: Markdown. */
  readonly description: string;
  readonly severity: Severity;
  readonly controls: readonly ControlId[];
  /** Examples that the documentation shows and that tests run: YAML programs (`resources:` as in Pulumi YAML). */
  readonly examples: { readonly bad: string; readonly good: string };
  /** Whether the rule has anything to say of this resource: a check in which no rule applied to anything establishes nothing. */
  applies(resource: Resource, context: Context): boolean;
  /** Called for each resource that it applies to. */
  resource?(resource: Resource, context: Context): Iterable<Report>;
  /** Called once, for what takes several resources to see. */
  stack?(context: Context): Iterable<Report>;
}

export interface Evaluation {
  /** Sorted by resource (in the graph's order), rule, property, place. */
  readonly findings: readonly Finding[];
  /** How many resources each rule applied to. */
  readonly applied: Readonly<Record<string, number>>;
  readonly resources: number;
  /** What the source could not tell at all. */
  readonly limits: readonly string[];
}
