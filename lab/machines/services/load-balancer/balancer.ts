/** The proxy behind one load balancer of the API. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TargetHealth } from "../../../api/driver.ts";
import type { DebianTree } from "../../../debian/run.ts";
import { type ServiceFile, serviceFolder, TreeProcess } from "../in-tree.ts";
import {
  backendName,
  balancerFiles,
  isServed,
  reachable,
  renderHaproxy,
  renderStates,
  serverName,
  serverOptions,
} from "./render.ts";
import {
  addServer,
  bringBackServer,
  drainServer,
  reload,
  removeServer,
  type ServerState,
  serverStates,
} from "./runtime.ts";
import type { BalancerSpec } from "./spec.ts";

export interface BalancerSettings {
  readonly tree: DebianTree;
  readonly netns: string;
  readonly log: (line: string) => void;
  readonly report: (health: Omit<TargetHealth, "loadBalancer">) => void;
}

/** Milliseconds until HAProxy must have answered after its start. */
const START_MS = 10_000;

/**
 * One HAProxy. What differs between targets is brought over by commands; anything else by a reload, after which whoever was not healthy has
 * to prove itself again. Calls must not overlap.
 */
export class Balancer {
  readonly #settings: BalancerSettings;
  #process: TreeProcess | undefined;
  #spec: BalancerSpec | undefined;
  /** `backend/server`: removed from the API, still with connections. */
  readonly #draining = new Set<string>();
  /** What was reported, by service and target, and of which server. */
  readonly #reported = new Map<
    string,
    { readonly status: TargetHealth["status"]; readonly name: string | undefined }
  >();

  constructor(settings: BalancerSettings) {
    this.#settings = settings;
  }

  /** Whether nothing is to be done as long as the API's records stay as they are. */
  get isInOrder(): boolean {
    const serves = this.#spec?.services.some((service) => isServed(this.#spec!, service));
    return this.#spec !== undefined && (this.#process?.running ?? false) === serves;
  }

  /**
   * Brings the proxy to what it shall do.
   * @throws Error when HAProxy cannot be started or refuses; what it did before goes on
   */
  async apply(spec: BalancerSpec): Promise<void> {
    const before = this.#spec;
    if (!spec.services.some((service) => isServed(spec, service))) await this.stop();
    else if (!this.#process?.running || before === undefined) await this.#start(spec);
    else if (settled(before) !== settled(spec)) await this.#reload(spec);
    else await this.#exchangeTargets(before, spec, this.#process);
    this.#spec = spec;
    this.#forget(spec);
    this.#reportUnreachable(spec);
  }

  /** Reports what the checks have found since the last look, and removes targets that are done. */
  async look(): Promise<void> {
    const [proxy, spec] = [this.#process, this.#spec];
    if (!proxy?.running || spec === undefined) return;
    const states = new Map((await serverStates(proxy.path(balancerFiles.admin))).map((s) => [nameOf(s), s]));
    for (const { listen_port } of spec.services) {
      for (const target of reachable(spec.targets)) {
        const name = `${backendName(listen_port)}/${serverName(target)}`;
        const state = states.get(name);
        if (state?.isChecked) this.#report(listen_port, target.target, state.isUp ? "healthy" : "unhealthy", name);
      }
    }
    for (const name of this.#draining) {
      if (await removeServer(proxy.path(balancerFiles.admin), name)) this.#draining.delete(name);
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
    this.#spec = undefined;
    this.#draining.clear();
    this.#reported.clear();
  }

  async #start(spec: BalancerSpec): Promise<void> {
    await this.stop();
    const said: string[] = [];
    const proxy = await TreeProcess.start({
      ...this.#settings,
      argv: [
        ...(["haproxy", "-W", "-S", `${serviceFolder}/${balancerFiles.master}`] as const),
        ...["-f", `${serviceFolder}/${balancerFiles.config}`],
      ],
      files: Object.fromEntries(filesOf(spec, () => true)),
      onLine: (line) => {
        said.push(line);
        if (said.length > 20) said.shift();
        if (line.startsWith("[ALERT]") && !line.includes("has no server available")) this.#settings.log(line);
      },
      onEnd: (reason) => this.#settings.log(`HAProxy ended: ${reason}`),
    });
    this.#process = proxy;
    for (const until = Date.now() + START_MS; !existsSync(proxy.path(balancerFiles.admin)); await sleep(20)) {
      if (proxy.running && Date.now() < until) continue;
      await this.stop();
      throw new Error(`HAProxy did not start: ${said.join("; ")}`);
    }
  }

  async #reload(spec: BalancerSpec): Promise<void> {
    const proxy = this.#process!;
    const healthy = new Set(
      [...this.#reported.values()].flatMap(({ status, name }) => (status === "healthy" ? [name] : [])),
    );
    const obsolete = new Set(this.#spec!.certificates.keys());
    for (const [name, file] of filesOf(spec, (name) => !healthy.has(name))) proxy.write(name, file);
    try {
      await reload(proxy.path(balancerFiles.master));
    } catch (error) {
      // A later reload, or a crash, must find what works.
      for (const [name, file] of filesOf(this.#spec!, () => false)) proxy.write(name, file);
      throw error;
    }
    this.#draining.clear();
    for (const id of obsolete) if (!spec.certificates.has(id)) proxy.remove(balancerFiles.certificate(id));
  }

  async #exchangeTargets(before: BalancerSpec, spec: BalancerSpec, proxy: TreeProcess): Promise<void> {
    const admin = proxy.path(balancerFiles.admin);
    const [old, wanted] = [serversOf(before), serversOf(spec)];
    for (const [name, options] of wanted) {
      if (old.has(name)) continue;
      if (this.#draining.delete(name)) await bringBackServer(admin, name);
      else await addServer(admin, name, options);
    }
    for (const name of old.keys()) {
      if (wanted.has(name)) continue;
      await drainServer(admin, name);
      this.#draining.add(name);
    }
    proxy.write(balancerFiles.config, { content: renderHaproxy(spec) });
  }

  /** A target without a way to it gets no checks: it is unhealthy. */
  #reportUnreachable(spec: BalancerSpec): void {
    for (const { listen_port } of spec.services) {
      for (const target of spec.targets) {
        if (target.address !== undefined) continue;
        this.#report(listen_port, target.target, "unhealthy");
      }
    }
  }

  /** Whoever comes back later begins anew. */
  #forget(spec: BalancerSpec): void {
    const keys = spec.services.flatMap(({ listen_port }) =>
      spec.targets.map(({ target }) => keyOf(listen_port, target)),
    );
    const known = new Set(keys);
    for (const key of this.#reported.keys()) if (!known.has(key)) this.#reported.delete(key);
  }

  #report(listenPort: number, target: TargetHealth["target"], status: TargetHealth["status"], name?: string): void {
    const key = keyOf(listenPort, target);
    const last = this.#reported.get(key);
    this.#reported.set(key, { status, name });
    if (last?.status !== status) this.#settings.report({ listenPort, target, status });
  }
}

const keyOf = (listenPort: number, target: TargetHealth["target"]): string => `${listenPort} ${JSON.stringify(target)}`;
const nameOf = ({ backend, server }: ServerState): string => `${backend}/${server}`;

/** Everything but the targets: what only a reload can change. */
function settled(spec: BalancerSpec): string {
  return JSON.stringify([renderHaproxy({ ...spec, targets: [] }), [...spec.certificates]]);
}

/** The settings of each server by `backend/server`. */
function serversOf(spec: BalancerSpec): Map<string, string> {
  const served = spec.services.filter((service) => isServed(spec, service));
  return new Map(
    served.flatMap((service) =>
      reachable(spec.targets).map((target) => [
        `${backendName(service.listen_port)}/${serverName(target)}`,
        serverOptions(service, target),
      ]),
    ),
  );
}

function filesOf(spec: BalancerSpec, isSuspect: (server: string) => boolean): [string, ServiceFile][] {
  return [
    ...[...spec.certificates].map(([id, content]): [string, ServiceFile] => [
      balancerFiles.certificate(id),
      { content, mode: 0o600 },
    ]),
    [balancerFiles.states, { content: renderStates(spec, isSuspect) }],
    [balancerFiles.config, { content: renderHaproxy(spec) }],
  ];
}
