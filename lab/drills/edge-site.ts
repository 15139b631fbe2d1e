/** What drills find out about an edge site: from the machine itself, as it serves. */
import { DrillError } from "./errors.ts";
import { paths } from "./platform.ts";
import type { Machine, World } from "./world.ts";

/** A static cache at the edge. */
export interface EdgeSite {
  readonly location: string;
  readonly machines: readonly Machine[];
  /** Public ones, of its machines. */
  readonly addresses: readonly string[];
  /** Its public name. */
  readonly domain: string;
  /** The core's. */
  readonly core: string;
  /** What it serves, such as `/assets/`. */
  readonly path: string;
}

/** Names in nginx's configuration of a static cache; undefined for one that is none, or speaks no TLS. */
export function readSite(config: string): Pick<EdgeSite, "domain" | "core" | "path"> | undefined {
  const first = (pattern: RegExp) => pattern.exec(config)?.[1];
  const domain = first(/listen 443 ssl;[^}]*?server_name ([a-z0-9.-]+);/);
  const core = first(/set \$core ([a-z0-9.-]+);/);
  const path = first(/location \^~ (\/\S*\/) \{/);
  return domain && core && path ? { domain, core, path } : undefined;
}

/** The first static cache. @throws DrillError where none runs */
export async function findSite(world: World): Promise<EdgeSite> {
  const all = (await world.machines()).filter(({ role }) => role === "edge");
  const [first] = all;
  if (!first) throw new DrillError("the stack has no edge site");
  const machines = all.filter(({ location }) => location === first.location);
  const ran = await world.run(first, ["cat", paths.nginxConfig]);
  const site = readSite(ran.stdout);
  if (!site)
    throw new DrillError(`${first.name} is no static cache with TLS: ${ran.stderr.trim() || "nginx serves otherwise"}`);
  return { location: first.location, machines, addresses: machines.flatMap((m) => m.publicAddress ?? []), ...site };
}

/** What is wrong with the copies that a site's machines have; visitors ask one of them, so the others may have none. */
export function copiesProblem(
  counted: readonly { readonly name: string; readonly personal: number; readonly all: number }[],
): string | undefined {
  const leaking = counted.find(({ personal }) => personal > 0);
  if (leaking) return `${leaking.personal} of ${leaking.all} copies on ${leaking.name}`;
  return counted.some(({ all }) => all > 0) ? undefined : "no machine has copies at all";
}
