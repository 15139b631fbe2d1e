/** Which resources hold data, and how that is known. */
import { holdsData, statefulTypes } from "../catalogue/stateful-types.ts";
import type { Properties, Resource } from "../graph/model.ts";
import { dataClasses, packageOf, type Settings } from "../policies/index.ts";
import type { Guarded } from "./model.ts";
import { isReal, type Relations } from "./relations.ts";

export interface Holding {
  readonly because: Exclude<Guarded["because"], "unknown type">;
  readonly holds: string;
  readonly classes: readonly string[];
}

/** A resource as it is now, whatever the update makes of it. */
export function propertiesNow({ change, inputs }: Resource): Properties {
  return change?.before ?? inputs;
}

/** What it holds; undefined where nothing says that it holds anything. */
export function holdingOf(resource: Resource, relations: Relations, settings: Settings): Holding | undefined {
  const now = propertiesNow(resource);
  const classes = dataClasses({ ...resource, inputs: now }, settings);
  const byType = holdsData(resource.type);
  if (byType) return { because: "type", holds: byType.holds, classes };
  if (!isReal(resource)) return undefined;
  if (classes.length > 0 && keepsSomething(resource, relations))
    return { because: "label", holds: `data of class ${classes.join(", ")}`, classes };
  if (hasVolume(resource, relations))
    return { because: "volume", holds: "its own disk, and a running system on top of a volume with data", classes };
  if (now.backups === true) return { because: "backups", holds: "its own disk, which is worth backups", classes };
  const isEngineProtected = resource.protect || resource.change?.lifted?.includes("protect");
  if (isProtected(now) || (isEngineProtected && !FOLLOWER.test(resource.type)))
    return { because: "protection", holds: "something that was protected on purpose", classes };
  return undefined;
}

/**
 * A label of data classes says what a resource handles. Rules for packets keep nothing of it, and neither does what stands in a component whose input
 * `stateful` is false, as this project's machines without data say.
 */
function keepsSomething(resource: Resource, { ancestors }: Relations): boolean {
  if (/:Firewall(?:Attachment)?$/.test(resource.type)) return false;
  const component = ancestors(resource).at(-1);
  return component === undefined || propertiesNow(component).stateful !== false;
}

/** As protected as what they belong to, but nothing is in them. */
const FOLLOWER = /Attachment$|^pulumi:index:Stash$/;

const PROTECTIONS = [
  "deleteProtection",
  "deletionProtection",
  "deletionProtectionEnabled",
  "rebuildProtection",
] as const;

/** Protection at the provider. */
export function isProtected(properties: Properties): boolean {
  return PROTECTIONS.some((name) => properties[name] === true);
}

/** Protections that the update takes away, at the provider or of the engine's. */
export function liftedFrom({ inputs, change }: Resource): readonly string[] {
  const own = PROTECTIONS.filter((name) => change?.before?.[name] === true && inputs[name] !== true);
  return [...(change?.lifted ?? []), ...own];
}

const MACHINE = /:(?:Server|Instance|VirtualMachine|Droplet|Machine)$/;
const VOLUME = /volume|disk/i;

/** A machine that a volume, or the attachment of one, names. */
function hasVolume({ type, urn }: Resource, { users, byUrn }: Relations): boolean {
  if (!MACHINE.test(type)) return false;
  return (users.get(urn) ?? []).some(({ from }) => VOLUME.test(byUrn.get(from)?.type.split(":").at(-1) ?? ""));
}

/** Packages of which it is known which types hold data; of others nobody wrote it down. */
const COVERED: ReadonlySet<string> = new Set([
  ...statefulTypes.map(({ type }) => type.split(":")[0]!),
  "pulumi",
  "null",
  "time",
  "std",
]);

/** Whether nothing is known of what such types hold: then nobody may say that nothing is lost. */
export function isUnknownType(resource: Resource): boolean {
  return isReal(resource) && !COVERED.has(packageOf(resource.type));
}
