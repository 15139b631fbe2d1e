/** Saved states: `pulumi stack export`, and the checkpoint files of self-managed backends (format version 3). */

import { isObject, listAt, objectAt, type RawObject, stateAt, textAt, urnAt } from "./checks.ts";
import { aliases, describe, identity, outputsOf } from "./entry.ts";
import { InputError } from "./errors.ts";
import { MAX_RESOURCES, stackOf } from "./events.ts";
import { parseJson } from "./json.ts";
import { maskSecrets } from "./mask.ts";
import type { Graph, Properties, Resource } from "./model.ts";
import { type Place, share, toProperties } from "./values.ts";

/** The version of deployments that engines have written since 2018. Version 4 is 3 with features that it names. */
const VERSIONS: ReadonlySet<unknown> = new Set([3, 4]);

/**
 * Reads a state. Secrets that are encrypted are hidden; with `--show-secrets` they are secrets that rules may look into.
 * @throws {InputError} for anything else than a whole state.
 */
export function readState(text: string, name: string): Graph {
  const root = objectAt(parseJson(text, name), "a state", { source: name });
  const { deployment, version } = deploymentOf(root, name);
  if (!VERSIONS.has(version)) {
    throw new InputError(
      name,
      `a state of version ${shown(version)} cannot be read: it must be 3 or 4; export it anew`,
    );
  }
  const { resources, waiting } = resourcesOf(deployment, name);
  const stack = stackOf(resources);
  const pending = listAt(deployment.pending_operations, "pending_operations", { source: name }).length;
  return {
    source: { kind: "state", name, ...(stack && { stack: stack.name, project: stack.project }) },
    resources,
    settings: settingsOf(deployment, name),
    limits: [
      "a state tells what is there, not what a program would change",
      "a state does not name the backend that holds it",
      ...(waiting.length ? [`replaced, but not deleted yet, and not looked at: ${waiting.join(", ")}`] : []),
      ...(pending ? [`${pending} operations were interrupted: what they made may be missing`] : []),
    ],
  };
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : "unknown number";
}

/** An export holds `deployment`; a backend's file holds a `checkpoint` with its `latest`. */
function deploymentOf(root: RawObject, name: string): { deployment: RawObject; version: unknown } {
  const place = { source: name };
  if (isObject(root.checkpoint)) {
    const latest = root.checkpoint.latest;
    if (latest === undefined || latest === null) return { deployment: {}, version: root.version };
    return { deployment: objectAt(latest, "checkpoint.latest", place), version: root.version };
  }
  if (isObject(root.deployment)) return { deployment: root.deployment, version: root.version };
  throw new InputError(
    name,
    'this is no state: it has neither "deployment" nor "checkpoint"; make one with pulumi stack export',
  );
}

function resourcesOf(deployment: RawObject, name: string): { resources: Resource[]; waiting: string[] } {
  const list = listAt(deployment.resources, "deployment.resources", { source: name });
  if (list.length > MAX_RESOURCES) throw new InputError(name, `more than ${MAX_RESOURCES} resources`);
  const found = new Map<string, Resource>();
  const leftovers: Resource[] = [];
  for (const [index, raw] of list.entries()) {
    const resource = resourceOf(raw, index, name);
    if ((raw as RawObject).delete === true) leftovers.push(resource);
    else if (found.has(resource.urn)) {
      throw new InputError(name, `resources[${index}] has the URN of one before it: ${maskSecrets(resource.urn)}`);
    } else found.set(resource.urn, resource);
  }
  const waiting: string[] = [];
  for (const resource of leftovers) {
    if (found.has(resource.urn)) waiting.push(resource.name + (resource.id ? ` (${resource.id})` : ""));
    else found.set(resource.urn, resource);
  }
  return { resources: [...found.values()], waiting };
}

function resourceOf(raw: unknown, index: number, name: string): Resource {
  const label = `resources[${index}]`;
  const place: Place = { source: `${name}, ${label}` };
  const state = stateAt(objectAt(raw, label, { source: name }), label, { source: name })!;
  const urn = urnAt(state.urn, `${label}.urn`, { source: name });
  const inputs = toProperties(state.inputs, place);
  const outputs = state.outputs ? outputsOf(state.outputs, place, inputs) : undefined;
  return {
    ...describe(urn, textAt(state.type, `${label}.type`, { source: name }), state, label),
    inputs: outputs ? (share(inputs, outputs) as Properties) : inputs,
    ...(outputs && { outputs }),
    ...identity(state.id),
    aliases: aliases(urn, undefined, state),
  };
}

/** Who keeps the secrets, without what opens them. */
function settingsOf(deployment: RawObject, name: string): Properties {
  const provider = deployment.secrets_providers;
  if (!isObject(provider) || typeof provider.type !== "string") return {};
  const state = isObject(provider.state) ? provider.state : {};
  const { salt, encryptedkey, encryptedKey, ...open } = state;
  return { secretsProvider: { type: provider.type, ...toProperties(open, { source: name }) } };
}
