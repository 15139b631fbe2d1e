/** The JSON Schema of a `Pulumi.<stack>.yaml`, for editors: made from the schema that checks the configuration. */
import { z } from "zod";
import { secretPaths, stackSchema } from "./schema.ts";

export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [keyword: string]: unknown;
}

/** The configuration itself, as written by people: with defaults, none of them required. */
export function configSchema(): JsonSchema {
  const schema = z.toJSONSchema(stackSchema, { io: "input", target: "draft-7" }) as JsonSchema;
  return secretPaths.reduce((result, path) => edit(result, path.split("."), encrypted), schema);
}

/** What may stand where a secret belongs: only its encrypted form. */
function encrypted(secret: JsonSchema): JsonSchema {
  return {
    type: "object",
    description: [secret.description, "Encrypted: `pulumi config set --secret --path`"].filter(Boolean).join(". "),
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
  };
}

/** Changes the schema at a path, in every alternative that has it. */
function edit(schema: JsonSchema, path: readonly string[], change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const [key, ...rest] = path;
  if (key === undefined) return change(schema);
  const inside = (child: JsonSchema) => edit(child, rest, change);
  const alternatives = (of: "oneOf" | "anyOf") =>
    schema[of] ? { [of]: schema[of].map((alternative) => edit(alternative, path, change)) } : {};
  const property = schema.properties?.[key];
  return {
    ...schema,
    ...alternatives("oneOf"),
    ...alternatives("anyOf"),
    ...(property ? { properties: { ...schema.properties, [key]: inside(property) } } : {}),
    ...(key === "*" && schema.items ? { items: inside(schema.items) } : {}),
    ...(key === "*" && typeof schema.additionalProperties === "object"
      ? { additionalProperties: inside(schema.additionalProperties) }
      : {}),
  };
}

/** The whole file: the project's keys with their namespace, whatever other namespaces hold, and the engine's own keys. */
export function stackFileSchema(): JsonSchema {
  const { $schema, properties = {}, required = [] } = configSchema();
  const named = (key: string) => `sovereign:${key}`;
  return {
    $schema,
    title: "Configuration of a stack",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [named(key), schema])),
        required: required.map(named),
        patternProperties: { "^(?!sovereign:)[^:]+:": {} },
        additionalProperties: false,
      },
      encryptionsalt: { type: "string" },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
    },
    required: ["config"],
    additionalProperties: true,
  };
}

export function renderStackFileSchema(): string {
  return `${JSON.stringify(stackFileSchema(), undefined, 2)}\n`;
}
