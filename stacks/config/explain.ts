import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { discreetPaths, secretPaths } from "./schema.ts";

type Path = readonly PropertyKey[];

/** Longest value shown in a message. */
const shown = 60;

/** Whether a path begins like a pattern, where `*` is any key. */
const begins = (path: Path, pattern: string): boolean => {
  const parts = pattern.split(".");
  return path.length <= parts.length && path.every((key, i) => parts[i] === "*" || parts[i] === String(key));
};

export const isSecretPath = (path: Path): boolean =>
  secretPaths.some((secret) => path.length === secret.split(".").length && begins(path, secret));

/** A secret, or where one ends up that was put a level too high: `secretEnvironment: "KEY=..."`. */
const mayHoldSecret = (path: Path): boolean =>
  [...secretPaths, ...discreetPaths].some((secret) => begins(path, secret));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as never)[key] : undefined,
    root,
  );
}

/** Stands in for a key that nobody chose as a name. */
const hiddenKey = "[key]";

/** A variable's name may be shown, unless it looks like a token that was put where its name belongs. */
const isVariableName = (key: string): boolean => /^[A-Z][A-Z0-9_]{0,60}$/.test(key) && !/[A-Z0-9]{16}/.test(key);

/** A misspelt key of ours may be shown: words without digits. A secret that was put in its place may not. */
const isWord = (key: string): boolean => /^[A-Za-z][A-Za-z_-]{0,31}$/.test(key);

/** A key that stands under a pattern's `*`, which whoever writes the configuration makes up. */
const isMadeUp = (path: Path): boolean =>
  [...secretPaths, ...discreetPaths].some(
    (secret) => secret.split(".")[path.length - 1] === "*" && begins(path, secret),
  );

/** A path as people write it: `admin.cidrs[0].country`. */
export function renderPath(path: Path): string {
  return path.reduce<string>((text, key, i) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const made = isMadeUp(path.slice(0, i + 1));
    const showable = made ? isVariableName(String(key)) : /^[\w.@-]{1,64}$/.test(String(key));
    const name = showable ? String(key) : hiddenKey;
    return text ? `${text}.${name}` : name;
  }, "");
}

/** Whether two paths may be rendered alike. */
export const isClipped = (path: Path): boolean => renderPath(path).includes(hiddenKey);

/** A value for a message: shortened, on one line, and never a secret. */
function renderValue(value: unknown, path: Path): string {
  if (isSecretPath(path)) return "[secret]";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return "an object";
  if (mayHoldSecret(path) && typeof value !== "boolean" && value !== null && value !== "") return "[secret]";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (String(text).includes("PRIVATE KEY")) return "[secret]";
  const line = [...String(text)].map((c) => (c < " " || c === "\u007f" ? "?" : c)).join("");
  return line === "" ? '""' : line.length > shown ? `${line.slice(0, shown)}…` : line;
}

const quoted = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(", ");

function keysAt(schema: z.ZodType, path: Path, root: unknown): string[] {
  let current: z.ZodType | undefined = schema;
  let at: unknown = root;
  for (const key of [...path, undefined]) {
    while (current && "unwrap" in current && !(current instanceof z.ZodArray))
      current = (current as unknown as { unwrap(): z.ZodType }).unwrap();
    if (current instanceof z.ZodDiscriminatedUnion || current instanceof z.ZodUnion) {
      const options = current.options as z.ZodType[];
      current = options.find(
        (option) =>
          option instanceof z.ZodObject &&
          (!isRecord(at) ||
            at.kind === undefined ||
            (option.shape.kind as z.ZodType | undefined)?.safeParse(at.kind).success),
      );
    }
    if (key === undefined) return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
    current =
      current instanceof z.ZodObject
        ? current.shape[key as string]
        : current instanceof z.ZodArray
          ? (current.element as z.ZodType)
          : undefined;
    at = valueAt(at, [key]);
  }
  return [];
}

const counted = (n: number | bigint, unit: string): string => `${n} ${unit}${n === 1 || n === 1n ? "" : "s"}`;

function sizeProblem(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, value: unknown): string {
  const small = issue.code === "too_small";
  const limit = small ? issue.minimum : issue.maximum;
  if (issue.origin === "array")
    return `has ${small ? "fewer" : "more"} than ${counted(BigInt(limit), "entry").replace(/entrys$/, "entries")}`;
  if (issue.origin === "string")
    return small && value === ""
      ? "is empty"
      : `is ${small ? "shorter" : "longer"} than ${counted(BigInt(limit), "character")}`;
  return `is ${small ? "less" : "more"} than ${limit}`;
}

function problem(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected === "int"
        ? "is not a whole number"
        : `is not ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
    case "too_small":
    case "too_big":
      return sizeProblem(issue, value);
    case "invalid_value":
      return issue.message.startsWith("Invalid") ? `is not one of ${quoted(issue.values)}` : issue.message;
    case "invalid_union": {
      const values = issue.errors.flat().flatMap((e) => (e.code === "invalid_value" ? e.values : []));
      if ("options" in issue && Array.isArray(issue.options)) return `is not one of ${quoted(issue.options)}`;
      return values.length && issue.message.startsWith("Invalid")
        ? `is not one of ${quoted([...new Set(values)])}`
        : issue.message;
    }
    case "invalid_format":
      return issue.format === "starts_with"
        ? `does not begin with ${(issue as { prefix?: string }).prefix}`
        : issue.message.startsWith("Invalid")
          ? `is not a valid ${issue.format}`
          : issue.message;
    default:
      return issue.message;
  }
}

/** Everything that is wrong with a configuration, one line each, in the order of the schema: `app.servers: 0 is less than 1`. */
export function explainIssues(schema: z.ZodType, error: z.ZodError, input: unknown): string[] {
  return error.issues.flatMap((issue): string[] => {
    if (issue.code === "unrecognized_keys") {
      const known = keysAt(schema, issue.path, input);
      return issue.keys.map((key) => {
        const nearest = known.length ? closest(key, known) : undefined;
        const hint =
          nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 3)
            ? `; did you mean ${nearest}?`
            : known.length
              ? `; known are ${known.join(", ")}`
              : "";
        const name = isWord(key) ? key : hiddenKey;
        return `${[renderPath(issue.path), name].filter(Boolean).join(".")}: is not a known key${hint}`;
      });
    }
    if (issue.code === "invalid_key")
      return [`${renderPath(issue.path)}: ${issue.issues[0] ? problem(issue.issues[0], undefined) : issue.message}`];
    // A union's branch that got furthest says more than "matches none".
    if (issue.code === "invalid_union" && isRecord(valueAt(input, issue.path))) {
      const branch = issue.errors.find(
        (issues) => issues.length > 0 && issues.every((i) => i.path.length > 0 || i.code === "unrecognized_keys"),
      );
      if (branch) {
        return explainIssues(
          schema,
          new z.ZodError(branch.map((i) => ({ ...i, path: [...issue.path, ...i.path] }))),
          input,
        );
      }
    }
    const value = valueAt(input, issue.path);
    const path = renderPath(issue.path) || "configuration";
    return value === undefined
      ? [`${path}: is missing${missingHint(issue)}`]
      : [`${path}: ${renderValue(value, issue.path)} ${problem(issue, value)}`];
  });
}

function missingHint(issue: z.core.$ZodIssue): string {
  // A check of ours says itself why it has to be there.
  if (issue.code === "custom") return /^is missing(.*)$/s.exec(issue.message)?.[1] ?? "";
  if (issue.code === "invalid_value") return `; one of ${quoted(issue.values)}`;
  if (issue.code === "invalid_type")
    return `; expected ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
  return "";
}

/** Paths of secrets that stand in an object, with whether they are set. */
export function secretsIn(value: unknown, path: readonly PropertyKey[] = []): PropertyKey[][] {
  if (typeof value !== "object" || value === null) return isSecretPath(path) && value !== undefined ? [[...path]] : [];
  return Object.entries(value).flatMap(([key, child]) =>
    secretsIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** What is wrong with a secret that anybody who reads the file can read. */
export function explainSecretInClear(path: Path): string {
  const where = renderPath(path);
  return `${where}: is a secret in clear; take it out of the file, consider it known, and set a new one: pulumi config set --secret --path 'sovereign:${where}'`;
}
