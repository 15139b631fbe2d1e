import type { Graph, Properties, Resource } from "../../graph/model.ts";
import { wanted } from "../../graph/model.ts";
import { emptyRegister, type Register } from "../../register/register.ts";
import type { Catalogue } from "../catalogue/types.ts";
import type { Extract, Extraction } from "../endpoints/types.ts";
import { applyExemptions, type Exemptions, noExemptions, reviewExemptions } from "./exemptions.ts";
import { exemptionsReview } from "./exemptions-rule.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Settings } from "./settings.ts";
import type { Context, Evaluation, Finding, PackName, Report, Rule } from "./types.ts";

export interface EvaluateOptions {
  readonly rules: readonly Rule[];
  readonly extract: Extract;
  /** YYYY-MM-DD: what expiries and reviews are measured against. */
  readonly today: string;
  /** @default no approved service */
  readonly register?: Register;
  /** @default none */
  readonly exemptions?: Exemptions;
}

/** Checks that go on while resources come in, as the engine hands them to a policy pack. */
export interface Check {
  readonly context: Context;
  /** How many of the resources that were asked about each rule applied to, so far. */
  readonly applied: Readonly<Record<string, number>>;
  /** What rules say of one resource; all that it refers to has to be in the graph already. */
  resource(resource: Resource): Finding[];
  /** What takes the whole graph to see. */
  stack(): Finding[];
}

export function createCheck(graph: Graph, catalogue: Catalogue, settings: Settings, options: EvaluateOptions): Check {
  const { rules, today, register = emptyRegister, extract } = options;
  const context: Context = { graph, catalogue, register, settings, today, endpoints: remembered(extract) };
  const applied = Object.fromEntries(rules.map(({ id }) => [id, 0]));
  return {
    context,
    applied,
    resource: (resource) => {
      const found: Finding[] = [];
      for (const rule of rules) {
        if (!rule.applies(resource, context)) continue;
        applied[rule.id]!++;
        if (!rule.resource) continue;
        for (const report of rule.resource(resource, context)) found.push(completed(rule, report, settings));
      }
      return found;
    },
    stack: () =>
      rules.flatMap((rule) => [...(rule.stack?.(context) ?? [])].map((report) => completed(rule, report, settings))),
  };
}

/**
 * Checks a graph against rules: pure, without I/O, always the same findings in the same order. A rule that throws stops the evaluation:
 * a check that did not run must never look like one that passed.
 */
export function evaluate(graph: Graph, catalogue: Catalogue, settings: Settings, options: EvaluateOptions): Evaluation {
  const { exemptions = noExemptions } = options;
  const check = createCheck(graph, catalogue, settings, options);
  const resources = wanted(graph);
  const found = [...resources.flatMap((resource) => check.resource(resource)), ...check.stack()];
  const { findings, reviews } = settleExemptions(found, settings, { ...options, exemptions });
  return {
    findings: sorted([...findings, ...reviews], graph),
    applied: check.applied,
    resources: resources.length,
    limits: graph.limits,
  };
}

/** Findings with the exemptions that cover them, and what there is to say of the exemptions themselves. */
export function settleExemptions(
  found: readonly Finding[],
  settings: Settings,
  { rules, today, exemptions = noExemptions }: Pick<EvaluateOptions, "rules" | "today" | "exemptions">,
): { readonly findings: readonly Finding[]; readonly reviews: readonly Finding[] } {
  const { findings, used } = applyExemptions(found, exemptions, today);
  // Whatever rules were chosen: an exemption that holds for nothing must not be silent. Those of a pack that did not run stay untold.
  const packs = new Set(rules.map(({ id }) => packOf(id)));
  const reviews = [...reviewExemptions(exemptions, used, today)]
    .filter(({ about }) => about === undefined || packs.has(packOf(about)))
    .map(({ report }) => completed(exemptionsReview, report, settings));
  return { findings, reviews };
}

function completed(rule: Rule, report: Report, settings: Settings): Finding {
  const { resource, severity, ...rest } = report;
  const { urn, type, name, origin } = resource;
  const chosen = settings.severities[rule.id] ?? severity ?? unseenSeverity(report, settings) ?? rule.severity;
  return {
    ...rest,
    rule: rule.id,
    pack: packOf(rule.id),
    severity: chosen,
    resource: origin === undefined ? { urn, type, name } : { urn, type, name, origin },
    controls: rule.controls,
    fingerprint: fingerprint(rule.id, report),
  };
}

function packOf(rule: string): PackName {
  return rule.startsWith("sovereignty/") ? "sovereignty" : "operations";
}

function unseenSeverity({ outcome }: Report, { notEstablished }: Settings): "refuse" | "warn" | undefined {
  return outcome === "not-established" ? notEstablished : undefined;
}

function sorted(findings: readonly Finding[], graph: Graph): Finding[] {
  const position = new Map(graph.resources.map(({ urn }, index) => [urn, index]));
  const key = (finding: Finding) => position.get(finding.resource.urn) ?? graph.resources.length;
  return findings.toSorted(
    (a, b) =>
      key(a) - key(b) ||
      compare(a.resource.urn, b.resource.urn) ||
      compare(a.rule, b.rule) ||
      compare(a.property ?? "", b.property ?? "") ||
      compare((a.place ?? []).join(), (b.place ?? []).join()) ||
      compare(a.message, b.message),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By the inputs: a policy pack hears of a resource twice, first alone and at last with what depends on it. */
function remembered(extract: Extract): (resource: Resource) => Extraction {
  const known = extractions.get(extract) ?? new WeakMap<Properties, Extracted>();
  extractions.set(extract, known);
  // Rules ask one after another for the same resource.
  let last: (Extracted & { readonly inputs: Properties }) | undefined;
  return ({ inputs, type }) => {
    if (last?.inputs === inputs && last.type === type) return last.extraction;
    const before = known.get(inputs);
    const extraction = before?.type === type ? before.extraction : extract(inputs, type);
    if (before?.extraction !== extraction) known.set(inputs, { type, extraction });
    last = { inputs, type, extraction };
    return extraction;
  };
}

interface Extracted {
  readonly type: string;
  readonly extraction: Extraction;
}

const extractions = new WeakMap<Extract, WeakMap<Properties, Extracted>>();

/** What a check comes to. The numbers are the exit codes of `sovereign check`. */
export type Verdict = {
  readonly code: 0 | 1 | 3 | 4;
  readonly word: "passes" | "refused" | "nothing established" | "passes only through exemptions";
};

/** @param evaluation of at least one rule */
export function verdict({ findings, applied, resources }: Evaluation): Verdict {
  const refusing = findings.filter(({ severity }) => severity === "refuse");
  if (refusing.some(({ exemption }) => exemption === undefined)) return { code: 1, word: "refused" };
  const looked = Object.values(applied).some((count) => count > 0);
  if (resources === 0 || !looked) return { code: 3, word: "nothing established" };
  if (refusing.length > 0) return { code: 4, word: "passes only through exemptions" };
  return { code: 0, word: "passes" };
}
