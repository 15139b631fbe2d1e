/** Replaces machines with data one after another. What it does next follows from what there is, never from what it did. */

import { CommandError } from "../output.ts";
import { type RolloutConfig, wantedGeneration } from "./config-file.ts";
import type { Stack } from "./deployment.ts";
import { RolloutError } from "./errors.ts";
import { type Action, type HostFacts, isWaiting, needsView, nextAction, type View } from "./next.ts";
import type { Part } from "./part.ts";
import type { HostState } from "./state.ts";

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

/** A machine that stays unprotected: an update that protects it again would power it off. */
export interface Kept {
  readonly name: string;
  /** Server types. */
  readonly from: string | undefined;
  readonly to: string;
}

/** What {@link Rollout.settle} could not put right. */
export interface Unsettled {
  /** Machines that are not wholly there. */
  readonly missing: readonly string[];
  readonly kept: readonly Kept[];
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

const isOpen = ({ name, isLifted }: HostState, { exceptions }: RolloutConfig): boolean =>
  exceptions.includes(name) || (isLifted && !exceptions.includes("*"));

export class Rollout {
  readonly #world: RolloutWorld;
  /** Generation that a machine had when a preview found it behind. */
  #behind: ReadonlyMap<string, number | undefined> | undefined;
  #others: readonly string[] = [];
  /** Server type that a preview gives a machine in place of its own. */
  #retyped: ReadonlyMap<string, string> = new Map();
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
    const { behind, retyped, others } = await stack.outlook(asTheyAre(hosts, stack.config()));
    this.#behind = new Map(hosts.filter(({ name }) => behind.has(name)).map((host) => [host.name, host.generation]));
    this.#retyped = retyped;
    this.#others = others;
  }

  /** The server type that an update gives it in place of its own. */
  #newType({ name, serverType }: HostState): string | undefined {
    const wanted = this.#retyped.get(name);
    return wanted === serverType ? undefined : wanted;
  }

  #factsOf(host: HostState, config: RolloutConfig): HostFacts {
    const { name, index, isComplete, isProtected, isLifted, generation } = host;
    return {
      name,
      isComplete,
      isProtected,
      isLifted,
      isExcepted: isAllowed(config, name),
      isOpen: isOpen(host, config),
      isBehind: this.#behind?.has(name) === true && this.#behind.get(name) === generation,
      isAsked: generation !== undefined && wantedGeneration(config, { name, index }) !== generation,
      isRetyped: this.#newType(host) !== undefined,
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
    const lifted = (names: readonly string[]) => named(...names).filter(({ isLifted }) => isLifted);
    this.#refuseSoldOut(action.kind === "close" ? lifted(action.hosts) : named(action.host), action.kind);
    switch (action.kind) {
      case "allow": {
        const add = facts.find(({ name }) => name === action.host)?.isExcepted ? [] : [action.host];
        const back = action.close.length > 0 ? `; ${protectedAgain(action.close)}` : "";
        say(`${action.host}: its protection is lifted${back}`);
        stack.change({ except: { add, remove: action.close } });
        return this.#protect(hosts, [...named(action.host), ...lifted(action.close)]);
      }
      case "close":
        say(protectedAgain(action.hosts));
        stack.change({ except: { remove: action.hosts } });
        return this.#protect(hosts, lifted(action.hosts));
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
    const key = `${action.kind} ${action.kind === "close" ? action.hosts.join(", ") : action.host}`;
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    if (tries > mostTries) throw new RolloutError(`${key}: tried ${mostTries} times, and nothing changed by it`);
  }

  /** Nothing is switched off or deleted that the provider would not give back as what it is to be. */
  #refuseSoldOut(hosts: readonly HostState[], kind: Action["kind"]): void {
    for (const host of hosts.filter(({ isComplete }) => isComplete)) {
      const newType = this.#newType(host);
      if (kind !== "replace" && newType === undefined) continue;
      const soldOut = this.#world.stack.unavailable({ ...host, serverType: newType ?? host.serverType });
      if (soldOut === undefined) continue;
      throw new RolloutError(`${host.name} is not ${kind === "replace" ? "deleted" : "powered off"}: ${soldOut}`);
    }
  }

  async #replace(host: HostState, raise: boolean): Promise<void> {
    const { stack, say, isNew } = this.#world;
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
  async #protect(hosts: readonly HostState[], some: readonly HostState[]): Promise<void> {
    const { stack } = this.#world;
    this.#hosts = undefined;
    if (some.length > 0) await stack.update(some, asTheyAre(hosts, stack.config()));
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

  /** Asked anew, not from what this run has seen before: it may have come to no preview. */
  async #retypedOf(some: readonly HostState[], hosts: readonly HostState[]): Promise<ReadonlyMap<string, string>> {
    const { stack } = this.#world;
    return some.length > 0 ? stack.retyped(some, asTheyAre(hosts, stack.config())) : new Map();
  }

  /**
   * At an end that was not meant: nothing stays unprotected, and a generation that was raised for nothing is taken back. It asks no machine and
   * powers none off, since nobody knows here whether the others work: one that is half replaced, or that the update would give another server
   * type, stays as it is, for the next run.
   */
  async settle(): Promise<Unsettled> {
    const { stack, say } = this.#world;
    const hosts = await stack.hosts();
    const config = stack.config();
    const open = hosts.filter((host) => host.isComplete && isOpen(host, config));
    const inVain = hosts.flatMap((host) => {
      const before = host.isComplete ? this.#beforeRaise(host, config) : "as it is";
      return before === "as it is" ? [] : [[host.name, before] as const];
    });
    // What no update has heard of needs none.
    const [lifted, excepted] = [open.filter(({ isLifted }) => isLifted), open.filter(({ isLifted }) => !isLifted)];
    if (excepted.length > 0 || inVain.length > 0) {
      stack.change({ except: { remove: excepted.map(({ name }) => name) }, generations: Object.fromEntries(inVain) });
    }
    const retyped = await this.#retypedOf(lifted, hosts);
    const closed = lifted.filter(({ name }) => !retyped.has(name));
    if (closed.length > 0) {
      const names = closed.map(({ name }) => name);
      say(protectedAgain(names));
      stack.change({ except: { remove: names } });
      await this.#protect(hosts, closed);
    }
    return {
      missing: hosts.filter((host) => !host.isComplete).map(({ name }) => name),
      kept: lifted.flatMap(({ name, serverType: from }) => {
        const to = retyped.get(name);
        return to === undefined ? [] : [{ name, from, to }];
      }),
    };
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
