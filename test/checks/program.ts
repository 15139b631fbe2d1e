/** Registers what a Pulumi YAML program lists, as a TypeScript program does: the same deployment in the other language. */
import { readFileSync } from "node:fs";
import { CustomResource, type Inputs, secret } from "@pulumi/pulumi";
import { parse } from "yaml";

interface Listed {
  readonly type: string;
  readonly properties?: Inputs;
  readonly options?: { readonly protect?: boolean };
}

class Resource extends CustomResource {}

const { resources } = parse(readFileSync(process.env.CHECKED_PROGRAM!, "utf8")) as {
  resources: Record<string, Listed>;
};

for (const [name, { type, properties = {}, options = {} }] of Object.entries(resources)) {
  const inputs = withSecrets(properties) as Inputs;
  new Resource(type, name, inputs, options);
}

function withSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ("fn::secret" in value) return secret(withSecrets(value["fn::secret"]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecrets(item)]));
}
