import type { Hono } from "hono";
import type { ActionRecord } from "./core/actions.ts";
import type { Change, Store } from "./core/store.ts";

/** What a driver may read and report while its lab runs. */
export interface LabView {
  /** The desired state: read records with the collections of `model.ts` and `model-traffic.ts`. Never write to it. */
  readonly store: Pick<Store, "get" | "all" | "by" | "blob">;
  /** What a machine is really doing, as `servers[].status` shows it. Unknown servers are ignored. */
  reportServerStatus(server: number, status: "running" | "starting" | "stopping" | "off" | "unknown"): void;
  /** A target's health, as `load_balancers[].targets[].health_status` shows it. */
  reportTargetHealth(report: TargetHealth): void;
}

export interface TargetHealth {
  loadBalancer: number;
  /** Listen port of the service. */
  listenPort: number;
  /** The target: a server's id or an address. */
  target: { server: number } | { ip: string };
  status: "healthy" | "unhealthy" | "unknown";
}

/** A machine behind a server, for people who watch the lab. */
export interface MachineState {
  readonly server: number;
  /** Whether it has run its user data; until then it is booting. A machine that is off is not listed. */
  readonly booted: boolean;
}

/**
 * What stands behind the API: nothing (`none`, records only) or real machines.
 * A driver brings the world to the desired state; it is told after each commit and never inside one.
 */
export interface LabDriver {
  readonly name: string;
  /** The lab is up. Whatever the store holds is desired from now on, also what an earlier run left behind. */
  start?(view: LabView): Promise<void> | void;
  /** Records that were created (`before` undefined), changed or deleted (`after` undefined), by kind. */
  changed?(changes: readonly Change[]): void;
  /**
   * The outside work of an action, such as booting for `start_server`. The action succeeds when the work and its
   * duration are over, and fails with the rejection's message. After a restart it is asked again for actions that
   * were running, so the work must be repeatable. `undefined`: nothing to do.
   */
  perform?(action: ActionRecord): Promise<void> | undefined;
  /** The machines that run now. Called often, so answered from memory. Absent: servers are records only. */
  machines?(): readonly MachineState[];
  /** Adds its own endpoints under `/_lab`; they need the token as the others do. */
  routes?(app: Hono): void;
  /** The lab stops: leave nothing behind. */
  stop?(): Promise<void> | void;
}

/** Records only. */
export const noDriver: LabDriver = { name: "none" };
