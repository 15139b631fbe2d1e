/** The network of a lab's machines: the provider's internet and private networks, made of network namespaces. */
import { existsSync } from "node:fs";
import type { LabView } from "../../api/driver.ts";
import type { DebianTree } from "../../debian/run.ts";
import { type Run, run as runCommand } from "../run.ts";
import { World, type WorldSettings } from "./apply.ts";
import { emptyPlan } from "./changes.ts";
import { DelayLines, findDelayMethod } from "./delay.ts";
import { NetworkError } from "./inside.ts";
import { attachmentIds, nextSlots, readMember, type Slots } from "./members.ts";
import { type MemberType, memberNamespace, namespacePath, PUBLIC, SERVICES } from "./names.ts";
import { type Delay, type Plan, planNetwork } from "./plan.ts";
import { renderRuleset } from "./ruleset.ts";
import { connectUplink } from "./uplink.ts";

export interface NetworkOptions {
  readonly view: Pick<LabView, "store">;
  /** Where nft and python3 are taken from. */
  readonly tree: Pick<DebianTree, "root">;
  /** Name of the lab, which another lab that collides with it is shown. */
  readonly lab: string;
  /** Time between locations, in private networks. @default none */
  readonly delays?: readonly Delay[] | undefined;
  /** Whether public addresses can be reached from the host. @default true */
  readonly uplink?: boolean | undefined;
  /** Told of what went wrong and was mended in the background. @default nobody */
  readonly onProblem?: ((line: string) => void) | undefined;
  /** How commands are run. */
  readonly run?: Run | undefined;
}

/** All methods may be called at any time, also at once; each resolves when the world is as asked. They reject with a {@link NetworkError}. */
export interface LabNetwork {
  /** Makes the namespace of a server with its interfaces, before it boots. `netns` is a path. */
  ensureServer(id: number): Promise<{ netns: string }>;
  /**
   * Pulls a server's cables and forgets its namespace, which lives on as long as something runs in it. Silent to everybody else: do it
   * before killing what runs there, as the kernel says goodbye for killed processes.
   */
  removeServer(id: number): Promise<void>;
  ensureLoadBalancer(id: number): Promise<{ netns: string }>;
  removeLoadBalancer(id: number): Promise<void>;
  /** After any change of the store. Calls at the same time become one. */
  reconcile(): Promise<void>;
  /**
   * Drops every packet from and to a server or load balancer in its private networks, without a word to either side, established
   * connections included. Stays until {@link heal}, also over a reboot.
   * @param options public: on its public interface as well. Default: false
   */
  cut(id: number, options?: { readonly public?: boolean | undefined }): Promise<void>;
  heal(id: number): Promise<void>;
  /** Where the services of the provider run: resolvers, object storage. It has the addresses of SERVICE_ADDRESSES. */
  readonly services: { readonly netns: string };
  /** The host's device that leads to the lab; undefined without uplink. */
  readonly uplink: string | undefined;
  /** Removes everything. */
  close(): Promise<void>;
}

/**
 * Opens the network of a lab. Must run as root, in a mount namespace in which /run/netns is a tmpfs of the lab's own, and in the host's
 * network namespace.
 * @throws NetworkError when the host already routes the lab's range, or another network is open here
 */
export async function openNetwork(options: NetworkOptions): Promise<LabNetwork> {
  if (existsSync(namespacePath(PUBLIC))) {
    throw new NetworkError(`a lab's network is open here already: ${namespacePath(PUBLIC)} exists`);
  }
  if (!existsSync("/proc/sys/net/ipv6")) {
    throw new NetworkError("the lab's network needs IPv6, which this kernel has switched off (ipv6.disable=1?)");
  }
  const run = options.run ?? runCommand;
  const needsDelay = (options.delays ?? []).some(({ roundTripMs }) => roundTripMs > 0);
  const lines = new DelayLines(options.tree, options.onProblem ?? (() => undefined));
  const delayBy = needsDelay ? await findDelayMethod(run) : "netem";
  const network = new Network(options, { run, tree: options.tree, delayBy, lines });
  try {
    await network.reconcile();
    if (options.uplink ?? true) network.uplink = await connectUplink(run, options.lab);
  } catch (error) {
    await network.close();
    throw error;
  }
  return network;
}

class Network implements LabNetwork {
  readonly services = { netns: namespacePath(SERVICES) };
  uplink: string | undefined;
  readonly #store: LabView["store"];
  readonly #delays: readonly Delay[];
  readonly #world: World;
  readonly #run: Run;
  readonly #present = new Map<number, { type: MemberType; slots: Slots }>();
  readonly #cuts = new Map<number, { public: boolean }>();
  #plan: Plan = emptyPlan;
  #queue: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #closed = false;

  constructor({ view, delays = [] }: NetworkOptions, world: Omit<WorldSettings, "rulesOf">) {
    this.#store = view.store;
    this.#delays = delays;
    this.#run = world.run;
    this.#world = new World({ ...world, rulesOf: (namespace) => this.#rulesOf(namespace) });
  }

  ensureServer(id: number): Promise<{ netns: string }> {
    return this.#ensure("server", id);
  }

  removeServer(id: number): Promise<void> {
    return this.#remove(id);
  }

  ensureLoadBalancer(id: number): Promise<{ netns: string }> {
    return this.#ensure("load_balancer", id);
  }

  removeLoadBalancer(id: number): Promise<void> {
    return this.#remove(id);
  }

  reconcile(): Promise<void> {
    if (this.#waiting) return this.#waiting;
    const work = this.#queue.then(async () => {
      this.#waiting = undefined;
      this.#plan = this.#closed ? emptyPlan : this.#read();
      await this.#world.apply(this.#plan);
    });
    this.#waiting = work;
    this.#queue = work.catch(() => undefined);
    return work;
  }

  async cut(id: number, options: { readonly public?: boolean | undefined } = {}): Promise<void> {
    this.#cuts.set(id, { public: options.public ?? false });
    await this.#loadRulesOf(id);
  }

  async heal(id: number): Promise<void> {
    this.#cuts.delete(id);
    await this.#loadRulesOf(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = undefined;
    // The kernel would remove it with its other end, but a moment later.
    const device = this.uplink;
    this.uplink = undefined;
    if (device !== undefined) await this.#run(["ip", "link", "delete", "dev", device]).catch(() => undefined);
    await this.reconcile();
  }

  async #ensure(type: MemberType, id: number): Promise<{ netns: string }> {
    if (!this.#present.has(id)) this.#present.set(id, { type, slots: new Map() });
    await this.reconcile();
    const name = memberNamespace(type, id);
    if (!this.#world.has(name)) throw new NetworkError(`the lab's network: there is no ${type} with the id ${id}`);
    return { netns: namespacePath(name) };
  }

  #remove(id: number): Promise<void> {
    this.#present.delete(id);
    return this.reconcile();
  }

  #read(): Plan {
    const members = [...this.#present].flatMap(([id, present]) => {
      present.slots = nextSlots(present.slots, attachmentIds(this.#store, present.type, id));
      const member = readMember(this.#store, present.type, id, present.slots);
      if (member) return member;
      this.#present.delete(id);
      this.#cuts.delete(id);
      return [];
    });
    return planNetwork(members, this.#delays);
  }

  #rulesOf(namespace: string): string | undefined {
    const guard = this.#plan.namespaces.get(namespace)?.guard;
    return guard && renderRuleset(guard, this.#cuts);
  }

  /** Not in the queue: a cut is not to wait for machines that are being plugged in. */
  async #loadRulesOf(id: number): Promise<void> {
    const concerned = [...this.#plan.namespaces.values()].filter(
      ({ name, guard }) => guard?.devices.has(id) && this.#world.has(name),
    );
    await Promise.all(concerned.map(({ name }) => this.#world.loadRules(name)));
  }
}
