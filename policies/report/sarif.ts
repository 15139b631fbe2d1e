import type { Finding, Rule, Severity } from "../core/types.ts";
import { type Checked, whereabouts } from "./checked.ts";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  refuse: "error",
  warn: "warning",
  notice: "note",
};

/**
 * SARIF 2.1.0, for code scanning views. Fingerprints are ours, so that a finding stays the same one over commits; exempted findings are
 * suppressed, not left out.
 *
 * @param file what results are shown at: viewers want a file of the repository. @default "Pulumi.yaml"
 */
export function renderSarif({ rules, evaluation, verdict, source }: Checked, file = "Pulumi.yaml"): string {
  const index = new Map<string, number>(rules.map(({ id }, position) => [id, position]));
  return `${JSON.stringify(
    {
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: "sovereign", rules: rules.map(descriptor) } },
          automationDetails: { id: `sovereign/${source.stack ?? source.kind}/` },
          invocations: [{ executionSuccessful: true, exitCode: verdict.code, exitCodeDescription: verdict.word }],
          results: evaluation.findings.map((finding) => result(finding, index.get(finding.rule) ?? -1, file)),
          columnKind: "utf16CodeUnits",
        },
      ],
    },
    null,
    2,
  )}\n`;
}

function descriptor({ id, title, description, severity, controls }: Rule) {
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: description },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: [...controls] },
  };
}

function result(finding: Finding, ruleIndex: number, file: string) {
  const {
    rule,
    severity,
    outcome,
    message,
    why,
    fix,
    alternatives = [],
    resource,
    fingerprint,
    exemption,
    controls,
  } = finding;
  const instead = alternatives.length > 0 ? ` Instead: ${alternatives.join(", ")}.` : "";
  return {
    ruleId: rule,
    ...(ruleIndex >= 0 && { ruleIndex }),
    // Also what was not established: SARIF's kind "open" has no level, and viewers hide it.
    kind: "fail",
    level: LEVELS[severity],
    message: { text: `${message} ${why} ${fix}${instead}`.replace(/\s+/g, " ").trim() },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(fileOf(resource.origin) ?? file) },
          region: { startLine: 1 },
        },
        logicalLocations: [
          { fullyQualifiedName: [resource.urn, whereabouts(finding)].filter(Boolean).join(" > "), kind: "resource" },
        ],
      },
    ],
    partialFingerprints: { "sovereign/v1": fingerprint },
    suppressions: exemption
      ? [
          {
            kind: "external",
            status: "accepted",
            justification: `${exemption.justification} (${exemption.approvedBy}, until ${exemption.expiresAt})`,
          },
        ]
      : [],
    properties: { outcome, controls: [...controls] },
  };
}

/** `web/deployment.yaml` of `web/deployment.yaml, document 2`; a stream's line is no file of the repository. */
function fileOf(origin: string | undefined): string | undefined {
  const path = origin?.split(", ")[0];
  return path && /\.(?:ya?ml|json)$/.test(path) && !path.startsWith("/") ? path : undefined;
}
