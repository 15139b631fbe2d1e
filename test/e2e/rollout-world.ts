/** What end-to-end tests of `sovereign rollout` share: a stack with three nodes of Postgres, and machines whose answers are made up from what the API has. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Display } from "../../cli/lab/display.ts";
import { ConfigFile } from "../../cli/rollout/config-file.ts";
import { type RolloutOptions, rollOut } from "../../cli/rollout/run.ts";
import type { HostState } from "../../cli/rollout/state.ts";
import type { Ran, Way } from "../../cli/rollout/way.ts";
import { paths } from "../../lab/drills/platform.ts";
import { appServers, smallConfig, type World } from "./harness.ts";

export const nodes = [1, 2, 3].map((ordinal) => `e2e-postgres-fsn1-${ordinal}`);

/** Nodes that all work, of which one leads; a machine is well as soon as it is there. */
class FakeCluster implements Way {
  leader = nodes[0]!;
  readonly #world: World;
  readonly #onRun: () => unknown;
  isNew = () => undefined;

  /** @param onRun called with each question */
  constructor(world: World, onRun: () => unknown) {
    this.#world = world;
    this.#onRun = onRun;
  }

  async run(host: HostState, argv: readonly string[]): Promise<Ran> {
    await this.#onRun();
    const fine = (stdout: string): Ran => ({ code: 0, stdout, stderr: "" });
    if (argv[0] === paths.switchover) {
      if (host.name !== this.leader) return { code: 1, stdout: "", stderr: `the primary is ${this.leader}` };
      this.leader = nodes.find((name) => name !== host.name)!;
      return fine(`${this.leader} is the primary now`);
    }
    const servers = await this.#world.list("servers");
    if (servers.get(host.name)?.status !== "running") return { code: 255, stdout: "", stderr: "it does not run" };
    const standby = nodes.find((name) => name !== this.leader);
    const members = nodes.map((name) => ({
      name,
      role: name === this.leader ? "leader" : name === standby ? "sync_standby" : "replica",
      state: name === this.leader ? "running" : "streaming",
      timeline: 1,
      lag: 0,
    }));
    const health = nodes.map(() => ({ health: true }));
    return fine(`booted\n---\n${JSON.stringify({ members })}\n---\n${JSON.stringify(health)}`);
  }
}

/** The stack's configuration with something of Postgres changed. */
export const threeNodes = (change: Record<string, unknown>) =>
  smallConfig({ ...appServers(1), postgres: { nodes: 3, backup: false, ...change } });

export interface RolloutRun {
  /** Exit code, or the message with which it stopped. */
  readonly ended: number | string;
  /** All that it said meanwhile. */
  readonly said: readonly string[];
  /** Who leads afterwards. */
  readonly leader: string;
}

/** @param onRun called with each question to a machine, with what has been said until then */
export async function runRollout(
  world: World,
  { onRun, ...change }: Partial<RolloutOptions> & { readonly onRun?: (said: readonly string[]) => unknown } = {},
): Promise<RolloutRun> {
  const said: string[] = [];
  const display: Display = { say: (line) => void said.push(line.trim()), during: (_, work) => work() };
  const way = new FakeCluster(world, () => onRun?.(said));
  const options: RolloutOptions = {
    role: "postgres",
    stack: "e2e",
    dryRun: false,
    yes: true,
    patience: 1,
    maxBackupHours: 26,
    acceptNewHostKeys: false,
    again: "npx sovereign rollout postgres",
    ...change,
  };
  const surroundings = {
    context: (interruption: World["context"]["interruption"]) => ({ ...world.context, interruption }),
    way,
    isLab: true,
    recover: async () => undefined,
  };
  const config = new ConfigFile(world.configFile);
  const ended = await rollOut(options, config, surroundings, display, { pause: async () => undefined }).catch(
    (error: Error) => error.message,
  );
  return { ended, said, leader: way.leader };
}

/** A key of the stack's configuration file, as it is now. */
export const written = (world: World, key: "generations" | "protection"): unknown =>
  parse(readFileSync(world.configFile, "utf8")).config[`sovereign:${key}`];

export const idsOf = async (world: World, kind: "servers" | "volumes"): Promise<Map<string, number>> =>
  new Map([...(await world.list(kind))].map(([name, { id }]) => [name, id]));

/** Of each node. */
export async function serverTypes(world: World): Promise<string[]> {
  const servers = await world.list("servers");
  return nodes.map((name) => (servers.get(name)!.server_type as { name: string }).name);
}

/** Nodes that the provider would let anybody delete. */
export async function unprotected(world: World): Promise<string[]> {
  const servers = await world.list("servers");
  const isOpen = (name: string) =>
    (servers.get(name) as { protection?: { delete: boolean } } | undefined)?.protection?.delete === false;
  return nodes.filter(isOpen);
}

/** Kinds of changes that a plain preview shows, and which machines are behind. */
export async function whatIsLeft(world: World): Promise<unknown> {
  const { messages, progress } = await world.preview();
  return { messages, changes: Object.keys(progress.result!.resourceChanges), behind: progress.outputs.pendingRollouts };
}

export const nothingLeft = { messages: "", changes: ["same"], behind: [] };
