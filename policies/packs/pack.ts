/** The rules as CrossGuard packs: every resource is judged before it is made, the whole at the end. */
import {
  PolicyPack,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import type { Finding, PackName } from "../core/types.ts";
import { whereabouts } from "../report/checked.ts";
import { type PackConfig, PackRun } from "./run.ts";

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

/** Starts serving a pack; the engine asks it from then on. */
export function servePack(pack: PackName, description: string): PolicyPack {
  const run = new PackRun(pack);
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
