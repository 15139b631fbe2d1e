/** What a pack knows between the engine's questions. */
import { resolve } from "node:path";
import type { PolicyResource } from "@pulumi/policy";
import { InputError } from "../../graph/errors.ts";
import type { Graph, Properties } from "../../graph/model.ts";
import { CatalogueError } from "../catalogue/files.ts";
import { todayUtc } from "../core/dates.ts";
import { type Check, createCheck, type EvaluateOptions, settleExemptions } from "../core/evaluate.ts";
import type { Settings } from "../core/settings.ts";
import type { Finding, PackName } from "../core/types.ts";
import { extract } from "../endpoints/index.ts";
import { loadPolicyInputs, type PolicyInputs, settingsOf } from "../files.ts";
import { packs } from "../rules/index.ts";
import { projectFolder, within } from "./folder.ts";
import { emptyGraph, grown, toResource, withDependencies } from "./resources.ts";

/** What `--policy-pack-config` says for the policy named like its pack. */
export interface PackConfig {
  /** Settings in place, instead of a file. */
  readonly settings?: unknown;
  /** Folder of policy-settings.yaml, approved-services.yaml and exemptions.yaml, and what other paths are relative to. @default the project */
  readonly folder?: string;
  readonly register?: string;
  readonly exemptions?: string;
  readonly catalogue?: readonly string[];
}

/** One process of the engine: a preview, and the update after it. */
export class PackRun {
  readonly #pack: PackName;
  #inputs: PolicyInputs | undefined;
  #check: Check | undefined;
  #graph = emptyGraph(runSettings());
  #found: Finding[] = [];
  #whole: { readonly before: Graph; readonly links: string; readonly findings: readonly Finding[] } | undefined;
  #last: { readonly urn: string; readonly findings: readonly Finding[] } | undefined;

  constructor(pack: PackName) {
    this.#pack = pack;
  }

  /** Findings on one resource; both policies ask, it is worked out once. */
  resource(args: Parameters<typeof toResource>[0], config: PackConfig): readonly Finding[] {
    if (this.#last?.urn === args.urn) {
      const { findings } = this.#last;
      this.#last = undefined;
      return findings;
    }
    const resource = toResource(args);
    const graph = grown(this.#graph, resource);
    if (graph !== this.#graph || !this.#check) {
      if (graph.resources.length === 1) this.#found = [];
      this.#graph = graph;
      this.#inputs ??= inputs(config);
      this.#check = createCheck(graph, this.#inputs.catalogue, this.#inputs.settings, this.#options(this.#inputs));
    }
    const found = this.#check.resource(resource);
    this.#found.push(...found);
    const { findings } = settleExemptions(found, this.#inputs!.settings, this.#options(this.#inputs!));
    this.#last = { urn: args.urn, findings };
    return findings;
  }

  /** Findings that take the whole graph. Who depends on whom is known only now. Both policies ask, it is worked out once. */
  stack(resources: readonly PolicyResource[]): readonly Finding[] {
    if (!this.#inputs) return [];
    const graph = withDependencies(this.#graph, resources);
    const links = JSON.stringify(
      graph.resources.map(({ urn, dependencies, propertyDependencies }) => [urn, dependencies, propertyDependencies]),
    );
    if (this.#whole?.before !== this.#graph || this.#whole.links !== links)
      this.#whole = { before: this.#graph, links, findings: this.#judge(graph, this.#inputs) };
    return this.#whole.findings;
  }

  #judge(graph: Graph, inputs: PolicyInputs): readonly Finding[] {
    const options = this.#options(inputs);
    const found = createCheck(graph, inputs.catalogue, inputs.settings, options).stack();
    const { findings, reviews } = settleExemptions([...this.#found, ...found], inputs.settings, options);
    return [...findings.slice(this.#found.length), ...reviews];
  }

  #options({ register, exemptions }: PolicyInputs): EvaluateOptions {
    return { rules: packs[this.#pack], extract, today: todayUtc(), register, exemptions };
  }
}

/** The engine hands its own environment on. Where its backend was chosen by a login, nothing tells. */
function runSettings(): Properties {
  const backend = process.env.PULUMI_BACKEND_URL;
  return backend ? { backend } : {};
}

function inputs({ settings, folder, ...files }: PackConfig): PolicyInputs {
  const project = resolve(projectFolder(), folder ?? ".");
  try {
    const loaded = loadPolicyInputs(project, within(project, files), todayUtc());
    return settings === undefined ? loaded : { ...loaded, settings: inPlace(settings) };
  } catch (error) {
    // The SDK shows stacks; who wrote a wrong file wants to read which and where.
    if (error instanceof InputError || error instanceof CatalogueError) error.stack = error.message;
    throw error;
  }
}

function inPlace(settings: unknown): Settings {
  try {
    return settingsOf(settings);
  } catch (error) {
    throw new InputError("--policy-pack-config", `settings: ${(error as Error).message}`);
  }
}
