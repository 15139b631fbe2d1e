import type { DebianTree } from "../debian/run.ts";
import type { Delay } from "./network/plan.ts";

/** What a user may say about the machines of a lab. */
export interface MachineOptions {
  /** Most GB that a volume really has; the API shows what was asked for. @default 12 */
  readonly volumeGb?: number | undefined;
  /** Time between locations, in private networks. @default none */
  readonly delays?: readonly Delay[] | undefined;
  /** Whether public addresses can be reached from the host; only one lab on a host can have that. @default true */
  readonly uplink?: boolean | undefined;
}

/** What a lab with machines is started with; it travels to the lab's process as JSON. */
export interface MachinesSettings extends MachineOptions {
  /** What machines start from. */
  readonly tree: DebianTree;
}
