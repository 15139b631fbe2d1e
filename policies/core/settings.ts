import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { sovereignClasses } from "../../catalogue/data-classes.ts";
import { describeIssues } from "../../register/entries.ts";
import { day } from "./dates.ts";

const classes = z.array(z.string().min(1).max(64));
const severity = z.enum(["refuse", "warn", "notice"]);

const dataPrivacyFramework = z.strictObject({ classes, until: day });

/** What a deployment is checked against: from a file, from `--policy-pack-config`, or all defaults. The one truth for the published schema. */
export const settingsSchema = z.strictObject({
  eea: z
    .enum(["allow", "refuse"])
    .default("allow")
    .describe("Places and owners in the EEA outside the EU (IS, LI, NO): the GDPR holds there"),
  adequate: z
    .enum(["allow", "refuse"])
    .default("refuse")
    .describe("Places and owners in countries with an adequacy decision (CH, UK ...)"),
  foreignOwners: z
    .enum(["refuse", "warn"])
    .default("refuse")
    .describe("Regions in the EU whose provider has owners elsewhere"),
  dataPrivacyFramework: dataPrivacyFramework
    .optional()
    .describe(
      "Relies on the EU-US Data Privacy Framework for these data classes, with vendors on its list, until this day. Without it: not relied on",
    ),
  unregistered: z
    .enum(["refuse", "warn"])
    .default("refuse")
    .describe("Endpoints that are neither blocked nor in the register of approved services"),
  notEstablished: z
    .enum(["refuse", "warn"])
    .default("warn")
    .describe(
      "What could not be seen. Location and endpoints of resources that hold data and are known only after the deployment are refused in any case",
    ),
  ownDomains: z
    .array(z.string().max(253))
    .default([])
    .describe("The deployment's own domains: they and what is below them are no third party"),
  ownNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .default([])
    .describe("Own public address ranges"),
  sovereignClasses: classes.default([...sovereignClasses]).describe("Data classes that have to stay in the EU"),
  flexibleClasses: classes
    .default([])
    .describe(
      "Data classes that may stand outside the EU: a resource that states such classes and no others is noted there, not refused, as long as it shares nothing with data that have to stay",
    ),
  classLabels: classes
    .default(["data-class", "data-classes", "dataClass", "dataClasses"])
    .describe("Labels and tags that name a resource's data classes, separated by commas, dots or underscores"),
  requiredLabels: classes.default([]).describe("Labels that everything with labels has to carry (operations/labels)"),
  monthlyCostCeiling: z
    .number()
    .positive()
    .optional()
    .describe("EUR a month, net, for the resources with a known price (operations/cost)"),
  severities: z
    .record(z.string().regex(/^(?:sovereignty|operations)\/[a-z-]+$/, "a rule's id"), severity)
    .default({})
    .describe("Other severities by rule id. Off is not among them: that takes an exemption, with a reason and an end"),
});

export type Settings = z.output<typeof settingsSchema>;

export const defaultSettings: Settings = settingsSchema.parse({});

/** @throws Error with everything that is wrong */
export function parseSettings(content: unknown): Settings {
  const result = settingsSchema.safeParse(content ?? {});
  if (!result.success) throw new Error([describeIssues(result.error), ...suggestions(result.error)].join("; "));
  return result.data;
}

/** `ownDomain: did you mean ownDomains?` */
function suggestions({ issues }: z.ZodError): string[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [];
    const known = Object.keys(issue.path.length === 0 ? settingsSchema.shape : dataPrivacyFramework.shape);
    return issue.keys.map((key) => `${key}: did you mean ${closest(key, known)}?`);
  });
}

/** The published schema of a settings file. */
export function settingsJsonSchema(): object {
  return z.toJSONSchema(settingsSchema, { target: "draft-2020-12", io: "input" });
}
