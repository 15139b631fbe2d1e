/** Values as the engine writes them into JSON, made values of the graph: secrets, unknowns, assets and references have marks there. */
import { InputError } from "./errors.ts";
import { COMPUTED, ELIDED, HIDDEN, type Properties, SECRET_TEXT, Secret, Unseen, type Value } from "./model.ts";

/** The property that marks an object as something else; sdk/go/common/resource/sig of the engine. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const BYTE_STRING = "803fd3297a5875dc03ca845dda5d2a98";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What stands where a value is known only after the deployment: of a text, boolean, number, list, object, asset, archive. */
const UNKNOWN: ReadonlySet<string> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
]);

/** What the event stream shows of a text asset. */
const ELIDED_TEXT = "<contents elided>";

/** Levels that a value may be nested; no resource has a tenth of it, and everybody who walks values may rely on it. */
export const MAX_DEPTH = 128;

type Raw = Record<string, unknown>;

/** Where a value stands, for errors. */
export interface Place {
  readonly source: string;
  readonly line?: number;
}

/**
 * Makes what JSON.parse gave a value. The given objects and lists are changed and used, not copied.
 * @throws {InputError} when it is nested deeper than {@link MAX_DEPTH}.
 */
export function toValue(raw: unknown, place: Place): Value {
  return convert(raw, place, 0);
}

/** The same of a resource's inputs or outputs; nothing (null, undefined) is no properties. */
export function toProperties(raw: unknown, place: Place): Properties {
  if (raw === null || raw === undefined) return {};
  return convertObject(raw as Raw, place, 0, true) as Properties;
}

/** Takes away what provider bridges note in outputs for themselves, which repeats secrets in part. */
export function withoutBookkeeping(outputs: Raw): Raw {
  if (!("__meta" in outputs || "__pulumi_raw_state_delta" in outputs)) return outputs;
  const { __meta, __pulumi_raw_state_delta, ...rest } = outputs;
  return rest;
}

function convert(raw: unknown, place: Place, depth: number): Value {
  if (typeof raw === "string") return convertText(raw);
  if (typeof raw !== "object" || raw === null) return raw as Value;
  if (depth > MAX_DEPTH)
    throw new InputError(place.source, `a value is nested deeper than ${MAX_DEPTH} levels`, place.line);
  if (!Array.isArray(raw)) return convertObject(raw as Raw, place, depth, false);
  for (let i = 0; i < raw.length; i++) {
    const item = raw[i];
    if (typeof item !== "number") raw[i] = convert(item, place, depth + 1);
  }
  return raw as Value[];
}

function convertText(text: string): Value {
  if (text.length === 36 && UNKNOWN.has(text)) return COMPUTED;
  return text === SECRET_TEXT ? HIDDEN : text;
}

function convertObject(given: Raw, place: Place, depth: number, plain: boolean): Value {
  const signature = given[SIGNATURE];
  if (typeof signature === "string" && !plain) {
    const special = SPECIAL[signature];
    if (special) return special(given, place, depth + 1);
  }
  const raw = isDefaults(given.__defaults) ? withoutDefaults(given) : given;
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (typeof value === "string" ? value.length === 36 || value === SECRET_TEXT : typeof value === "object") {
      raw[name] = convert(value, place, depth + 1);
    }
  }
  return raw as Properties;
}

/** The names of the properties that a provider bridge has filled in; anything else of that name is the program's own. */
function isDefaults(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && /^\w{0,100}$/.test(name));
}

function withoutDefaults({ __defaults, ...rest }: Raw): Raw {
  return rest;
}

/** A secret that is shown; one that holds nothing that can be seen is that. */
export function secret(value: Value): Value {
  return value instanceof Unseen || value instanceof Secret ? value : new Secret(value);
}

type Special = (raw: Raw, place: Place, depth: number) => Value;

const SPECIAL: Readonly<Record<string, Special | undefined>> = Object.assign(Object.create(null), {
  [SECRET_SIGNATURE]: convertSecret,
  [OUTPUT_VALUE]: convertOutput,
  [RESOURCE_REFERENCE]: convertMarked,
  [ASSET]: convertMarked,
  [ARCHIVE]: convertMarked,
  // Bytes that are no UTF-8: their base64 stays.
  [BYTE_STRING]: (raw: Raw) => (typeof raw.value === "string" ? raw.value : HIDDEN),
});

function convertSecret(raw: Raw, place: Place, depth: number): Value {
  if (typeof raw.plaintext === "string") return secret(convert(parsePlaintext(raw.plaintext), place, depth));
  return "value" in raw ? secret(convert(raw.value, place, depth)) : HIDDEN;
}

function parsePlaintext(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function convertOutput(raw: Raw, place: Place, depth: number): Value {
  if (!("value" in raw)) return COMPUTED;
  const value = convert(raw.value, place, depth);
  return raw.secret === true ? secret(value) : value;
}

/** Assets, archives and references are their parts: `text`, `path` or `uri`; `assets`; `urn` and `id`. */
function convertMarked({ [SIGNATURE]: _, hash, packageVersion, ...rest }: Raw, place: Place, depth: number): Value {
  if (rest.text === ELIDED_TEXT) return { text: ELIDED };
  return convertObject(rest, place, depth, true);
}

/**
 * The value, with every part that equals the other's put in its place: a stream repeats the same texts up to eight times.
 */
export function share(value: Value, like: Value | undefined): Value {
  if (value === like || like === undefined) return value === like ? (like as Value) : value;
  if (!isContainer(value) || !isContainer(like) || Array.isArray(value) !== Array.isArray(like)) return value;
  const own = value as Record<string, Value>;
  const other = like as Record<string, Value>;
  const names = Object.keys(own);
  let same = names.length === Object.keys(other).length;
  for (const name of names) {
    if (!Object.hasOwn(other, name)) {
      same = false;
      continue;
    }
    const shared = share(own[name]!, other[name]);
    if (shared !== other[name]) same = false;
    own[name] = shared;
  }
  return same ? like : value;
}

/**
 * Texts of an object that stand under the same name in another one become that one's: those just read are then let go of at once, and not
 * only when all has been read. Nothing else changes.
 */
export function shareTexts(raw: Raw, like: Readonly<Raw> | null | undefined): void {
  if (!like) return;
  for (const name of Object.keys(raw)) {
    const text = raw[name];
    if (typeof text === "string" && Object.hasOwn(like, name) && like[name] === text) raw[name] = like[name];
  }
}

function isContainer(value: Value): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Unseen) && !(value instanceof Secret);
}
