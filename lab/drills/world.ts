/** What drills see of a lab and may do to it. Small, so that tests can stand in for it. */
import type { LabApi } from "../session/client.ts";

/** A server of the lab, as it is now. */
export interface Machine {
  readonly id: number;
  readonly name: string;
  /** Label `role` of the server: app, postgres, redis, monitoring, etcd. */
  readonly role: string;
  /** Status at the API: running, off, starting, ... */
  readonly status: string;
  /** Whether its first boot is over. */
  readonly booted: boolean;
  /** Such as `fsn1`. */
  readonly location: string;
  /** Empty where it has none. */
  readonly privateAddress: string;
  readonly publicAddress: string | undefined;
}

export interface RunOptions {
  /** What the command reads on its standard input. @default nothing */
  readonly input?: string;
  /** Milliseconds; the command is killed then. @default 15000 */
  readonly timeoutMs?: number;
}

export interface Ran {
  /** Exit code; {@link UNREACHABLE} when the machine is off or the command was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit code of a command that could not be run in a machine. */
export const UNREACHABLE = 255;

/** A command that goes on in a machine until it is told to stop. */
export interface Running {
  onLines(listener: (lines: readonly string[]) => void): void;
  /** Resolves when it has ended, with what it said on stderr. */
  readonly ended: Promise<string>;
  /** Closes its standard input, which asks it to end; kills it when it does not. */
  stop(): Promise<void>;
}

/** The provider's API. */
export type Api = LabApi;

export interface World {
  /** Machines of the stack, by name. */
  machines(): Promise<readonly Machine[]>;
  /** Runs a command as root in a machine, to its end. */
  run(machine: Machine, argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts a command as root in a machine. */
  start(machine: Machine, argv: readonly string[]): Promise<Running>;
  /** The machine is lost, without any warning and without the API having been asked. */
  crash(machine: Machine): Promise<void>;
  /** Nothing goes in or out of its private network any more, and nobody is told. */
  cut(machine: Machine): Promise<void>;
  heal(machine: Machine): Promise<void>;
  /** Through the API, as an operator does; resolves when the action is over. */
  power(machine: Machine, action: "poweron" | "poweroff" | "shutdown" | "reboot"): Promise<void>;
  readonly api: Api;
  /** What the stack's alert receivers have got, oldest first. */
  notifications(): Promise<readonly Notification[]>;
}

/** An alert as a receiver got it. */
export interface Notification {
  /** Milliseconds since 1970: when it arrived. */
  readonly received: number;
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
}

/** Resources by what happened to them: `Server shop-app-fsn1-1` under `created`, `updated`, `replaced` or `deleted`. */
export type Changes = Readonly<Record<string, readonly string[]>>;

/** What an update did. */
export interface Updated {
  readonly changes: Changes;
  /** Machines with data that have not got it yet: they wait for a rollout. */
  readonly pending: readonly string[];
}

/** The stack behind the machines, for drills that deploy. */
export interface StackControl {
  readonly name: string;
  /** Its own configuration; a copy. */
  values(): StackValues;
  /**
   * `pulumi up` with a configuration that differs from the stack's own.
   * @param change works on a copy of the keys below `sovereign:`
   * @param args more arguments for the engine
   * @throws DrillError with the engine's own words
   */
  up(change: (config: StackValues) => void, args?: readonly string[]): Promise<Updated>;
  /**
   * `sovereign rollout` of a role with a configuration that differs from the stack's own. A second one without a difference brings the
   * machines back to how the stack's own configuration has them.
   * @returns the key `generations` as the rollout leaves it in the configuration: an update that is to keep the machines needs it
   * @throws DrillError that says why it stopped
   */
  rollout(role: "postgres" | "redis", change: (config: StackValues) => void): Promise<Generations>;
}

/** By name of the machine. */
export type Generations = Readonly<Record<string, number>>;

/** The configuration's values by key, without the prefix. */
export type StackValues = Record<string, Record<string, unknown> & { [key: string]: unknown }>;
