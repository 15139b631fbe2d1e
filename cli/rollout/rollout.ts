/** Replaces machines with data one after another. What it does next follows from what there is, never from what it did. */

import { CommandError } from "../output.ts";
import { type ConfigChange, type RolloutConfig, wantedGeneration } from "./config-file.ts";
import { RolloutError } from "./errors.ts";
import { type Action, type HostFacts, isWaiting, needsView, nextAction, type View } from "./next.ts";
import type { Part } from "./part.ts";
import type { HostState } from "./state.ts";

/** What a preview shows. */
export interface Outlook {
  /** Machines that were made with another configuration than today's. */
  readonly behind: ReadonlySet<string>;
  /** Other changes that wait for an update: no part of a rollout. */
  readonly others: readonly string[];
}

/** The stack, as far as a rollout changes it. */
export interface Stack {
  /** Machines of the role, as the state has them. */
  hosts(): Promise<readonly HostState[]>;
  /** @param pinned generations that the preview is made with: those that the machines have */
  outlook(pinned: Readonly<Record<string, number>>): Promise<Outlook>;
  config(): RolloutConfig;
  change(change: ConfigChange): void;
  /**
   * Deploys these machines and nothing else.
   * @param pinned generations in place of those in the configuration
   * @throws RolloutError with the engine's own words
   */
  update(hosts: readonly HostState[], pinned: Readonly<Record<string, number>>): Promise<void>;
  /** Why the provider would not make such a machine now, as the last run's look ahead saw it; undefined when it would. */
  unavailable(host: HostState): string | undefined;
}

export interface RolloutWorld {
  readonly stack: Stack;
  readonly part: Part;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Told of a machine that has just been made. */
  readonly isNew: (host: string) => void;
  readonly pause: (seconds: number) => Promise<void>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Shows a line while something is waited for. */
  readonly during: <T>(line: () => string, work: () => Promise<T>) => Promise<T>;
  /** Seconds that machines get to work again after one was made anew. */
  readonly patience: number;
}

/** What there is. */
export interface Situation {
  readonly hosts: readonly HostState[];
  readonly facts: readonly HostFacts[];
  readonly view: View | undefined;
  readonly others: readonly string[];
}

export type Outcome =
  | { readonly kind: "done"; readonly replaced: readonly string[] }
  | { readonly kind: "stopped"; readonly why: string }
  | { readonly kind: "interrupted" };

/** Seconds that machines get to be well before the first one is taken away: a look may come at a bad moment. */
const patienceBefore = 30;
/** Seconds between two looks. */
const lookEvery = 2;
/** Seconds between two lines about the same wait. */
const tellEvery = 30;
/** How often the same may be tried before it counts as without effect. */
const mostTries = 2;

/** `*` allows everything: then nothing that a rollout takes out of the list protects anything. */
const isAllowed = ({ exceptions }: RolloutConfig, name: string): boolean =>
  exceptions.includes("*") || exceptions.includes(name);

export class Rollout {
  readonly #world: RolloutWorld;
  /** Generation that a machine had when a preview found it behind. */
  #behind: ReadonlyMap<string, number | undefined> | undefined;
  #others: readonly string[] = [];
  /** What the configuration said of machines before this run raised them. */
  readonly #raised = new Map<string, number | undefined>();
  readonly #replaced: string[] = [];
  readonly #tries = new Map<string, number>();
  #hosts: readonly HostState[] | undefined;
  #waitingSince: number | undefined;
  #told = { why: "", at: 0 };
  #wasOpen = false;

  constructor(world: RolloutWorld) {
    this.#world = world;
  }

  /** Looks at everything, changes nothing. */
  async look(): Promise<Situation> {
    const { stack, part } = this.#world;
    this.#hosts ??= await stack.hosts();
    const hosts = this.#hosts;
    if (!this.#behind && hosts.every((host) => host.isComplete)) await this.#preview(hosts);
    const config = stack.config();
    const facts = hosts.map((host) => this.#factsOf(host, config));
    const view = needsView(facts) ? await part.look(hosts) : undefined;
    return { hosts, facts, view, others: this.#others };
  }

  /** How far it has come, without asking machines. */
  async standing(): Promise<Pick<Situation, "facts">> {
    const config = this.#world.stack.config();
    const hosts = await this.#world.stack.hosts();
    return { facts: hosts.map((host) => this.#factsOf(host, config)) };
  }

  async #preview(hosts: readonly HostState[]): Promise<void> {
    const { stack } = this.#world;
    const { behind, others } = await stack.outlook(asTheyAre(hosts, stack.config()));
    this.#behind = new Map(hosts.filter(({ name }) => behind.has(name)).map((host) => [host.name, host.generation]));
    this.#others = others;
  }

  #factsOf({ name, index, isComplete, isProtected, generation }: HostState, config: RolloutConfig): HostFacts {
    return {
      name,
      isComplete,
      isProtected,
      isExcepted: isAllowed(config, name),
      isOpen: config.exceptions.includes(name) || (!isProtected && !config.exceptions.includes("*")),
      isBehind: this.#behind?.has(name) === true && this.#behind.get(name) === generation,
      isAsked: generation !== undefined && wantedGeneration(config, { name, index }) !== generation,
    };
  }

  /** Until nothing is left to do, it has to stop, or Ctrl-C. What is unprotected then is {@link settle}'s affair. */
  async run(): Promise<Outcome> {
    const { signal } = this.#world;
    try {
      for (;;) {
        if (signal.aborted) return { kind: "interrupted" };
        const situation = await this.look();
        this.#wasOpen ||= situation.facts.some((host) => host.isOpen || !host.isComplete);
        const action = nextAction(situation.facts, situation.view);
        if (action.kind === "done") return { kind: "done", replaced: this.#replaced };
        if (action.kind === "stop") return { kind: "stopped", why: action.why };
        if (signal.aborted) return { kind: "interrupted" };
        if (action.kind === "wait") await this.#wait(action.why);
        else await this.#act(action, situation);
      }
    } catch (error) {
      if (signal.aborted) return { kind: "interrupted" };
      if (error instanceof RolloutError || error instanceof CommandError)
        return { kind: "stopped", why: error.message };
      throw error;
    }
  }

  async #wait(why: string): Promise<void> {
    const { now, patience, pause, say, during } = this.#world;
    const limit = this.#replaced.length > 0 || this.#wasOpen ? patience : patienceBefore;
    this.#waitingSince ??= now();
    const since = this.#waitingSince;
    if (why !== this.#told.why || now() - this.#told.at > tellEvery * 1000) {
      say(`waiting: ${why}`);
      this.#told = { why, at: now() };
    }
    if (now() - since > limit * 1000) throw new RolloutError(`after ${limit} s still: ${why}`);
    await during(
      () => `${Math.round((now() - since) / 1000)} s · ${why}`,
      () => pause(lookEvery),
    );
  }

  async #act(action: Exclude<Action, { kind: "done" | "stop" | "wait" }>, { hosts, facts }: Situation): Promise<void> {
    const { stack, say, now } = this.#world;
    if (this.#waitingSince !== undefined)
      say(`all work together again after ${Math.round((now() - this.#waitingSince) / 1000)} s`);
    this.#waitingSince = undefined;
    this.#told = { why: "", at: 0 };
    const named = (...names: readonly string[]) => hosts.filter((host) => names.includes(host.name));
    this.#countTries(action);
    switch (action.kind) {
      case "allow": {
        const add = facts.find(({ name }) => name === action.host)?.isExcepted ? [] : [action.host];
        const back = action.close.length > 0 ? `; ${protectedAgain(action.close)}` : "";
        say(`${action.host}: its protection is lifted${back}`);
        stack.change({ except: { add, remove: action.close } });
        return this.#protect(hosts, [action.host, ...action.close]);
      }
      case "close":
        say(protectedAgain(action.hosts));
        stack.change({ except: { remove: action.hosts } });
        return this.#protect(hosts, action.hosts);
      case "hand over":
        say(`${action.host}: ${action.what}`);
        return this.#handOver(named(action.host)[0]!, hosts);
      case "replace":
        return this.#replace(named(action.host)[0]!, action.raise);
    }
  }

  async #handOver(host: HostState, hosts: readonly HostState[]): Promise<void> {
    const result = await this.#world.part.handOver(host, hosts);
    if (result) this.#world.say(result);
  }

  #countTries(action: Exclude<Action, { kind: "done" | "stop" | "wait" }>): void {
    const key = action.kind === "close" ? "close" : `${action.kind} ${action.host}`;
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    if (tries > mostTries) throw new RolloutError(`${key}: tried ${mostTries} times, and nothing changed by it`);
  }

  async #replace(host: HostState, raise: boolean): Promise<void> {
    const { stack, say, isNew } = this.#world;
    const soldOut = host.isComplete ? stack.unavailable(host) : undefined;
    if (soldOut !== undefined) throw new RolloutError(`${host.name} is not deleted: ${soldOut}`);
    if (raise) {
      const generation = host.generation! + 1;
      this.#raised.set(host.name, stack.config().generations[host.name]);
      say(`${host.name}: deleted and made anew, generation ${generation}`);
      stack.change({ generations: { [host.name]: generation } });
    } else
      say(
        `${host.name}: ${host.isComplete ? "deleted and made anew, as the configuration asks" : "made, which an earlier run did not come to"}`,
      );
    this.#hosts = undefined;
    await stack.update([host], {});
    this.#replaced.push(host.name);
    isNew(host.name);
  }

  /** Protects some as the configuration says, and replaces none: the engine refuses both at once. */
  async #protect(hosts: readonly HostState[], names: readonly string[]): Promise<void> {
    const { stack } = this.#world;
    this.#hosts = undefined;
    await stack.update(
      hosts.filter(({ name }) => names.includes(name)),
      asTheyAre(hosts, stack.config()),
    );
  }

  /**
   * What the configuration said of a machine before a rollout raised it and did not come to replace it: this one, or a killed one, which is
   * known by the machine's being behind: the next run raises it again.
   */
  #beforeRaise(host: HostState, config: RolloutConfig): number | undefined | "as it is" {
    const { name, index, generation } = host;
    if (!(name in config.generations) || config.generations[name] === generation) return "as it is";
    if (this.#raised.has(name)) return this.#raised.get(name);
    if (!this.#behind?.has(name) || this.#behind.get(name) !== generation) return "as it is";
    const ofPart = wantedGeneration({ ...config, generations: {} }, { name, index });
    return ofPart === generation ? undefined : generation;
  }

  /**
   * At an end that was not meant: nothing stays unprotected, and a generation that was raised for nothing is taken back. Only a machine that
   * is half replaced stays as it is, for the next run.
   * @returns names of machines that are not wholly there
   */
  async settle(): Promise<readonly string[]> {
    const { stack, say } = this.#world;
    const hosts = await stack.hosts();
    const config = stack.config();
    const open = hosts.filter(
      (host) =>
        host.isComplete &&
        (config.exceptions.includes(host.name) || (!host.isProtected && !config.exceptions.includes("*"))),
    );
    const inVain = hosts.flatMap((host) => {
      const before = host.isComplete ? this.#beforeRaise(host, config) : "as it is";
      return before === "as it is" ? [] : [[host.name, before] as const];
    });
    if (open.length > 0 || inVain.length > 0) {
      stack.change({ except: { remove: open.map(({ name }) => name) }, generations: Object.fromEntries(inVain) });
    }
    if (open.length > 0) {
      say(protectedAgain(open.map(({ name }) => name)));
      await stack.update(open, asTheyAre(hosts, stack.config()));
    }
    return hosts.filter((host) => !host.isComplete).map(({ name }) => name);
  }
}

/** Generations that machines have, where the configuration asks for others. */
function asTheyAre(hosts: readonly HostState[], config: RolloutConfig): Record<string, number> {
  const asked = hosts.flatMap(({ name, index, generation }) =>
    generation !== undefined && wantedGeneration(config, { name, index }) !== generation ? [[name, generation]] : [],
  );
  return Object.fromEntries(asked);
}

const protectedAgain = (names: readonly string[]): string => `${names.join(", ")}: protected again`;

/** Machines that are still to be replaced. */
export const remaining = ({ facts }: Pick<Situation, "facts">): string[] =>
  facts.filter((host) => isWaiting(host) || !host.isComplete).map(({ name }) => name);
