import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Hono } from "hono";
import type { ActionRecord } from "../api/core/actions.ts";
import { ApiError } from "../api/core/errors.ts";
import type { Change } from "../api/core/store.ts";
import type { LabDriver, LabView, MachineState } from "../api/driver.ts";
import { serverTypeOf } from "../api/kinds/server-types.ts";
import { SERVERS, userDataKey, VOLUMES } from "../api/model.ts";
import { performAction } from "./actions.ts";
import { mountMachines } from "./admin.ts";
import { type LabServices, openServices } from "./lab-services.ts";
import { kernelSettings } from "./machine/boot-script.ts";
import { Machine, type MachineSpec } from "./machine/machine.ts";
import type { Ending } from "./machine/nspawn.ts";
import type { Seed } from "./machine/root.ts";
import { decodeUserData, installedPackages, missingPackages, unpacked, wantedPackages } from "./machine/user-data.ts";
import { SERVICE_ADDRESSES } from "./network/names.ts";
import { type LabNetwork, openNetwork } from "./network/network.ts";
import { run } from "./run.ts";
import type { MachinesSettings } from "./settings.ts";
import { Volumes, volumeLink } from "./volumes.ts";
import { controlGroup } from "./world.ts";

export interface NspawnSettings extends MachinesSettings {
  /** The lab's folder: its name is the lab's. */
  readonly labFolder: string;
  /** Machines' disks, below it. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

const DEFAULT_VOLUME_GB = 12;
/** At the end of a lab, for all machines together. */
const STOP_LIMIT_MS = 20_000;

/** Statuses of servers whose machine is to run. */
const wantsMachine = new Set(["running", "starting", "unknown"]);

/** Real Debian machines by systemd-nspawn. To be run in a world of its own (`world.ts`). */
export function nspawnDriver(settings: NspawnSettings): LabDriver {
  let driver: Driver | undefined;
  const present = (): Driver => {
    if (!driver) throw new Error("the machines are not up yet");
    return driver;
  };
  return {
    name: "nspawn",
    start: async (view) => {
      driver = await Driver.open(settings, view);
      driver.bootAll();
    },
    changed: (changes) => driver?.changed(changes),
    perform: (action) => present().perform(action),
    machines: () => driver?.states() ?? [],
    routes: (app) => {
      mountMachines(app, present);
      app.all("/_lab/services/*", (c) => present().services(c.req.raw));
    },
    stop: () => driver?.close(),
  };
}

/** Kinds whose records the network depends on. */
const networkKinds = new Set([
  ...["servers", "networks", "attachments", "primary_ips", "floating_ips", "firewalls", "load_balancers"],
]);

class Driver {
  readonly view: LabView;
  readonly network: LabNetwork;
  readonly volumes: Volumes;
  readonly #settings: NspawnSettings;
  readonly #services: LabServices;
  readonly #servicesApp = new Hono();
  readonly #authority: Seed["authority"];
  readonly #imageSettings: readonly string[];
  readonly #installed: ReadonlySet<string>;
  readonly #machines = new Map<number, Machine>();
  readonly #removals = new Set<Promise<void>>();
  #closing = false;

  private constructor(
    settings: NspawnSettings,
    view: LabView,
    network: LabNetwork,
    services: LabServices,
    hash: string,
  ) {
    this.#settings = settings;
    this.view = view;
    this.network = network;
    this.volumes = new Volumes(join(settings.labFolder, "volumes"), settings.volumeGb ?? DEFAULT_VOLUME_GB, run);
    this.#services = services;
    this.#servicesApp.onError((error, c) => {
      const known = error instanceof ApiError ? error : new ApiError("server_error", reason(error));
      return c.json(known.toJSON(), known.status as 500);
    });
    services.routes?.(this.#servicesApp);
    this.#authority = services.authority === undefined ? undefined : { pem: services.authority, subjectHash: hash };
    this.#imageSettings = readImageSettings(settings.tree.root);
    this.#installed = installedPackages(readFileSync(join(settings.tree.root, "var/lib/dpkg/status"), "utf8"));
  }

  static async open(settings: NspawnSettings, view: LabView): Promise<Driver> {
    const { tree, labFolder, log, delays, uplink } = settings;
    mkdirSync(settings.folder, { recursive: true, mode: 0o755 });
    const network = await openNetwork({ view, tree, lab: basename(labFolder), delays, uplink, onProblem: log });
    const services = await openServices({ view, network, tree, folder: labFolder, log });
    await services.start();
    const hash =
      services.authority === undefined
        ? ""
        : await run(["chroot", tree.root, "openssl", "x509", "-noout", "-subject_hash"], { input: services.authority });
    return new Driver(settings, view, network, services, hash.trim());
  }

  /** In the background: the API answers meanwhile. What belongs to records that are gone is removed first. */
  bootAll(): void {
    const { store } = this.view;
    this.volumes.keepOnly(new Set(store.all(VOLUMES).map(({ id }) => id)));
    for (const name of readdirSync(this.#settings.folder)) {
      if (!store.get(SERVERS, Number(name)))
        rmSync(join(this.#settings.folder, name), { recursive: true, force: true });
    }
    for (const { id, status } of store.all(SERVERS)) if (wantsMachine.has(status)) this.#bootInBackground(id);
  }

  #bootInBackground(server: number): void {
    this.view.reportServerStatus(server, "starting");
    this.machine(server)
      .boot()
      .then(
        () => this.view.reportServerStatus(server, "running"),
        (error: unknown) => {
          this.#settings.log(`server ${server} could not boot: ${reason(error)}`);
          this.view.reportServerStatus(server, "off");
        },
      );
  }

  machine(server: number): Machine {
    let machine = this.#machines.get(server);
    if (!machine) {
      machine = new Machine(server, {
        folder: this.#settings.folder,
        tree: this.#settings.tree.root,
        group: controlGroup(this.#settings.labFolder),
        network: this.network,
        run,
        log: this.#settings.log,
        spec: (id) => this.#spec(id),
        lost: (id, ending) => this.#lost(id, ending),
      });
      this.#machines.set(server, machine);
    }
    return machine;
  }

  async #spec(id: number): Promise<MachineSpec> {
    const { store } = this.view;
    const server = store.get(SERVERS, id);
    if (!server) throw new Error(`server ${id} does not exist any more`);
    await this.checkUserData(id);
    // A volume goes from a machine that is being removed to this one: never to both.
    await Promise.all(this.#removals);
    const userData = this.#userData(id);
    const type = serverTypeOf(server.server_type);
    const volumes = store.by(VOLUMES, "server", id).sort((a, b) => a.id - b.id);
    return {
      seed: {
        server: id,
        hostname: server.name,
        userData,
        authorizedKeys: server.authorized_keys,
        nameservers: SERVICE_ADDRESSES.resolvers.slice(0, 3),
        authority: this.#authority,
      },
      limits: { memoryGb: type.memoryGb, cores: type.cores },
      facts: {
        volumes: await Promise.all(
          volumes.map(async (volume) => ({ device: await this.volumes.device(volume), link: volumeLink(volume.id) })),
        ),
        ownSettings: [...new Set([...this.#imageSettings, ...kernelSettings(unpacked(userData))])],
      },
    };
  }

  #userData(server: number): Buffer {
    return decodeUserData(this.view.store.blob(userDataKey(server)) ?? "");
  }

  /** @throws Error when a machine could not run a server's user data */
  async checkUserData(id: number): Promise<void> {
    const server = this.view.store.get(SERVERS, id);
    if (!server) return;
    let wanted: string[];
    try {
      wanted = wantedPackages(this.#userData(id));
    } catch (error) {
      throw new Error(`server ${server.name}: ${reason(error)}`);
    }
    const problem = missingPackages(server, wanted, this.#installed);
    if (problem) throw new Error(problem);
  }

  /** Endpoints of the services, under `/_lab/services`. */
  async services(request: Request): Promise<Response> {
    return this.#servicesApp.fetch(request);
  }

  /** Resolves when the machine of a server that is gone is removed. */
  async removed(server: number): Promise<void> {
    await this.#machines.get(server)?.remove();
  }

  /** A machine has ended by itself. */
  #lost(server: number, ending: Ending): void {
    if (this.#closing || !this.view.store.get(SERVERS, server)) return;
    if (ending === "reboot") {
      this.#bootInBackground(server);
      return;
    }
    this.#settings.log(`server ${server} has ended: ${ending === "poweroff" ? "powered off from within" : "lost"}`);
    const settled = this.machine(server).powerOff();
    settled
      .catch((error: unknown) => this.#settings.log(`server ${server}: ${reason(error)}`))
      .then(() => this.machine(server).leader === undefined && this.view.reportServerStatus(server, "off"));
  }

  changed(changes: readonly Change[]): void {
    const failed = (what: string) => (error: unknown) => this.#settings.log(`${what}: ${reason(error)}`);
    if (changes.some(({ kind }) => networkKinds.has(kind))) this.network.reconcile().catch(failed("network"));
    this.#services.changed(changes);
    for (const { kind, id, after } of changes) {
      if (after !== undefined) continue;
      if (kind === SERVERS.name) {
        const removal = this.machine(id)
          .remove()
          .catch(failed(`server ${id}`))
          .finally(() => {
            this.#removals.delete(removal);
            this.#machines.delete(id);
          });
        this.#removals.add(removal);
      }
      if (kind === VOLUMES.name) this.volumes.remove(id).catch(failed(`volume ${id}`));
    }
  }

  perform(action: ActionRecord): Promise<void> | undefined {
    return performAction(this, action);
  }

  states(): MachineState[] {
    return [...this.#machines.values()]
      .filter((machine) => machine.leader !== undefined)
      .map((machine) => ({ server: machine.server, booted: machine.bootState().booted }));
  }

  async close(): Promise<void> {
    this.#closing = true;
    const failed = (error: unknown) => this.#settings.log(`at the end: ${reason(error)}`);
    await Promise.all([...this.#machines.values()].map((machine) => machine.shutDown(STOP_LIMIT_MS).catch(failed)));
    await this.#services.stop().catch(failed);
    await this.volumes.close().catch(failed);
    await this.network.close().catch(failed);
  }
}

/** Settings of the kernel that the image's packages make at each boot. */
function readImageSettings(root: string): string[] {
  const folder = join(root, "usr/lib/sysctl.d");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".conf")) : [];
  return files.flatMap((name) => kernelSettings(readFileSync(join(folder, name), "utf8")));
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
