/** Names for the lab's machines: the API's zones by an authoritative server, and the provider's resolvers. */
import { setTimeout as sleep } from "node:timers/promises";
import { RRSETS, ZONES } from "../../../api/model-traffic.ts";
import { type ServiceFile, serviceFolder, TreeProcess } from "../in-tree.ts";
import { type LabService, reasonOf, type ServiceContext, soon } from "../service.ts";
import type { Delegations } from "./delegations.ts";
import { renderPdns, renderUnbound, renderZoneList } from "./render.ts";
import { type ServedZone, servedZones } from "./zones.ts";

export interface DnsSettings extends ServiceContext {
  /** Addresses of the services' namespace that resolvers answer at. */
  readonly resolvers: readonly string[];
  /** Address of the authoritative server there. */
  readonly authoritative: string;
  /** Names outside all zones that exist in the lab. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Zones that other name servers answer for. @default none */
  readonly delegations?: (() => Delegations) | undefined;
}

export interface DnsService extends LabService {
  /** Takes up what delegations say now. */
  readonly reload: () => void;
}

/** Milliseconds until the programs must answer after their start. */
const START_MS = 10_000;

/** Milliseconds until what went wrong is tried again. */
const RETRY_MS = 2000;

const KINDS: ReadonlySet<string> = new Set([ZONES.name, RRSETS.name]);

/** Serves the zones of the API, and resolves names as the provider's resolvers do, without ever asking outside. */
export function dns(settings: DnsSettings): DnsService {
  const { view, network, tree, log, resolvers, authoritative, hosts, delegations = () => ({}) } = settings;
  let pdns: TreeProcess | undefined;
  let unbound: TreeProcess | undefined;
  let served: ServedZone[] = [];

  const zoneFiles = (zones: readonly ServedZone[]): Record<string, ServiceFile> =>
    Object.fromEntries([
      ...zones.map(({ file, content }) => [file, { content }]),
      ["named.conf", { content: renderZoneList(zones) }],
    ]);
  const resolverConfig = (zones: readonly ServedZone[]): ServiceFile => ({
    content: renderUnbound({
      addresses: resolvers,
      authoritative,
      zones: zones.map(({ name }) => name),
      delegations: delegations(),
      hosts,
    }),
  });
  const program = (name: string) => ({
    tree,
    netns: network.services.netns,
    onLine: (line: string) => {
      if (/error|fatal|warning/i.test(line)) log(`${name}: ${line}`);
    },
    onEnd: (reason: string) => {
      log(`${name} ended: ${reason}`);
      setTimeout(() => again(), RETRY_MS).unref();
    },
  });

  const bring = async () => {
    const zones = servedZones(view);
    if (!pdns?.running) {
      pdns = await TreeProcess.start({
        ...program("DNS server"),
        argv: ["pdns_server", `--config-dir=${serviceFolder}`, "--daemon=no", "--guardian=no", "--write-pid=no"],
        files: { "pdns.conf": { content: renderPdns(authoritative) }, ...zoneFiles(zones) },
      });
      await answering(pdns, "DNS server", ["pdns_control", `--socket-dir=${serviceFolder}`, "rping"]);
    } else await reloadPdns(pdns, served, zones);
    if (!unbound?.running) {
      unbound = await TreeProcess.start({
        ...program("resolver"),
        argv: ["unbound", "-d", "-p", "-c", `${serviceFolder}/unbound.conf`],
        files: { "unbound.conf": resolverConfig(zones) },
      });
      await answering(unbound, "resolver", ["unbound-control", "-c", `${serviceFolder}/unbound.conf`, "status"]);
    } else {
      unbound.write("unbound.conf", resolverConfig(zones));
      // Also forgets all answers, so that a change shows at once.
      await unbound.run("unbound-control", "-c", `${serviceFolder}/unbound.conf`, "reload");
    }
    served = zones;
  };

  const reloadPdns = async (running: TreeProcess, before: readonly ServedZone[], zones: readonly ServedZone[]) => {
    for (const [name, file] of Object.entries(zoneFiles(zones))) running.write(name, file);
    const control = (...words: string[]) =>
      running.run("pdns_control", `--socket-dir=${serviceFolder}`, ...(words as [string]));
    await control("rediscover");
    for (const zone of zones) {
      const old = before.find(({ file }) => file === zone.file);
      if (old && old.content !== zone.content) await control("bind-reload-now", zone.name);
    }
    for (const { file } of before) if (!zones.some((zone) => zone.file === file)) running.remove(file);
  };

  let state: "new" | "started" | "stopped" = "new";
  const round = soon(bring, (error) => {
    log(`DNS: ${reasonOf(error)}`);
    setTimeout(again, RETRY_MS).unref();
  });
  const again = () => {
    if (state === "started") round.call();
  };
  return {
    name: "DNS",
    reload: again,
    start: async () => {
      await bring();
      state = "started";
      // What changed meanwhile.
      again();
    },
    changed: (changes) => {
      if (changes.some(({ kind }) => KINDS.has(kind))) again();
    },
    stop: async () => {
      state = "stopped";
      await round.idle();
      await Promise.all([pdns?.stop(), unbound?.stop()]);
    },
  };
}

/** Waits until a program answers its control program. */
async function answering(program: TreeProcess, name: string, argv: readonly [string, ...string[]]): Promise<void> {
  for (const until = Date.now() + START_MS; ; await sleep(50)) {
    try {
      await program.run(...argv);
      return;
    } catch (error) {
      if (program.running && Date.now() < until) continue;
      await program.stop();
      throw new Error(`the ${name} does not answer: ${reasonOf(error)}`);
    }
  }
}
