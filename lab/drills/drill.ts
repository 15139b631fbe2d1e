/** What a drill is. */
import type { PostgresCluster } from "./cluster.ts";
import type { Monitoring } from "./monitoring.ts";
import type { Later } from "./pending.ts";
import type { RedisHosts } from "./sentinel.ts";
import type { ShopAddress } from "./shop-writer.ts";
import type { StackControl, World } from "./world.ts";
import type { Writer, WriterKind } from "./writer.ts";

export type Family =
  | "postgres"
  | "locations"
  | "edge"
  | "move"
  | "redis"
  | "app"
  | "backup"
  | "monitoring"
  | "controls";

/** What a run may not exceed. */
export interface Limits {
  /** Seconds without an acknowledged write, at most, in any run. */
  readonly outage?: number;
  /** The same for the median of three or more runs. */
  readonly medianOutage?: number;
  /** Answers with an error, at most, that clients may see. */
  readonly errors?: number;
  /**
   * Milliseconds before the first break within which an acknowledged write may be lost: replication that does not wait. One that is
   * acknowledged when the break is done may not.
   * @default 0: none may be lost
   */
  readonly lossWindowMs?: number;
}

export interface Drill {
  /** As on the command line: letters, digits, "-". */
  readonly name: string;
  readonly family: Family;
  readonly title: string;
  /** What it means that it passes; a sentence or two. */
  readonly proves: string;
  /** Who writes meanwhile; without one nothing is compared. */
  readonly writer?: WriterKind;
  readonly limits: Limits;
  /** A control: it passes only when acknowledged writes are reported lost. @default false */
  readonly expectsLoss?: boolean;
  /** Whether the primary is crashed once more after the first comparison. @default true for what writes to Postgres */
  readonly crashAgain?: boolean;
  /** Alerts that it waits for. */
  readonly alerts?: readonly string[];
  /** Locations that Postgres has to be in. @default 1 */
  readonly locations?: number;
  /** Locations that Postgres may be in, at most. @default any number */
  readonly mostLocations?: number;
  /** Whether it needs an edge site. @default false */
  readonly edge?: boolean;
  /** Whether it leaves the stack otherwise than its configuration says: `all` and its family leave it out, and the lab is to be taken down after it. @default false */
  readonly lasting?: boolean;
  /** Whether it needs to deploy. @default false */
  readonly deploys?: boolean;
  /** Before the writer starts. */
  prepare?(context: DrillContext): Promise<void>;
  /** Breaks something. Whatever it does is registered with `breaking`, so that it is undone whatever happens. */
  break(context: DrillContext): Promise<void>;
  /** While it is broken. @default waits until writes flow again */
  during?(context: DrillContext): Promise<void>;
  /** Once everything is healed and writes flow, the writer still running. */
  after?(context: DrillContext): Promise<void>;
}

export interface Check {
  readonly what: string;
  /** What is wrong; undefined when it is as it should be. */
  readonly problem?: string | undefined;
}

export interface DrillContext {
  readonly world: World;
  readonly postgres: PostgresCluster;
  readonly redis: RedisHosts;
  readonly monitoring: Monitoring;
  /** @throws DrillError where the drills were started without a stack to deploy */
  readonly stack: StackControl;
  /** Ctrl-C; while things are made good it is one that never comes. So it is asked for where it is used, and not kept. */
  readonly signal: AbortSignal;
  /** Where the shop is reached from outside. */
  shop(): Promise<ShopAddress>;
  /** Id of this run. */
  readonly run: string;
  readonly writer: Writer;
  /** When the break began, milliseconds since 1970. */
  readonly brokenAt: number;
  /**
   * Does something that `undo` makes good. It is undone after `during`, at the latest when the drill ends.
   * @param later the same as data, for the next drill or `lab start` should this process be killed; empty where it goes with the process
   */
  breaking(
    what: string,
    act: () => Promise<unknown>,
    undo: () => Promise<unknown>,
    later?: readonly Later[],
  ): Promise<void>;
  /** Makes good everything that was broken until now. */
  heal(): Promise<void>;
  /** Waits until writes come steadily again. */
  writesFlow(seconds?: number): Promise<void>;
  /** Lets time pass. */
  pause(seconds: number): Promise<void>;
  /** A figure of the result, with its unit in its name. */
  figure(name: string, value: number, limit?: number): void;
  check(what: string, problem: string | undefined): void;
  say(line: string): void;
}
