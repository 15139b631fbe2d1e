/** The rules as CrossGuard packs: every resource is judged before it is made, the whole at the end. */
import { resolve } from "node:path";
import {
  PolicyPack,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import type { Properties } from "../../graph/model.ts";
import { todayUtc } from "../core/dates.ts";
import { type Check, createCheck, type EvaluateOptions, settleExemptions } from "../core/evaluate.ts";
import { parseSettings } from "../core/settings.ts";
import type { Finding, PackName } from "../core/types.ts";
import { extract } from "../endpoints/index.ts";
import { loadPolicyInputs, type PolicyInputs } from "../files.ts";
import { whereabouts } from "../report/checked.ts";
import { packs } from "../rules/index.ts";
import { projectFolder, within } from "./folder.ts";
import { emptyGraph, grown, toResource, withDependencies } from "./resources.ts";

/** What `--policy-pack-config` says for the policy named like its pack. */
interface PackConfig {
  /** Settings in place, instead of a file. */
  readonly settings?: unknown;
  /** Folder of policy-settings.yaml, approved-services.yaml and exemptions.yaml, and what other paths are relative to. @default the project */
  readonly folder?: string;
  readonly register?: string;
  readonly exemptions?: string;
  readonly catalogue?: readonly string[];
}

const CONFIG_SCHEMA = {
  properties: {
    settings: { type: "object" as const, description: "Settings in place; what may be in policy-settings.yaml" },
    folder: {
      type: "string" as const,
      description:
        "Where policy-settings.yaml, approved-services.yaml and exemptions.yaml are; default: the project in which pulumi was started",
    },
    register: { type: "string" as const, description: "The register of approved services" },
    exemptions: { type: "string" as const, description: "The exemptions" },
    catalogue: {
      type: "array" as const,
      items: { type: "string" as const },
      description: "Files with catalogue entries of your own",
    },
  },
};

/** The state of one run of the engine. */
class Run {
  readonly #pack: PackName;
  #inputs: PolicyInputs | undefined;
  #check: Check | undefined;
  #graph = emptyGraph(runSettings());
  #found: Finding[] = [];
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

  /** Findings that take the whole graph. Who depends on whom is known only now. */
  stack(resources: readonly PolicyResource[]): readonly Finding[] {
    if (!this.#inputs) return [];
    const { catalogue, settings } = this.#inputs;
    const options = this.#options(this.#inputs);
    const graph = withDependencies(this.#graph, resources);
    const found = createCheck(graph, catalogue, settings, options).stack();
    const { findings, reviews } = settleExemptions([...this.#found, ...found], settings, options);
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
  const loaded = loadPolicyInputs(project, within(project, files), todayUtc());
  return settings === undefined ? loaded : { ...loaded, settings: parseSettings(settings) };
}

/** Starts serving a pack; the engine asks it from then on. */
export function servePack(pack: PackName, description: string): PolicyPack {
  const run = new Run(pack);
  const report = (findings: readonly Finding[], weight: "mandatory" | "advisory", reportViolation: ReportViolation) => {
    for (const finding of findings)
      if (levelOf(finding) === weight)
        reportViolation(message(finding), finding.resource.urn.startsWith("urn:") ? finding.resource.urn : undefined);
  };
  const resourcePolicy = (name: string, weight: "mandatory" | "advisory"): ResourceValidationPolicy => ({
    name,
    description: weight === "mandatory" ? description : `${description} Warnings and notices.`,
    enforcementLevel: weight,
    ...(name === pack && { configSchema: CONFIG_SCHEMA }),
    validateResource: (args, reportViolation) =>
      report(run.resource(args, args.getConfig<PackConfig>()), weight, reportViolation),
  });
  const stackPolicy = (name: string, weight: "mandatory" | "advisory"): StackValidationPolicy => ({
    name,
    description: `${description} What takes the whole deployment to see.`,
    enforcementLevel: weight,
    validateStack: ({ resources }, reportViolation) => report(run.stack(resources), weight, reportViolation),
  });
  return new PolicyPack(pack, {
    policies: [
      resourcePolicy(pack, "mandatory"),
      resourcePolicy(`${pack}-advice`, "advisory"),
      stackPolicy(`${pack}-stack`, "mandatory"),
      stackPolicy(`${pack}-stack-advice`, "advisory"),
    ],
  });
}

function levelOf({ severity, exemption }: Finding): "mandatory" | "advisory" {
  return severity === "refuse" && exemption === undefined ? "mandatory" : "advisory";
}

function message(finding: Finding): string {
  const { rule, why, fix, alternatives = [], exemption, outcome } = finding;
  const where = whereabouts(finding);
  return [
    `${finding.message}${where && ` [${where}]`} (${rule}${outcome === "not-established" ? ", not established" : ""})`,
    why,
    fix,
    alternatives.length > 0 && `Instead: ${alternatives.join(", ")}.`,
    exemption && `Exempted until ${exemption.expiresAt} by ${exemption.approvedBy}: ${exemption.justification}`,
  ]
    .filter(Boolean)
    .join("\n");
}
