import { z } from "zod";

const matching = {
  /** Requests with this method only. */
  method: z.enum(["GET", "POST", "PUT", "DELETE"]).optional(),
  /** Requests whose path (without /v1) begins with this; `*` stands for one segment: `/servers/*\/actions`. */
  path: z.string().startsWith("/").max(200).optional(),
  /** Ends after this many hits. Without it the fault stays until it is removed. */
  count: z.int().min(1).max(1_000_000).optional(),
  /** Share of matching requests that are hit, drawn from the lab's seed. */
  probability: z.number().gt(0).max(1).optional(),
};

const milliseconds = z.int().min(0).max(3_600_000);

/** One fault: what goes wrong, for which requests, how often. */
export const faultSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("latency"), ms: milliseconds, ...matching }),
  z.strictObject({
    type: z.literal("action_duration"),
    ms: milliseconds,
    command: z.string().max(100).optional(),
    ...matching,
  }),
  /** The action ends in error and has no effect; what its request reserved (an attachment, an address) stays. */
  z.strictObject({ type: z.literal("action_error"), command: z.string().max(100).optional(), ...matching }),
  z.strictObject({ type: z.literal("rate_limit"), ...matching }),
  z.strictObject({ type: z.literal("server_error"), status: z.int().min(500).max(504).default(500), ...matching }),
  z.strictObject({
    type: z.literal("timeout"),
    /** Milliseconds that the connection is held before it is dropped. */
    ms: milliseconds.default(1000),
    /** True: the request is carried out and only its answer is lost. */
    performed: z.boolean().default(false),
    ...matching,
  }),
  z.strictObject({
    type: z.literal("resource_unavailable"),
    server_type: z.string().max(100).optional(),
    location: z.string().max(100).optional(),
    ...matching,
  }),
]);

export type FaultSpec = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema> & { id: number; hits: number };
type FaultOf<T extends Fault["type"]> = Extract<Fault, { type: T }>;

/** The request that faults are matched against. */
export interface FaultRequest {
  method: string;
  /** Without /v1. */
  path: string;
}

/** The faults of one lab. They live in memory only: a restart begins with those of the start flags. */
export class Faults {
  readonly #faults: Fault[] = [];
  readonly #random: () => number;
  #nextId = 1;
  /** The request being handled; faults of actions are matched against it too. */
  request: FaultRequest | undefined;

  /** @param seed for `probability`, so that a run can be repeated */
  constructor(specs: readonly FaultSpec[], seed: number) {
    this.#random = randomFrom(seed);
    for (const spec of specs) this.add(spec);
  }

  /** @throws ZodError when it does not fit */
  add(spec: unknown): Fault {
    const fault: Fault = { ...faultSchema.parse(spec), id: this.#nextId++, hits: 0 };
    this.#faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Removes one fault, or all. Says whether there was one. */
  remove(id?: number): boolean {
    const before = this.#faults.length;
    for (let i = before - 1; i >= 0; i--) if (id === undefined || this.#faults[i]!.id === id) this.#faults.splice(i, 1);
    return this.#faults.length < before;
  }

  /** The first fault of a type that hits now, counted. */
  hit<T extends Fault["type"]>(type: T, fits: (fault: FaultOf<T>) => boolean = () => true): FaultOf<T> | undefined {
    for (const fault of this.#faults) {
      if (fault.type !== type || !this.#matches(fault) || !fits(fault as FaultOf<T>)) continue;
      if (fault.probability !== undefined && this.#random() >= fault.probability) continue;
      fault.hits++;
      return fault as FaultOf<T>;
    }
    return undefined;
  }

  /** Like {@link hit} for what only asks, such as the availability shown in a list: counts nothing. */
  active<T extends Fault["type"]>(type: T): FaultOf<T>[] {
    return this.#faults.filter((fault): fault is FaultOf<T> => fault.type === type && !isSpent(fault));
  }

  #matches(fault: Fault): boolean {
    if (isSpent(fault)) return false;
    const { request } = this;
    if (fault.method && fault.method !== request?.method) return false;
    return fault.path === undefined || (request !== undefined && pathMatches(fault.path, request.path));
  }
}

function isSpent(fault: Fault): boolean {
  return fault.count !== undefined && fault.hits >= fault.count;
}

function pathMatches(pattern: string, path: string): boolean {
  const have = path.split("/");
  return pattern.split("/").every((segment, i) => segment === "*" || segment === have[i]);
}

/** mulberry32: small, seeded, good enough to draw faults. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
