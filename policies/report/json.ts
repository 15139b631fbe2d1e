import { z } from "zod";
import { controlIds, FRAMEWORKS, type Framework } from "../core/controls.ts";
import { byFramework, type Checked, counts, stateOfControl } from "./checked.ts";

/** One finding, as every report has it. */
export const findingSchema = z.strictObject({
  rule: z.string().describe("`sovereignty/endpoints`"),
  pack: z.enum(["sovereignty", "operations"]),
  severity: z.enum(["refuse", "warn", "notice"]),
  outcome: z
    .enum(["violation", "not-established"])
    .describe("Whether a breach was seen, or the rule could not see what it has to look at"),
  resource: z.strictObject({ urn: z.string(), type: z.string(), name: z.string(), origin: z.string().optional() }),
  property: z.string().optional().describe("Property path in Pulumi's terms"),
  place: z.array(z.string()).optional().describe("The way into a decoded value, outermost first"),
  subject: z
    .strictObject({
      host: z.string().optional(),
      address: z.string().optional(),
      region: z.string().optional(),
      country: z.string().optional(),
      vendor: z.string().optional(),
      owner: z.string().optional(),
      jurisdiction: z.string().optional(),
    })
    .optional(),
  message: z.string(),
  why: z.string(),
  fix: z.string(),
  alternatives: z.array(z.string()).optional(),
  controls: z.array(z.enum(controlIds)),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe("Stable over runs and unrelated edits"),
  exemption: z.strictObject({ justification: z.string(), approvedBy: z.string(), expiresAt: z.string() }).optional(),
});

const frameworks = Object.keys(FRAMEWORKS) as [Framework, ...Framework[]];

/** What `--format json` prints. The published JSON schema is made from this. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  source: z.strictObject({
    kind: z.enum(["events", "preview", "state", "manifests", "program", "policy-pack"]),
    name: z.string(),
    stack: z.string().optional(),
  }),
  date: z.iso.date().describe("The day that expiries and reviews were measured against"),
  verdict: z.strictObject({
    code: z.union([z.literal(0), z.literal(1), z.literal(3), z.literal(4)]).describe("The exit code"),
    word: z.enum(["passes", "refused", "nothing established", "passes only through exemptions"]),
  }),
  counts: z.strictObject({ refuse: z.int(), warn: z.int(), notice: z.int(), exempted: z.int() }),
  resources: z.int().describe("Resources looked at"),
  rules: z.array(
    z.strictObject({ id: z.string(), title: z.string(), applied: z.int().describe("Resources that it applied to") }),
  ),
  limits: z.array(z.string()).describe("What the source does not tell"),
  findings: z.array(findingSchema),
  frameworks: z
    .array(
      z.strictObject({
        framework: z.enum(frameworks),
        control: z.enum(controlIds),
        clause: z.string(),
        title: z.string(),
        state: z.enum(["against", "not established", "exempted", "nothing found", "not looked at"]),
        rules: z.array(z.string()),
        findings: z.array(z.string()).describe("Fingerprints"),
      }),
    )
    .optional()
    .describe("With --by-framework"),
});

export type JsonReport = z.output<typeof reportSchema>;

export function jsonReport(checked: Checked, options: { readonly byFramework?: boolean } = {}): JsonReport {
  const { source, today, verdict, evaluation, rules } = checked;
  return {
    version: 1,
    source: { kind: source.kind, name: source.name, ...(source.stack !== undefined && { stack: source.stack }) },
    date: today,
    verdict: { code: verdict.code, word: verdict.word },
    counts: counts(evaluation),
    resources: evaluation.resources,
    rules: rules.map(({ id, title }) => ({ id, title, applied: evaluation.applied[id] ?? 0 })),
    limits: [...evaluation.limits],
    findings: evaluation.findings as JsonReport["findings"],
    ...(options.byFramework && { frameworks: frameworkEntries(checked) }),
  };
}

function frameworkEntries(checked: Checked): JsonReport["frameworks"] {
  return [...byFramework(checked).values()].flat().map((result) => ({
    framework: result.framework,
    control: result.id,
    clause: result.clause,
    title: result.title,
    state: stateOfControl(result),
    rules: [...result.rules],
    findings: result.findings.map(({ fingerprint }) => fingerprint),
  }));
}

export function renderJson(checked: Checked, options: { readonly byFramework?: boolean } = {}): string {
  return `${JSON.stringify(jsonReport(checked, options), null, 2)}\n`;
}

/** The published schema of {@link renderJson}. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { target: "draft-2020-12" });
}
