/** The rules' own examples, as programs that can be checked. The pages show them and tests run them. */

import type { Graph, Properties } from "../../graph/model.ts";
import { readPulumiYaml } from "../../graph/pulumi-yaml.ts";
import { parseYaml } from "../../graph/yaml.ts";
import { createRegister, parseRegister, type Register } from "../../register/register.ts";
import { type Exemptions, noExemptions, parseExemptions } from "../core/exemptions.ts";
import { parseSettings, type Settings } from "../core/settings.ts";

export interface Example {
  readonly graph: Graph;
  readonly settings: Settings;
  readonly register: Register;
  readonly exemptions: Exemptions;
}

/** An example: `resources:` as in Pulumi YAML, and what else a rule looks at beside it. */
export function readExample(text: string): Example {
  const beside = parseYaml(text, "example")[0]!.value as Record<string, unknown>;
  const { register, exemptions, settings, backend, secretsProvider } = beside;
  const graph = readPulumiYaml(resourcesOnly(text), "example");
  const run: Properties = {
    ...(typeof backend === "string" && { backend }),
    ...(typeof secretsProvider === "object" &&
      secretsProvider !== null && { secretsProvider: secretsProvider as Properties }),
  };
  return {
    // As a preview gives it: what a program alone does not say (its backend) is part of some examples.
    graph: { ...graph, source: { ...graph.source, kind: "events" }, settings: { ...graph.settings, ...run } },
    settings: parseSettings(settings),
    register: register === undefined ? createRegister([]) : parseRegister({ services: register }).register,
    exemptions: exemptions === undefined ? noExemptions : parseExemptions({ exemptions }, "exemptions.yaml"),
  };
}

/** The program without the parts that are no program's. */
function resourcesOnly(text: string): string {
  return `name: example\nruntime: yaml\n${text.slice(text.search(/^resources:/m))}`;
}
