import type { DebianTree } from "../../debian/run.ts";
import type { Run } from "../run.ts";
import { type DelayMethod, emptyPlan, planChanges, type Step } from "./changes.ts";
import type { DelayLines } from "./delay.ts";
import { inside } from "./inside.ts";
import type { Link, Plan } from "./plan.ts";

const writeSettings = 'cd /proc/sys/net; while read -r file value; do echo "$value" > "$file"; done';

export interface WorldSettings {
  readonly run: Run;
  readonly tree: Pick<DebianTree, "root">;
  readonly delayBy: DelayMethod;
  readonly lines: Pick<DelayLines, "start" | "stop">;
  /** The rules of a namespace as they shall be now; undefined: none. */
  readonly rulesOf: (namespace: string) => string | undefined;
}

/** The namespaces and cables that are there. Nobody else makes or removes any: what was done last is what is there. */
export class World {
  readonly #settings: WorldSettings;
  #applied: Plan = emptyPlan;
  readonly #namespaces = new Set<string>();
  /** What a plan that failed half way may have left. */
  #remnants: { links: [string, Link][]; namespaces: string[] } = { links: [], namespaces: [] };
  readonly #loaded = new Map<string, string>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(settings: WorldSettings) {
    this.#settings = settings;
  }

  has(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /**
   * Brings the world to the plan; does nothing when it is there. One at a time. After a failure the next call makes anew what was
   * being changed.
   * @throws NetworkError
   */
  async apply(plan: Plan): Promise<void> {
    await this.#removeRemnants();
    const { before, after } = planChanges(this.#applied, plan, this.#settings.delayBy);
    try {
      for (const step of before) await this.#do(step);
      await Promise.all([...plan.namespaces.keys()].map((namespace) => this.loadRules(namespace)));
      for (const step of after) await this.#do(step);
      this.#applied = plan;
    } catch (error) {
      this.#interrupted(plan);
      throw error;
    }
  }

  /**
   * Loads the rules of a namespace as they shall be when it is its turn; does nothing when they are loaded.
   * Waits for nothing but rules of the same namespace that are being loaded.
   */
  loadRules(namespace: string): Promise<void> {
    const load = async () => {
      const rules = this.#settings.rulesOf(namespace);
      if (rules === undefined || this.#loaded.get(namespace) === rules) return;
      const { run, tree } = this.#settings;
      await run(inside(namespace, "chroot", tree.root, "/usr/sbin/nft", "-f", "-"), { input: rules });
      this.#loaded.set(namespace, rules);
    };
    const loading = (this.#loading.get(namespace) ?? Promise.resolve()).then(load);
    this.#loading.set(
      namespace,
      loading.catch(() => undefined),
    );
    return loading;
  }

  async #do(step: Step): Promise<void> {
    const { run, lines } = this.#settings;
    switch (step.kind) {
      case "add namespace":
        await run(["ip", "netns", "add", step.namespace]);
        this.#namespaces.add(step.namespace);
        return;
      case "delete namespace":
        this.#loaded.delete(step.namespace);
        this.#namespaces.delete(step.namespace);
        await run(["ip", "netns", "delete", step.namespace]);
        return;
      case "settings": {
        const text = Object.entries(step.settings).map(([file, value]) => `${file} ${value}\n`);
        await run(inside(step.namespace, "sh", "-euc", writeSettings), { input: text.join("") });
        return;
      }
      case "ip": {
        const batch = run(["ip", ...(step.mayFail ? ["-force"] : []), "-n", step.namespace, "-batch", "-"], {
          input: step.lines.map((line) => `${line}\n`).join(""),
        });
        await (step.mayFail ? batch.catch(() => undefined) : batch);
        return;
      }
      case "netem": {
        const { namespace, device, oneWayMs } = step;
        // The queue holds what is under way: a gigabit's packets of a quarter of a second.
        const netem = ["root", "netem", "delay", `${oneWayMs}ms`, "limit", "20000"];
        await run(["tc", "-n", namespace, "qdisc", "replace", "dev", device, ...netem]);
        return;
      }
      case "start line":
        await lines.start(step.line);
        return;
      case "stop line":
        lines.stop(step.line);
    }
  }

  #interrupted(plan: Plan): void {
    const { namespaces, links } = this.#applied;
    const same = ([key, link]: [string, Link]) => JSON.stringify(plan.links.get(key)) === JSON.stringify(link);
    const untouched = [...links].filter(same);
    const isUntouched = new Set(untouched.map(([key]) => key));
    this.#remnants = {
      links: [...links, ...plan.links].filter(([key]) => !isUntouched.has(key)),
      namespaces: [
        ...[...namespaces.keys()].filter((name) => !plan.namespaces.has(name)),
        ...[...plan.namespaces.keys()].filter((name) => !namespaces.has(name)),
      ],
    };
    this.#applied = {
      namespaces: new Map([...namespaces].filter(([name]) => plan.namespaces.has(name))),
      links: new Map(untouched),
    };
  }

  async #removeRemnants(): Promise<void> {
    const { links, namespaces } = this.#remnants;
    if (links.length + namespaces.length === 0) return;
    const left: Plan = { namespaces: new Map(), links: new Map(links) };
    for (const step of planChanges(left, emptyPlan, this.#settings.delayBy).before) await this.#do(step);
    for (const namespace of namespaces) {
      await this.#do({ kind: "delete namespace", namespace }).catch(() => undefined);
    }
    this.#remnants = { links: [], namespaces: [] };
  }
}
