/** What the picture of a review shows. */
import type { Standing } from "../../catalogue/countries.ts";
import type { Action, Ref } from "../model.ts";
import type { Passage } from "../passages.ts";

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
