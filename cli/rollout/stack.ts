/** A stack behind the real engine, for rollouts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { exportState } from "../demo/state.ts";
import { renderFailure, runShown } from "../demo/up.ts";
import type { Display } from "../lab/display.ts";
import type { EngineContext } from "../lab/engine.ts";
import { kindOf, nameOf } from "../lab/progress.ts";
import {
  type ConfigChange,
  type ConfigFile,
  changedText,
  type RolloutConfig,
  wantedGeneration,
} from "./config-file.ts";
import type { Outlook, Stack } from "./deployment.ts";
import { RolloutError } from "./errors.ts";
import { type HostState, hostsOf } from "./state.ts";

export interface EngineStackOptions {
  /** Asked for each run, since one that Ctrl-C has ended is followed by one that puts protections back. */
  readonly context: () => EngineContext;
  readonly config: ConfigFile;
  readonly role: string;
  readonly display: Display;
}

/** Key of the configuration that has a role's generation, where it is called otherwise: a witness goes with the database, by its first node. */
const partKeys: Readonly<Record<string, string>> = { etcd: "postgres", gateway: "dns" };

export class EngineStack implements Stack {
  readonly #options: EngineStackOptions;
  #warnings: readonly string[] = [];
  #all: readonly HostState[] = [];

  constructor(options: EngineStackOptions) {
    this.#options = options;
  }

  async hosts(): Promise<readonly HostState[]> {
    const { context, role } = this.#options;
    this.#all = hostsOf(await exportState(context()));
    return this.#all.filter((host) => host.role === role);
  }

  config(): RolloutConfig {
    return this.#configOf(this.#options.role);
  }

  #configOf(role: string): RolloutConfig {
    return this.#options.config.read(partKeys[role] ?? role);
  }

  change(change: ConfigChange): void {
    this.#options.config.write(change);
  }

  async outlook(pinned: Readonly<Record<string, number>>): Promise<Outlook> {
    const waiting: string[] = [];
    const retyped = new Map<string, string>();
    // Other roles' machines stay as they are, too: what is asked of protected ones would end the preview.
    const generations = { ...Object.fromEntries(this.#all.flatMap((host) => this.#asItIs(host))), ...pinned };
    const { progress } = await this.#run(["preview"], { generations }, (event) => {
      noteType(retyped, event);
      const other = otherChange(event);
      if (other !== undefined) waiting.push(other);
    });
    const pending = progress.outputs.pendingRollouts;
    if (!Array.isArray(pending)) throw new RolloutError("the preview does not tell which machines are behind");
    return { behind: new Set(pending.map(String)), retyped, others: waiting };
  }

  #asItIs(host: HostState): [string, number][] {
    const { name, generation } = host;
    const isAsked = generation !== undefined && wantedGeneration(this.#configOf(host.role), host) !== generation;
    return isAsked ? [[name, generation]] : [];
  }

  async update(hosts: readonly HostState[], pinned: Readonly<Record<string, number>>): Promise<void> {
    await this.#run(["up", "--yes", "--skip-preview", ...targetsOf(hosts)], { generations: pinned });
  }

  async retyped(
    hosts: readonly HostState[],
    pinned: Readonly<Record<string, number>>,
  ): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    await this.#run(["preview", ...targetsOf(hosts)], { generations: pinned }, (event) => noteType(found, event));
    return found;
  }

  /** From the program's look ahead, which warns of what is sold out: servers that stay are not concerned, one that is deleted is. */
  unavailable({ serverType, location }: Pick<HostState, "serverType" | "location">): string | undefined {
    return this.#warnings.find(
      (line) =>
        line.startsWith(`server type ${serverType} is no longer offered`) ||
        line.startsWith(`server type ${serverType} is not available in ${location} `),
    );
  }

  /** The engine gets a copy of the configuration: it would write its own notes into the file. */
  async #run(args: readonly string[], change: ConfigChange = {}, onEvent?: (event: EngineEvent) => void) {
    const { context, config, display } = this.#options;
    const folder = mkdtempSync(join(tmpdir(), "sovereign-rollout-"));
    try {
      const now = context();
      const file = join(folder, `Pulumi.${now.stack}.yaml`);
      writeFileSync(file, changedText(config.text(), config.path, change), { mode: 0o600 });
      const env = { ...now.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
      const run = await runShown({ ...now, env }, [...args, "--config-file", file], display, undefined, onEvent);
      if (run.result.exitCode !== 0) throw new RolloutError(`pulumi ${args[0]} failed: ${renderFailure(run)}`);
      this.#warnings = run.progress.diagnostics.map(({ message }) => message);
      return run;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

const targetsOf = (hosts: readonly HostState[]): string[] => [
  ...hosts.flatMap(({ urns }) => urns).flatMap((urn) => ["--target", urn]),
  "--target-dependents",
];

/** Keeps the type that a preview gives a server in place of its own. */
function noteType(types: Map<string, string>, { resourcePreEvent: event }: EngineEvent): void {
  const { op, type, urn, old: before, new: after } = event?.metadata ?? {};
  if (op !== "update" || type !== "hcloud:index/server:Server") return;
  const wanted = after?.inputs.serverType;
  if (typeof wanted === "string" && wanted !== before?.inputs.serverType) types.set(nameOf(urn!), wanted);
}

/** A change of a preview that is no machine's being behind. */
function otherChange({ resourcePreEvent: event }: EngineEvent): string | undefined {
  if (!event) return undefined;
  const { op, type, urn } = event.metadata;
  if (op === "same" || op === "read" || !/^(hcloud|random):/.test(type)) return undefined;
  return `${kindOf(type)} ${nameOf(urn)}`;
}
