import type { Graph, Resource, Value } from "../graph/model.ts";
import type { Presence } from "./model.ts";

/** That somebody may talk to a resource. Drawn, and listed for people; whether it is used nobody knows. */
export interface Passage {
  /** A resource's URN, `internet`, an address range, or `role:app` for all resources whose labels say so. */
  readonly from: string;
  readonly to: string;
  /** `443`, `8000-8010`; `icmp`. */
  readonly ports: string;
  /** What says so: `firewall shop-public`. */
  readonly why: string;
  readonly presence: Presence;
}
