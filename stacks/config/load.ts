import * as pulumi from "@pulumi/pulumi";
import * as runtimeConfig from "@pulumi/pulumi/runtime/config.js";
import { explainSecretInClear, secretsIn } from "./explain.ts";
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

/**
 * The configuration of the stack that is being deployed.
 * @throws {pulumi.RunError} with every problem, among them secrets that stand in the config in clear
 */
export function loadStackConfig(): StackConfig {
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
  const problems = [...(parsed.ok ? [] : parsed.problems), ...inClear];
  if (!parsed.ok || problems.length) throw new pulumi.RunError(renderProblems(stack, problems));
  return parsed.config;
}
