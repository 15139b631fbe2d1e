import { describe, expect, test } from "vitest";
import type { Run } from "../run.ts";
import { World } from "./apply.ts";
import { emptyPlan } from "./changes.ts";
import type { Member } from "./members.ts";
import { type Plan, planNetwork } from "./plan.ts";

/** As much of a kernel as tells what is there and what cannot be: names that are taken, namespaces and devices that are missing. */
class FakeKernel {
  readonly namespaces = new Map<string, Map<string, Set<string>>>();
  readonly peers = new Map<string, string>();
  commands = 0;
  /** The command with this number fails half way. */
  failAt = Number.POSITIVE_INFINITY;

  readonly run: Run = async (argv, { input = "" } = {}) => {
    const fails = ++this.commands === this.failAt;
    const [program, ...args] = argv;
    if (program === "ip" && args[0] === "netns") this.#netns(args[1]!, args[2]!);
    else if (program === "ip") {
      const lines = input.trim().split("\n");
      const done = fails ? lines.slice(0, Math.floor(lines.length / 2)) : lines;
      for (const line of done) this.#ip(args[args.indexOf("-n") + 1]!, line, args.includes("-force"));
    } else this.#get(args[0]!.replace("--net=/run/netns/", ""));
    if (fails) throw new Error("no more");
    return "";
  };

  show(): object {
    return Object.fromEntries(
      [...this.namespaces]
        .sort()
        .map(([name, devices]) => [
          name,
          [...devices].sort().map(([device, entries]) => `${device}: ${[...entries].sort().join(", ")}`),
        ]),
    );
  }

  #netns(verb: string, name: string): void {
    if (this.namespaces.has(name) === (verb === "add")) throw new Error(`cannot ${verb} ${name}`);
    if (verb === "add") this.namespaces.set(name, new Map([["lo", new Set()]]));
    else {
      for (const device of this.namespaces.get(name)!.keys()) this.#unplug(name, device);
      this.namespaces.delete(name);
    }
  }

  #get(namespace: string): Map<string, Set<string>> {
    const devices = this.namespaces.get(namespace);
    if (!devices) throw new Error(`no namespace ${namespace}`);
    return devices;
  }

  #ip(namespace: string, line: string, force: boolean): void {
    const words = line.split(" ");
    const after = (word: string, from = 0) => words[words.indexOf(word, from) + 1]!;
    const devices = this.#get(namespace);
    if (line.startsWith("link add")) {
      const [near, far, there] = [after("name"), after("name", words.indexOf("peer")), after("netns")];
      if (devices.has(near) || this.#get(there).has(far)) throw new Error(`${line}: exists`);
      devices.set(near, new Set());
      this.#get(there).set(far, new Set());
      this.peers.set(`${namespace} ${near}`, `${there} ${far}`).set(`${there} ${far}`, `${namespace} ${near}`);
      return;
    }
    if (line.includes("blackhole")) return;
    const device = line.startsWith("link set lo") ? "lo" : after("dev");
    const entries = devices.get(device);
    if (!entries) {
      if (force) return;
      throw new Error(`${line}: no such device in ${namespace}`);
    }
    if (line.startsWith("link delete")) this.#unplug(namespace, device);
    else if (words[1] === "replace") entries.add(`${words[0]} ${words[2]}`);
    else if (words[1] === "delete") entries.delete(`${words[0]} ${words[2]}`);
  }

  #unplug(namespace: string, device: string): void {
    this.namespaces.get(namespace)?.delete(device);
    const [there = "", far = ""] = this.peers.get(`${namespace} ${device}`)?.split(" ") ?? [];
    this.namespaces.get(there)?.delete(far);
  }
}

const network = { id: 9, range: "10.0.0.0/16", gateway: "10.0.0.1", routes: [] };
const server = (id: number, more: Partial<Member> = {}): Member => ({
  id,
  type: "server",
  location: "fsn1",
  ipv4: `198.18.0.${id}`,
  ipv6: `2001:db8:0:${id}::/64`,
  floating: [],
  attachments: [{ slot: 0, mac: `86:00:00:00:00:0${id}`, ip: `10.0.1.${id}`, aliases: [], network }],
  ...more,
});
const first = planNetwork([server(1), server(2)], []);
const second = planNetwork([server(2, { floating: ["198.18.0.77"], firewall: [] }), server(3)], []);

function open(kernel: FakeKernel): { world: World; apply: (plan: Plan) => Promise<void> } {
  let wanted = emptyPlan;
  const world = new World({
    run: kernel.run,
    tree: { root: "/debian" },
    delayBy: "netem",
    lines: { start: async () => undefined, stop: () => undefined },
    rulesOf: (namespace) =>
      wanted.namespaces.get(namespace)?.guard ? JSON.stringify(wanted.namespaces.size) : undefined,
  });
  return {
    world,
    apply: (plan) => {
      wanted = plan;
      return world.apply(plan);
    },
  };
}

async function shownAfter(...plans: readonly Plan[]): Promise<object> {
  const kernel = new FakeKernel();
  const { apply } = open(kernel);
  for (const plan of plans) await apply(plan);
  return kernel.show();
}

test("a plan that holds already runs nothing", async () => {
  const kernel = new FakeKernel();
  const { apply } = open(kernel);
  await apply(first);
  const { commands } = kernel;
  expect(commands).toBeGreaterThan(5);
  await apply(planNetwork([server(1), server(2)], []));
  expect(kernel.commands).toBe(commands);
});

test("from plan to plan the world is as if only the last had been, and nothing is left of it in the end", async () => {
  expect(await shownAfter(first, second)).toEqual(await shownAfter(second));
  expect(await shownAfter(first, second, emptyPlan)).toEqual({});
});

describe("a command that fails is told, and the next try gets there", async () => {
  const kernel = new FakeKernel();
  const { apply } = open(kernel);
  await apply(first);
  const before = kernel.commands;
  await apply(second);
  const wanted = kernel.show();
  const commands = Array.from({ length: kernel.commands - before }, (_, n) => n + 1);

  test.each(commands)("command %i", async (failing) => {
    const kernel = new FakeKernel();
    const { apply } = open(kernel);
    await apply(first);
    kernel.failAt = kernel.commands + failing;
    await apply(second).then(
      // What is removed may fail: it may be gone.
      () => expect(kernel.show()).toEqual(wanted),
      (error: Error) => expect(error.message).toBe("no more"),
    );
    await apply(second);
    expect(kernel.show()).toEqual(wanted);
    await apply(emptyPlan);
    expect(kernel.show()).toEqual({});
  });
});
