import type { Graph, Resource } from "../../graph/model.ts";
import { parseRegister } from "../../register/register.ts";
import { catalogue } from "../catalogue/testing.ts";
import type { Catalogue } from "../catalogue/types.ts";
import { type Check, createCheck, evaluate } from "../core/evaluate.ts";
import { parseSettings } from "../core/settings.ts";
import { graph as graphOf } from "../core/testing.ts";
import type { Context, Finding, Rule } from "../core/types.ts";
import { extract } from "../endpoints/index.ts";

/** The day of all tests of rules. */
export const TODAY = "2026-11-22";

export { catalogue };

/** What stands beside the resources. */
export interface Beside {
  readonly settings?: unknown;
  readonly run?: Graph["settings"];
  /** Entries of the register, as far as a test is about them. */
  readonly services?: readonly { readonly endpoint: string; readonly [key: string]: unknown }[];
  readonly source?: Partial<Graph["source"]>;
  /** @default the project's */
  readonly catalogue?: Catalogue;
}

function parts(resources: readonly Resource[], { settings, run, services = [], source }: Beside) {
  const graph = graphOf(resources, run);
  const { register, problems } = parseRegister({ services: services.map((entry) => ({ ...SERVICE, ...entry })) });
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return { graph: { ...graph, source: { ...graph.source, ...source } }, settings: parseSettings(settings), register };
}

const SERVICE = {
  purpose: "testing",
  provider: "Example",
  jurisdiction: "DE",
  dataClasses: [],
  retention: "none",
  legalBasis: "GDPR Art. 28",
  contractDate: "2026-01-01",
  reviewDate: "2027-01-01",
};

/** What one rule finds. */
export function found(rule: Rule, resources: readonly Resource[], beside: Beside = {}): readonly Finding[] {
  const { graph, settings, register } = parts(resources, beside);
  return evaluate(graph, beside.catalogue ?? catalogue, settings, {
    rules: [rule],
    extract,
    today: TODAY,
    register,
  }).findings.filter((finding) => finding.rule === rule.id);
}

/** What a rule finds, in short: `web: refuse 8.8.8.8`, with what it is about, else the property; `?` after what could not be established. */
export function told(rule: Rule, resources: readonly Resource[], beside: Beside = {}): string[] {
  return found(rule, resources, beside).map(({ resource, severity, subject, property, outcome }) => {
    const about = subject?.host ?? subject?.address ?? subject?.region ?? subject?.vendor ?? property ?? "";
    return `${resource.name}: ${severity}${{ violation: "", "not-established": "?" }[outcome]} ${about}`.trim();
  });
}

/** A check that goes on while resources come in, as in a policy pack. */
export function checkOf(rules: readonly Rule[], resources: readonly Resource[], beside: Beside = {}): Check {
  const { graph, settings, register } = parts(resources, beside);
  return createCheck(graph, beside.catalogue ?? catalogue, settings, { rules, extract, today: TODAY, register });
}

/** What helpers of rules are given. */
export function context(resources: readonly Resource[] = [], beside: Beside = {}): Context {
  return checkOf([], resources, beside).context;
}
