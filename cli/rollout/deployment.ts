/** A stack, as far as a rollout asks and changes it. */
import type { ConfigChange, RolloutConfig } from "./config-file.ts";
import type { HostState } from "./state.ts";

/** What a preview shows. */
export interface Outlook {
  /** Machines that were made with another configuration than today's. */
  readonly behind: ReadonlySet<string>;
  /** Servers that an update gives another type, and which: it powers them off for that. */
  readonly retyped: ReadonlyMap<string, string>;
  /** Other changes that wait for an update: no part of a rollout. */
  readonly others: readonly string[];
}

export interface Stack {
  /** Machines of the role, as the state has them. */
  hosts(): Promise<readonly HostState[]>;
  /** @param pinned generations that the preview is made with: those that the machines have */
  outlook(pinned: Readonly<Record<string, number>>): Promise<Outlook>;
  /**
   * Which of these machines {@link update} would give another server type, and which one.
   * @throws RolloutError with the engine's own words
   */
  retyped(hosts: readonly HostState[], pinned: Readonly<Record<string, number>>): Promise<ReadonlyMap<string, string>>;
  config(): RolloutConfig;
  change(change: ConfigChange): void;
  /**
   * Deploys these machines and nothing else.
   * @param pinned generations in place of those in the configuration
   * @throws RolloutError with the engine's own words
   */
  update(hosts: readonly HostState[], pinned: Readonly<Record<string, number>>): Promise<void>;
  /** Why the provider would not make such a machine now, as the last run's look ahead saw it; undefined when it would. */
  unavailable(host: Pick<HostState, "name" | "serverType" | "location">): string | undefined;
}
