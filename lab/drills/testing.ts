/** A pretended cluster for the tests of drills: rows in memory, a failover that takes a moment. */
import type { Api, Machine, Notification, Ran, Running, World } from "./world.ts";

const machine = (id: number, role: string, ordinal: number): Machine => ({
  id,
  name: `shop-${role}-fsn1-${ordinal}`,
  role,
  status: "running",
  booted: true,
  location: "fsn1",
  privateAddress: `10.0.${id}.4`,
  publicAddress: undefined,
});

const fine = (stdout = ""): Ran => ({ code: 0, stdout, stderr: "" });
const refused: Ran = { code: 2, stdout: "", stderr: "connection refused" };

export class FakePostgres implements World {
  readonly all = [
    machine(1, "postgres", 1),
    machine(2, "postgres", 2),
    machine(3, "postgres", 3),
    machine(4, "app", 1),
  ];
  /** Ids on each node. */
  readonly rows = new Map(this.all.slice(0, 3).map(({ name }) => [name, [] as string[]]));
  /** Whom a member names leader, where it differs from the truth. */
  readonly named = new Map<string, string>();
  readonly off = new Set<string>();
  readonly cutOff = new Set<string>();
  primary = "shop-postgres-fsn1-1";
  /** Newest rows that a failover forgets. */
  forgets = 0;
  /** Nodes that take no more rows from the primary. */
  readonly stuck = new Set<string>();
  /** Number and fingerprint of earlier orders on a node, where they differ from the others'. */
  readonly orders = new Map<string, string>();
  /** Whether Patroni has not named a synchronous standby. */
  unnamed = false;
  /** What was done to it. */
  readonly log: string[] = [];
  /** Milliseconds of a failover. */
  failoverMs = 300;
  #down = false;

  async machines(): Promise<Machine[]> {
    return this.all.map((m) => ({ ...m, status: this.off.has(m.name) ? "off" : "running" }));
  }

  async run(target: Machine, argv: readonly string[], { input = "" } = {}): Promise<Ran> {
    if (this.off.has(target.name)) return { code: 255, stdout: "", stderr: "off" };
    if (argv[0] === "curl") {
      const leader = this.named.get(target.name) ?? this.primary;
      const roles = [...this.rows.keys()].map((name) => ({
        name,
        role: name === leader ? "leader" : this.unnamed ? "replica" : "quorum_standby",
        state: "running",
      }));
      return this.#down ? refused : fine(JSON.stringify({ members: roles }));
    }
    if (input.includes("json_build_object")) return this.#state(target);
    if (input.includes("max(number)")) return fine("3\n");
    if (input.includes("string_agg")) return fine(`${this.orders.get(target.name) ?? "3 abc"}\n`);
    if (input.includes("COPY")) return fine(`${this.rows.get(target.name)!.join("\n")}\n`);
    return fine();
  }

  #state({ name }: Machine): Ran {
    const leads = name === this.primary && !this.#down;
    const state = { recovery: !leads, timeline: 1, streaming: !leads, synchronous: leads ? 1 : 0 };
    return fine(JSON.stringify({ ...state, position: this.stuck.has(name) ? 1e9 : this.rows.get(name)!.length }));
  }

  async start(): Promise<Running> {
    const listeners: ((lines: readonly string[]) => void)[] = [];
    let count = 0;
    const timer = setInterval(() => {
      const id = `w-${++count}`;
      const entry = { id, at: Date.now(), took: 1 };
      const up = !this.#down && !this.off.has(this.primary) && !this.cutOff.has(this.primary);
      if (up) this.#write(id);
      const line = JSON.stringify(up ? entry : { ...entry, error: "closed" });
      for (const listener of listeners) listener([line]);
    }, 20);
    let end: (stderr: string) => void = () => {};
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    return {
      onLines: (listener) => void listeners.push(listener),
      ended,
      stop: async () => {
        clearInterval(timer);
        end("");
      },
    };
  }

  #write(id: string): void {
    for (const [name, rows] of this.rows) if (!this.stuck.has(name) && this.#reachable(name)) rows.push(id);
  }

  #reachable(name: string): boolean {
    return !this.off.has(name) && !this.cutOff.has(name);
  }

  #failOver(): void {
    this.#down = true;
    setTimeout(() => {
      const next = [...this.rows.keys()].find((name) => this.#reachable(name));
      if (next === undefined) return;
      this.primary = next;
      const rows = this.rows.get(next)!;
      rows.length = Math.max(0, rows.length - this.forgets);
      this.#down = false;
      this.#copy();
    }, this.failoverMs);
  }

  /** What follows the primary has its rows. */
  #copy(): void {
    for (const name of this.rows.keys()) {
      if (this.#reachable(name) && !this.stuck.has(name)) this.rows.set(name, [...this.rows.get(this.primary)!]);
    }
  }

  async crash({ name }: Machine): Promise<void> {
    this.log.push(`crash ${name}`);
    this.off.add(name);
    if (name === this.primary) this.#failOver();
  }

  async cut({ name }: Machine): Promise<void> {
    this.log.push(`cut ${name}`);
    this.cutOff.add(name);
    if (name === this.primary) this.#failOver();
  }

  async heal({ name }: Machine): Promise<void> {
    this.log.push(`heal ${name}`);
    this.cutOff.delete(name);
    this.#copy();
  }

  async power({ name }: Machine, action: string): Promise<void> {
    this.log.push(`${action} ${name}`);
    if (action === "poweron") {
      this.off.delete(name);
      this.#copy();
    } else await this.crash(this.all.find((m) => m.name === name)!);
  }

  api: Api = async () => undefined;

  async notifications(): Promise<readonly Notification[]> {
    return [];
  }
}
