/** For tests: a stack and its machines that can be killed, interrupted and unwell at any moment. */
import { type ConfigChange, type RolloutConfig, wantedGeneration } from "./config-file.ts";
import type { Outlook, Stack } from "./deployment.ts";
import { RolloutError } from "./errors.ts";
import type { MemberView, View } from "./next.ts";
import type { Part } from "./part.ts";
import { Rollout, type RolloutWorld } from "./rollout.ts";
import type { HostState } from "./state.ts";

/** `kill -9` of the rollout. */
export class Killed extends Error {}

interface FakeMachine {
  exists: boolean;
  isProtected: boolean;
  generation: number;
  /** Configuration that it was made with. */
  madeWith: number;
  serverType: string;
  /** Looks until it works; 0: it does. */
  booting: number;
  deleted: number;
}

export interface FakeOptions {
  readonly machines: number;
  /** Whether the first one leads and has to hand over. */
  readonly hasPrimary?: boolean;
  /** Looks that a machine needs to work again. @default 2 */
  readonly boot?: number;
  /** Looks at which the machines are not well, whatever was done. */
  readonly unwellAt?: readonly number[];
  readonly part?: RolloutConfig["part"];
  readonly exceptions?: readonly string[];
  /** Machines whose protection an update has lifted. */
  readonly lifted?: readonly string[];
  /** Whether the configuration asks for another server type as well. */
  readonly isRetyped?: boolean;
}

const nameOf = (index: number): string => `shop-postgres-fsn1-${index + 1}`;

export class FakeWorld {
  readonly machines = new Map<string, FakeMachine>();
  readonly said: string[] = [];
  /** What must never happen, and did. */
  readonly wrongs: string[] = [];
  /** Configuration that machines are made with from now on. */
  version = 2;
  serverType: string;
  config: RolloutConfig;
  primary: string | undefined;
  clock = 0;
  /** Number of the effect at which the rollout is killed, or Ctrl-C comes. */
  killAt = Number.POSITIVE_INFINITY;
  abortAt = Number.POSITIVE_INFINITY;
  effects = 0;
  handOvers = 0;
  /** Machines that the provider would not make now. */
  soldOut: readonly string[] = [];
  #looks = 0;
  #controller = new AbortController();
  readonly #options: FakeOptions;

  constructor(options: FakeOptions) {
    this.#options = options;
    for (let index = 0; index < options.machines; index++) {
      this.machines.set(nameOf(index), {
        exists: true,
        isProtected: options.lifted?.includes(nameOf(index)) !== true,
        generation: 1,
        madeWith: 1,
        serverType: "cpx22",
        booting: 0,
        deleted: 0,
      });
    }
    this.serverType = options.isRetyped ? "cpx32" : "cpx22";
    this.primary = options.hasPrimary === false ? undefined : nameOf(0);
    this.config = {
      exceptions: [...(options.exceptions ?? [])],
      generations: {},
      part: options.part ?? 1,
      isZeroLoss: true,
    };
  }

  get names(): string[] {
    return [...this.machines.keys()];
  }

  wanted(name: string): number {
    return wantedGeneration(this.config, { name, index: this.names.indexOf(name) });
  }

  /** Something outside changes: the moment at which a kill or Ctrl-C may come. */
  #effect(): void {
    this.effects++;
    if (this.effects === this.killAt) throw new Killed();
    if (this.effects === this.abortAt) this.#controller.abort();
  }

  get #stack(): Stack {
    return {
      hosts: async () => this.names.map((name) => this.#stateOf(name)),
      outlook: async (pinned): Promise<Outlook> => {
        for (const [name, machine] of this.machines) {
          if ((pinned[name] ?? this.wanted(name)) !== machine.generation)
            throw new RolloutError(`${name} is protected`);
        }
        const behind = this.names.filter((name) => this.machines.get(name)!.madeWith !== this.version);
        return { behind: new Set(behind), retyped: this.#retyped(this.names), others: [] };
      },
      retyped: async (hosts) => this.#retyped(hosts.map(({ name }) => name)),
      config: () => this.config,
      unavailable: ({ name }) => (this.soldOut.includes(name) ? "sold out" : undefined),
      change: (change) => {
        this.#effect();
        this.#change(change);
        this.#effect();
      },
      update: async (hosts, pinned) => {
        for (const { name } of hosts) this.#deploy(name, pinned[name] ?? this.wanted(name));
      },
    };
  }

  #retyped(names: readonly string[]): ReadonlyMap<string, string> {
    return new Map(names.filter((name) => this.#isRetyped(name)).map((name) => [name, this.serverType]));
  }

  #isRetyped(name: string): boolean {
    const { exists, serverType } = this.machines.get(name)!;
    return exists && serverType !== this.serverType;
  }

  #stateOf(name: string): HostState {
    const { exists, isProtected, generation, serverType } = this.machines.get(name)!;
    return {
      name,
      role: "postgres",
      location: "fsn1",
      index: this.names.indexOf(name),
      isComplete: exists,
      isProtected: exists && isProtected,
      isLifted: exists && !isProtected,
      generation: exists ? generation : undefined,
      serverType: exists ? serverType : undefined,
      publicAddress: undefined,
      privateAddress: undefined,
      urns: [name],
    };
  }

  #change({ except = {}, generations = {} }: ConfigChange): void {
    const { add = [], remove = [] } = except;
    const kept = this.config.exceptions.filter((name) => !remove.includes(name));
    const merged = Object.entries({ ...this.config.generations, ...generations }).filter(
      ([, value]) => value !== undefined,
    );
    this.config = {
      ...this.config,
      exceptions: [...kept, ...add.filter((name) => !kept.includes(name))],
      generations: Object.fromEntries(merged) as Record<string, number>,
    };
  }

  /** As the engine does it: what is protected until now is not replaced, and what is deleted is there again only a moment later. */
  #deploy(name: string, wanted: number): void {
    const machine = this.machines.get(name)!;
    this.#effect();
    if (this.#controller.signal.aborted && this.effects === this.abortAt) throw new RolloutError("interrupted");
    if (machine.exists && machine.generation !== wanted) {
      if (machine.isProtected) throw new RolloutError(`${name} is protected`);
      this.#delete(name, machine);
    }
    this.#effect();
    if (this.#controller.signal.aborted && this.effects === this.abortAt) throw new RolloutError("interrupted");
    if (!machine.exists) {
      Object.assign(machine, {
        exists: true,
        generation: wanted,
        madeWith: this.version,
        serverType: this.serverType,
        booting: this.#options.boot ?? 2,
      });
    }
    if (this.#isRetyped(name)) {
      this.#takeAway(name, "powered off");
      Object.assign(machine, { serverType: this.serverType, booting: this.#options.boot ?? 2 });
    }
    const { exceptions } = this.config;
    machine.isProtected = !exceptions.includes("*") && !exceptions.includes(name);
    this.#effect();
  }

  #delete(name: string, machine: FakeMachine): void {
    machine.exists = false;
    machine.deleted++;
    this.#takeAway(name, "deleted");
  }

  #takeAway(name: string, how: string): void {
    const others = [...this.machines].filter(([other]) => other !== name);
    const away = others.filter(([, { exists, booting }]) => !exists || booting > 0).map(([other]) => other);
    if (away.length > 0) this.wrongs.push(`${name} was ${how} while ${away.join(", ")} was away`);
    if (name === this.primary && this.machines.size > 1) this.wrongs.push(`${name} was ${how} as the primary`);
    if (this.#options.unwellAt?.includes(this.#looks)) this.wrongs.push(`${name} was ${how} while others were unwell`);
  }

  get #part(): Part {
    return {
      look: async (): Promise<View> => {
        this.#looks++;
        for (const machine of this.machines.values()) if (machine.exists && machine.booting > 0) machine.booting--;
        const away = [...this.machines].find(([, { exists, booting }]) => !exists || booting > 0)?.[0];
        const unwell = this.#options.unwellAt?.includes(this.#looks) ? "they are not well" : undefined;
        const members = this.names.map((name): [string, MemberView] =>
          name === this.primary
            ? [name, { role: "primary", rank: 1, ...(this.machines.size > 1 ? { handOver: "switchover" } : {}) }]
            : [name, { role: "replica", rank: 0 }],
        );
        return { members: new Map(members), problem: away === undefined ? unwell : `${away} is not back` };
      },
      handOver: async (host) => {
        this.#effect();
        this.handOvers++;
        this.primary = this.names.find((name) => name !== host.name);
        this.#effect();
        return undefined;
      },
      cost: () => "something",
    };
  }

  /** A new run, with nothing but what there is. */
  rollout(patience = 600): { rollout: Rollout; signal: AbortSignal } {
    this.#controller = new AbortController();
    const world: RolloutWorld = {
      stack: this.#stack,
      part: this.#part,
      signal: this.#controller.signal,
      say: (line) => void this.said.push(line),
      isNew: () => undefined,
      pause: async (seconds) => {
        this.clock += seconds * 1000;
      },
      now: () => this.clock,
      during: (_, work) => work(),
      patience,
    };
    return { rollout: new Rollout(world), signal: this.#controller.signal };
  }

  /** What is not as it has to be when all is over. */
  leftOver(): string[] {
    return [...this.machines].flatMap(([name, machine]) => [
      ...(machine.exists ? [] : [`${name} is not there`]),
      ...(machine.isProtected ? [] : [`${name} is not protected`]),
      ...(machine.madeWith === this.version ? [] : [`${name} is behind`]),
      ...(machine.generation === this.wanted(name) ? [] : [`${name} is asked for another generation`]),
      ...(this.config.exceptions.includes(name) ? [`${name} is excepted`] : []),
    ]);
  }
}
