import type { Change } from "../../api/core/store.ts";
import type { LabView } from "../../api/driver.ts";
import type { DebianTree } from "../../debian/run.ts";

/** Something the lab serves beside its machines. Its processes are children of the lab's and end with it. */
export interface LabService {
  /** For messages. */
  readonly name: string;
  /** Resolves when the service answers. */
  start(): Promise<void>;
  /** Told after each commit; returns at once and works on in the background. */
  changed(changes: readonly Change[]): void;
  /** Ends its processes. */
  stop(): Promise<void>;
}

/** The part of the lab's network that services need. */
export interface ServiceNetwork {
  /** Path of the network namespace of a load balancer, with its addresses, made when it is missing. */
  ensureLoadBalancer(id: number): Promise<{ readonly netns: string }>;
  /** Path of the namespace that has the addresses of `SERVICE_ADDRESSES`. */
  readonly services: { readonly netns: string };
}

/** What a service is made of. */
export interface ServiceContext {
  readonly view: LabView;
  readonly network: ServiceNetwork;
  /** Its programs are the services'. */
  readonly tree: DebianTree;
  readonly log: (line: string) => void;
}

/**
 * Makes a function that runs `work` soon: never twice at the same time, and once more when it was called meanwhile. Errors go to `failed`.
 * `idle` waits until nothing is left to do.
 */
export function soon(
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): { call: () => void; idle: () => Promise<void> } {
  let wanted = false;
  let running: Promise<void> | undefined;
  const loop = async () => {
    while (wanted) {
      // What one transaction or a burst of calls changes is brought over together.
      await new Promise((resolve) => setTimeout(resolve, BURST_MS));
      wanted = false;
      await work().catch(failed);
    }
    running = undefined;
  };
  return {
    call: () => {
      wanted = true;
      running ??= loop();
    },
    idle: async () => await running,
  };
}

const BURST_MS = 20;

/** What went wrong, in one line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
