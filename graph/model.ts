/**
 * What a deployment is made of, however it was read: from an engine's event stream, a saved state, a preview's JSON, Kubernetes manifests,
 * or a policy pack's callback. Policies and the review look at nothing else.
 */

/**
 * Why a value cannot be seen: it is a secret that the source does not show, it is known only after the deployment, or the source leaves
 * it out although it is no secret (the engine's event stream and the text of assets).
 */
export type Blindness = "secret" | "computed" | "elided";

/** A value that the source does not show. Three shared instances: {@link HIDDEN}, {@link COMPUTED} and {@link ELIDED}. */
export class Unseen {
  readonly why: Blindness;
  constructor(why: Blindness) {
    this.why = why;
  }
}

export const HIDDEN = new Unseen("secret");
export const COMPUTED = new Unseen("computed");
export const ELIDED = new Unseen("elided");

/** A secret that the source does show. Rules look inside; whoever prints prints {@link SECRET_TEXT} and nothing of it. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** What stands in reports where a secret is. */
export const SECRET_TEXT = "[secret]";

export type Value = null | boolean | number | string | Unseen | Secret | readonly Value[] | Properties;

/** A resource's properties by their Pulumi names, as the program set them (`userData`, not the provider's `user_data`). */
export interface Properties {
  readonly [name: string]: Value;
}

/** What an update would do with a resource. Absent where the source is no preview (a state, manifests). */
export interface Change {
  readonly op: Operation;
  /** Inputs before; absent for a creation. */
  readonly before?: Properties;
  /** What the provider said before: where defaults stand that the program did not set. */
  readonly outputsBefore?: Properties;
  /** Paths that differ, as the engine names them (`labels.tier`, `rules[0].port`). */
  readonly diff: readonly PropertyChange[];
  /** Property paths whose change forces the replacement. */
  readonly replaceKeys: readonly string[];
  /** Options of the program that keep the engine from deleting it, set before and no longer: nothing else says so, as the step may be `same`. */
  readonly lifted?: readonly EngineProtection[];
  /**
   * Set where the state, not the program, has `retainOnDelete`: the engine deletes a replaced resource by what its old state says
   * (Pulumi 3.255.0, deploy/step.go), so an option that comes with the replacement comes too late.
   */
  readonly retained?: true;
  /** Each thing that the engine does with it, in the source's order: a replacement has three. Absent where the source has no order. */
  readonly steps?: readonly Step[];
}

/** Resource options by which a program keeps the engine from deleting something. */
export const ENGINE_PROTECTIONS = ["protect", "retainOnDelete"] as const;
export type EngineProtection = (typeof ENGINE_PROTECTIONS)[number];

export interface Step {
  readonly op: Operation;
  /** Where the stream announced it: sorts the steps of a whole deployment. */
  readonly line: number;
}

export type Operation =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "refresh"
  | "import"
  | "discard"
  | "other";

export interface PropertyChange {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly forcesReplacement: boolean;
  /** Whether the engine compared inputs (the program's wish) rather than outputs (what is there). */
  readonly inputDiff: boolean;
}

export interface Resource {
  readonly urn: string;
  /** Pulumi's type token (`hcloud:index/server:Server`), for manifests `kubernetes:<apiVersion>:<Kind>`. */
  readonly type: string;
  readonly name: string;
  /** Whether a provider manages it; false for components. */
  readonly custom: boolean;
  readonly parent?: string;
  /** URN of the provider resource; absent for components and manifests. */
  readonly provider?: string;
  /** What the program wants; empty for a resource that is to be deleted. */
  readonly inputs: Properties;
  /** What the provider said, as far as the source has it. */
  readonly outputs?: Properties;
  readonly id?: string;
  /** URNs, sorted. */
  readonly dependencies: readonly string[];
  /** By property name: the URNs that its value came from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  /** Set where the program only reads it (`Network.get`): somebody else manages it. */
  readonly external?: boolean;
  /** Set where a deletion makes the engine forget it, and leaves it there. */
  readonly retainOnDelete?: boolean;
  /** Other URNs under which an earlier state may have it. */
  readonly aliases: readonly string[];
  /** Where it was read, for people: `stream line 12`, `web/deployment.yaml, document 2`. */
  readonly origin?: string;
  readonly change?: Change;
}

/** Where a graph came from. */
export type SourceKind = "events" | "preview" | "state" | "manifests" | "program" | "policy-pack";

export interface Graph {
  readonly source: {
    readonly kind: SourceKind;
    readonly name: string;
    readonly stack?: string;
    readonly project?: string;
  };
  /** In the source's order; each URN once. Resources to be deleted are in it, with `change.op: "delete"`. */
  readonly resources: readonly Resource[];
  /** Settings of the run that are no resource's: state backend, secrets provider, stack configuration (without secrets). */
  readonly settings: Properties;
  /** What the source does not tell, for people: "plain preview: no policy results". Never empty parts left out silently. */
  readonly limits: readonly string[];
}

/** Resources that will be there afterwards: neither deleted nor discarded. */
export function wanted(graph: Graph): readonly Resource[] {
  return graph.resources.filter(({ change }) => change === undefined || !GONE.has(change.op));
}

const GONE: ReadonlySet<Operation> = new Set(["delete", "delete-replaced", "discard"]);
