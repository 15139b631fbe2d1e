/** Machines with data, as the engine's state has them. */
import { locationNames } from "../../catalogue/hetzner/locations.ts";
import type { Deployment, StateResource } from "../demo/state.ts";
import { nameOf } from "../lab/progress.ts";

/** Roles whose machines hold data: a replacement is asked for, and never happens by itself. */
export const ROLES = ["postgres", "etcd", "redis", "monitoring", "gateway"] as const;
export type RolloutRole = (typeof ROLES)[number];

/** A machine as the last update left it. */
export interface HostState {
  readonly name: string;
  readonly role: string;
  readonly location: string;
  /** Its place in a list of generations, from 0: among all of its role, or among those of its location where each has its own. */
  readonly index: number;
  /** Whether all of it is there: an update that was killed may have deleted a machine and not made it anew. */
  readonly isComplete: boolean;
  /** Whether the engine refuses to replace it. */
  readonly isProtected: boolean;
  /** Whether the protection of any part of it is lifted: an update that was killed may have come to some of them alone. */
  readonly isLifted: boolean;
  /** Its generation; undefined while it is not there. */
  readonly generation: number | undefined;
  /** Public IPv4 address; undefined while it is not there, or without one. */
  readonly publicAddress: string | undefined;
  /** Private address from the plan. */
  readonly privateAddress: string | undefined;
  readonly serverType: string | undefined;
  /** What an update of this machine alone is about. */
  readonly urns: readonly string[];
}

const TYPES = {
  host: "sovereign:host:Host",
  server: "hcloud:index/server:Server",
  stash: "pulumi:index:Stash",
  volume: "hcloud:index/volume:Volume",
  attachment: "hcloud:index/volumeAttachment:VolumeAttachment",
} as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function labelOf(resource: StateResource | undefined, label: string): string | undefined {
  const labels = resource?.inputs?.labels;
  return isRecord(labels) ? textOf(labels[label]) : undefined;
}

function plannedAddress(server: StateResource | undefined): string | undefined {
  const networks = server?.inputs?.networks;
  const [first] = Array.isArray(networks) ? networks : [];
  return isRecord(first) ? textOf(first.ip) : undefined;
}

/** Every machine with data of a stack, by name. */
export function hostsOf(state: Deployment): HostState[] {
  // What was deleted to be made anew stays in the state, marked, until it is.
  const live = (state.deployment.resources ?? []).filter(
    (resource) => !resource.delete && resource.pendingReplacement !== true,
  );
  return live
    .filter((resource) => resource.type === TYPES.host)
    .flatMap((host) =>
      hostOf(
        host,
        live.filter((resource) => resource.parent === host.urn),
      ),
    )
    .sort((a, b) => placeOf(a.name) - placeOf(b.name))
    .map((host, _, all) => {
      const peers = all.filter(
        ({ role, location }) => role === host.role && (role !== "redis" || location === host.location),
      );
      return { ...host, index: peers.indexOf(host) };
    });
}

/** As components make them: location by location in the provider's order. A list of generations is in this order. */
function placeOf(name: string): number {
  const [, location, ordinal] = /-([a-z]{3}\d?)-(\d+)$/.exec(name) ?? [];
  return (locationNames as readonly string[]).indexOf(location ?? "") * 1000 + Number(ordinal ?? 0);
}

/** `<stack>-<role>-<location>-<ordinal>` */
const inName = (name: string): { role?: string; location?: string } =>
  /-(?<role>[a-z]+)-(?<location>[a-z]{3}\d?)-\d+$/.exec(name)?.groups ?? {};

/** None for one that is replaced freely: it has neither a volume nor a generation. */
function hostOf(host: StateResource, children: readonly StateResource[]): HostState[] {
  const name = nameOf(host.urn);
  const child = (type: string) => children.find((resource) => resource.type === type);
  const [server, stash, volume] = [child(TYPES.server), child(TYPES.stash), child(TYPES.volume)];
  const attachment = child(TYPES.attachment);
  const role = labelOf(server, "role") ?? labelOf(volume, "role") ?? inName(name).role;
  // Without any of its parts its name alone says what it was: an update was killed between deleting it and making it anew.
  if ((server && !stash && !volume) || role === undefined) return [];
  const parts = [stash, server, ...(volume ? [attachment] : [])];
  const trigger = stash?.replacementTrigger;
  // As the engine writes a resource of a component: the parent's type, `$`, its own type.
  const urn = (type: string, own: string) => `${host.urn.slice(0, -name.length - 2)}$${type}::${own}`;
  return [
    {
      name,
      role,
      location: inName(name).location ?? "",
      index: 0,
      isComplete: parts.every(Boolean),
      isProtected: parts.some((part) => part?.protect === true),
      isLifted: parts.some((part) => part !== undefined && part.protect !== true),
      generation: typeof trigger === "number" ? trigger : undefined,
      publicAddress: textOf(server?.outputs?.ipv4Address),
      privateAddress: plannedAddress(server),
      serverType: textOf(server?.inputs?.serverType),
      urns: [
        // What it says of itself for policies and reviews changes with it.
        host.urn,
        urn(TYPES.stash, `${name}-generation`),
        urn(TYPES.server, name),
        ...(volume ? [urn(TYPES.attachment, `${name}-data`)] : []),
      ],
    },
  ];
}
