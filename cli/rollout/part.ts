/** What a rollout asks of the machines of one role. */

import type { MemberView, View } from "./next.ts";
import type { HostState } from "./state.ts";
import type { Way } from "./way.ts";

export interface PartContext {
  readonly way: Way;
  /** Whether the configuration makes commits wait for a second machine. */
  readonly isZeroLoss: boolean;
  /** Hours after which the latest backup is too old to begin; undefined: not looked at. */
  readonly maxBackupHours: number | undefined;
}

export interface Part {
  /** Asks the machines what they are, and whether one of them may be taken away. */
  look(hosts: readonly HostState[]): Promise<View>;
  /**
   * Hands over what a machine does for all; asked for only where {@link MemberView.handOver} says what.
   * @returns what there is to say of it
   * @throws RolloutError with the machine's own words
   */
  handOver(host: HostState, hosts: readonly HostState[]): Promise<string | undefined>;
  /** What it costs to be without the machine for a while, and to hand over before. */
  cost(member: MemberView, machines: number): string;
}

/** How long a machine is away when it is made anew; the lab's need less. */
export const AWAY = "1 to 3 min";
