/** The reference of the configuration as Markdown: made from the schema that checks it. */
import { configSchema, type JsonSchema } from "./json-schema.ts";

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly text: string;
}

/** Longest list of values that is written out in full. */
const LISTED = 12;

const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

function typeOf(schema: JsonSchema): string {
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (isSecret(schema)) return "secret";
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum)
    return schema.enum.length > LISTED ? `one of ${schema.enum.length} names` : schema.enum.map(code).join(", ");
  if (alternatives) return [...new Set(alternatives.map(typeOf))].join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeOf(schema.items) : "values"}`;
  if (schema.type === "integer" || schema.type === "number") return `number ${schema.minimum}–${schema.maximum}`;
  return schema.type ?? "value";
}

const isSecret = (schema: JsonSchema): boolean => schema.properties?.secure !== undefined;

const isEmptyObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

function fallbackOf(schema: JsonSchema, required: boolean): string {
  if (schema.default !== undefined && !isEmptyObject(schema.default)) return code(schema.default);
  return required ? "**required**" : "";
}

/** The key and everything below it, one row each; alternatives are told apart by their `kind`. */
function rows(key: string, schema: JsonSchema, required: boolean): Row[] {
  const own: Row = {
    key,
    type: typeOf(schema),
    fallback: fallbackOf(schema, required),
    text: schema.description ?? "",
  };
  const alternatives = schema.oneOf ?? schema.anyOf ?? [];
  const below = isSecret(schema) ? [] : [schema, ...alternatives].flatMap((part) => childRows(key, part));
  return [own, ...kindRow(key, alternatives), ...below];
}

/** Which alternatives there are. */
function kindRow(key: string, alternatives: readonly JsonSchema[]): Row[] {
  const kinds = alternatives.flatMap((part) => part.properties?.kind?.const ?? []);
  if (kinds.length === 0) return [];
  const texts = alternatives.flatMap(({ properties }) => {
    const { const: name, description } = properties?.kind ?? {};
    return description ? [`${name}: ${description}`] : [];
  });
  return [{ key: `${key}.kind`, type: kinds.map(code).join(", "), fallback: "**required**", text: texts.join(". ") }];
}

function childRows(key: string, schema: JsonSchema): Row[] {
  const kind = schema.properties?.kind?.const;
  const when = kind === undefined ? "" : ` (${kind})`;
  const required = new Set(schema.required ?? []);
  const properties = Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== "kind")
    .flatMap(([name, child]) => rows(`${key}.${name}`, child, required.has(name)));
  const items = schema.items ? childRows(`${key}[]`, schema.items) : [];
  const choices = schema.items?.oneOf ?? schema.items?.anyOf ?? [];
  const alternatives = [...kindRow(`${key}[]`, choices), ...choices.flatMap((part) => childRows(`${key}[]`, part))];
  const values =
    typeof schema.additionalProperties === "object" && isSecret(schema.additionalProperties)
      ? rows(`${key}.NAME`, schema.additionalProperties, false)
      : [];
  return [...properties, ...items, ...alternatives, ...values].map((row) => ({ ...row, text: row.text + when }));
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function section(key: string, schema: JsonSchema, required: boolean): string {
  const table = rows(key, schema, required).map(
    (row) => `| \`${row.key}\` | ${cell(row.type)} | ${cell(row.fallback)} | ${cell(row.text.trim())} |`,
  );
  return [`## ${key}`, "", "| key | takes | default | |", "| --- | --- | --- | --- |", ...table, ""].join("\n");
}

/** docs/config.md */
export function renderReference(): string {
  const { properties = {}, required = [] } = configSchema();
  return `# Configuration

Made from the schema in \`stacks/config/schema.ts\` by \`npm run generate\`.

A stack's configuration is \`stacks/config/Pulumi.<stack>.yaml\`; each key below stands under \`config:\` with the prefix
\`sovereign:\`. \`npx sovereign config check\` reports every problem at once. Editors that know YAML complete and check the file
when its first line is \`# yaml-language-server: $schema=./schema.json\`. Secrets stand in the file only encrypted:
\`npx pulumi config set --secret --path 'sovereign:KEY'\`.

${Object.entries(properties)
  .map(([key, schema]) => section(key, schema, required.includes(key)))
  .join("\n")}`;
}
