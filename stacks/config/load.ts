import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeConfig from "@pulumi/pulumi/runtime/config.js";
import { explainSecretInClear, secretsIn } from "./explain.ts";
import { secretsInClear } from "./file.ts";
import { parseStackConfig, renderProblems } from "./parse.ts";
import type { StackConfig } from "./schema.ts";

const namespace = "sovereign:";

/** Exported by the SDK but not declared: the only way to tell a value that the config keeps encrypted. */
const { isConfigSecret } = runtimeConfig as unknown as { isConfigSecret(key: string): boolean };

/** Structured values reach the program as JSON, plain ones as they are. */
function decode(text: string): unknown {
  if (!/^[[{]/.test(text)) return text === "true" ? true : text === "false" ? false : text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What the engine does not tell: it calls a key encrypted when a part of it is. The stack's own file knows each part. */
function inClearInFile(folder: string, stack: string): readonly string[] {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  return /^[\w.-]+$/.test(stack) && existsSync(file) ? secretsInClear(readFileSync(file, "utf8")) : [];
}

/**
 * The configuration of the stack that is being deployed.
 * @param folder where `Pulumi.<stack>.yaml` lies, unless the engine was given another with --config-file: then a secret in
 *   clear beside an encrypted one is not noticed
 * @throws {pulumi.RunError} with every problem, among them secrets that stand in the config in clear
 */
export function loadStackConfig(folder = import.meta.dirname): StackConfig {
  const input = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(namespace))
      .map(([key, text]) => [key.slice(namespace.length), decode(text)]),
  );
  const stack = pulumi.getStack();
  const parsed = parseStackConfig(input);
  const inClear = secretsIn(input)
    .filter(([key]) => !isConfigSecret(`${namespace}${String(key)}`))
    .map((path) => explainSecretInClear(path));
  const problems = [...(parsed.ok ? [] : parsed.problems), ...new Set([...inClear, ...inClearInFile(folder, stack)])];
  if (!parsed.ok || problems.length) throw new pulumi.RunError(renderProblems(stack, problems));
  return parsed.config;
}
