import type { SourceKind } from "../../graph/model.ts";
import { CONTROLS, type ControlId, controlIds, FRAMEWORKS, type Framework } from "../core/controls.ts";
import type { Verdict } from "../core/evaluate.ts";
import type { Evaluation, Finding, Rule, Severity } from "../core/types.ts";

/** Everything that a report shows: what was checked, by which rules, on which day, with which result. */
export interface Checked {
  readonly source: { readonly kind: SourceKind; readonly name: string; readonly stack?: string };
  readonly rules: readonly Rule[];
  readonly evaluation: Evaluation;
  readonly verdict: Verdict;
  /** YYYY-MM-DD. */
  readonly today: string;
}

export interface Counts {
  readonly refuse: number;
  readonly warn: number;
  readonly notice: number;
  readonly exempted: number;
}

/** How many findings of each severity; those under an exemption count as exempted only. */
export function counts({ findings }: Evaluation): Counts {
  const open = findings.filter(({ exemption }) => exemption === undefined);
  const of = (severity: Severity) => open.filter((finding) => finding.severity === severity).length;
  return { refuse: of("refuse"), warn: of("warn"), notice: of("notice"), exempted: findings.length - open.length };
}

/** Findings that say the same of several resources. */
export interface Group {
  readonly finding: Finding;
  /** All resources that it holds for, each once, in the order of the findings. */
  readonly on: readonly Finding[];
}

const WEIGHT: Readonly<Record<Severity, number>> = { refuse: 0, warn: 1, notice: 2 };

/** Groups what reads alike, the heaviest first: forty servers with one mirror are one thing to mend. */
export function grouped(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { rule, severity, message, exemption, resource, place = [] } = finding;
    const own = message.replaceAll(resource.name, "\0");
    const key = [
      rule,
      severity,
      own,
      (place.at(-1) ?? finding.property ?? "").replace(/\d+/g, "#"),
      exemption?.justification ?? "",
    ].join("\u0001");
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()]
    .map((on) => ({ finding: on[0]!, on }))
    .sort((a, b) => weight(a.finding) - weight(b.finding));
}

function weight({ severity, exemption }: Finding): number {
  return WEIGHT[severity] + (exemption ? 3 : 0);
}

/** `env[0].value > part 2 > runcmd[3]`: the property and the way into what it holds. */
export function whereabouts({ property, place = [] }: Finding): string {
  return [property, ...place].filter((step) => step !== undefined && step !== "").join(" > ");
}

/** A group as all reports tell it: each in its own form, none in words of its own. */
export interface FindingWords {
  /** `refuse`, `refuse, not established`, `exempted`. */
  readonly word: string;
  readonly mark: Severity | "exempted";
  readonly message: string;
  readonly rule: string;
  readonly why: string;
  readonly fix: string;
  /** Resources that it holds for, each name once. */
  readonly names: readonly string[];
  readonly type: string;
  /** Where the only resource stands in its source. */
  readonly origin?: string;
  /** See {@link whereabouts}; may be empty. */
  readonly where: string;
  readonly alternatives: readonly string[];
  readonly exempted?: { readonly until: string; readonly by: string; readonly because: string };
}

export function inWords({ finding, on }: Group): FindingWords {
  const { severity, rule, message, why, fix, alternatives = [], exemption, outcome, resource } = finding;
  const names = [...new Set(on.map((one) => one.resource.name))];
  return {
    word: exemption ? "exempted" : outcome === "not-established" ? `${severity}, not established` : severity,
    mark: exemption ? "exempted" : severity,
    message,
    rule,
    why,
    fix,
    names,
    type: resource.type,
    ...(names.length === 1 && resource.origin !== undefined && { origin: resource.origin }),
    where: whereabouts(finding),
    alternatives,
    ...(exemption && {
      exempted: { until: exemption.expiresAt, by: exemption.approvedBy, because: exemption.justification },
    }),
  };
}

/** `a, b and 40 more`. */
export function someOf(items: readonly string[], most: number): string {
  return items.length > most ? `${items.slice(0, most).join(", ")} and ${items.length - most} more` : items.join(", ");
}

export interface ControlResult {
  readonly id: ControlId;
  readonly framework: Framework;
  readonly clause: string;
  readonly title: string;
  /** Rules that give evidence for it, and applied to something. Without any, nothing is known of this control. */
  readonly rules: readonly string[];
  readonly findings: readonly Finding[];
}

/** Every control that one of the rules gives evidence for, by framework. */
export function byFramework({ rules, evaluation }: Checked): ReadonlyMap<Framework, readonly ControlResult[]> {
  const results = controlIds.flatMap((id): ControlResult[] => {
    const concerned = rules.filter(({ controls }) => controls.includes(id));
    if (concerned.length === 0) return [];
    const findings = evaluation.findings.filter(({ controls }) => controls.includes(id));
    const told = new Set(findings.map(({ rule }) => rule));
    const spoke = concerned.filter((rule) => (evaluation.applied[rule.id] ?? 0) > 0 || told.has(rule.id));
    return [{ id, ...CONTROLS[id], rules: spoke.map((rule) => rule.id), findings }];
  });
  const frameworks = Object.keys(FRAMEWORKS) as Framework[];
  return new Map(
    frameworks.map((framework) => [framework, results.filter((result) => result.framework === framework)]),
  );
}

/** What the findings say of a control: never more than "nothing found". */
export function stateOfControl({
  rules,
  findings,
}: ControlResult): "against" | "not established" | "exempted" | "nothing found" | "not looked at" {
  const open = findings.filter(({ exemption, severity }) => exemption === undefined && severity !== "notice");
  if (open.some(({ outcome }) => outcome === "violation")) return "against";
  if (open.length > 0) return "not established";
  if (findings.some(({ exemption }) => exemption !== undefined)) return "exempted";
  return rules.length > 0 ? "nothing found" : "not looked at";
}

/** `3 findings refuse, 1 warns, 1 exempted`. */
export function countsInWords({ refuse, warn, notice, exempted }: Counts): string {
  const parts = [
    refuse > 0 && `${plural(refuse, "finding")} ${refuse === 1 ? "refuses" : "refuse"}`,
    warn > 0 && `${warn} ${warn === 1 ? "warns" : "warn"}`,
    notice > 0 && plural(notice, "notice"),
    exempted > 0 && `${exempted} exempted`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "no findings";
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
