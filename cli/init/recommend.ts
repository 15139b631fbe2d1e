/** Which topology fits the answers. Pure: what things cost and what drills measured is given. */
import { type LocationName, locations } from "../../catalogue/hetzner/locations.ts";
import { type Cost, serverCost } from "../../components/cost.ts";
import type { MeasuredDrill } from "../../lab/drills/docs.ts";
import { parseStackConfig } from "../../stacks/config/parse.ts";
import type { StackConfig } from "../../stacks/config/schema.ts";
import type { PlannedMachine, StackPlan } from "../../stacks/cost.ts";
import type { Answers } from "./answers.ts";
import { type Candidate, candidatesFor, unmetBy } from "./candidates.ts";
import { type ConfigInput, configOf, hasOwnDns, topologyOf } from "./config.ts";
import { type Framework, frameworksFor } from "./frameworks.ts";
import { type Remote, remoteVisitors } from "./geography.ts";
import { notProtectedFrom } from "./limits.ts";
import { givenUpBy, type Reason, reasonsFor, whyNot } from "./reasons.ts";

/** Fewer visitors than this, in percent, do not pay for a machine near them. An assumption. */
export const edgeShare = 10;

/** One way to stand, with its price. */
export interface PricedOption {
  readonly candidate: Candidate;
  /** With caches outside the EU, or none. */
  readonly edges: readonly Remote[];
  readonly input: ConfigInput;
  readonly plan: StackPlan;
  /** EUR a month, net: with EU prices for machines whose own price is not known, which is higher. */
  readonly atLeast: number;
}

export interface Machines {
  readonly role: string;
  readonly location: LocationName;
  readonly serverType: string;
  readonly count: number;
}

export interface MonthlyCost extends Cost {
  /** The same with EU prices for what has no known price. */
  readonly atLeast: number;
}

export interface Alternative {
  readonly topology: string;
  readonly title: string;
  readonly cost: MonthlyCost;
  readonly whyNot: string;
}

export interface Recommendation {
  readonly stack: string;
  readonly topology: string;
  readonly title: string;
  /** The primary first. */
  readonly locations: readonly LocationName[];
  readonly durability: Candidate["durability"];
  readonly dns: "own" | "provider";
  readonly edges: readonly Remote[];
  readonly machines: readonly Machines[];
  readonly loadBalancers: number;
  readonly cost: MonthlyCost;
  readonly budget: number;
  readonly isWithinBudget: boolean;
  /** Each with the answer that led to it. */
  readonly reasons: readonly Reason[];
  /** What was asked for and is not given. */
  readonly givenUp: readonly Reason[];
  readonly notProtectedFrom: readonly string[];
  readonly alternatives: readonly Alternative[];
  readonly frameworks: readonly Framework[];
  readonly config: ConfigInput;
}

/** @throws Error for a configuration that the schema refuses: a bug */
export function parsedConfig(input: ConfigInput): StackConfig {
  const parsed = parseStackConfig(input);
  if (!parsed.ok) throw new Error(`the configuration is refused: ${parsed.problems.join("; ")}`);
  return parsed.config;
}

const hasPublicContent = ({ data }: Answers): boolean => data.includes("static") || data.includes("public");

/** Where caches would pay. */
export const edgesFor = (answers: Answers): Remote[] =>
  hasPublicContent(answers) ? remoteVisitors(answers.traffic).filter(({ share }) => share >= edgeShare) : [];

const cents = (eur: number): number => Math.round(eur * 100) / 100;
const isOutside = (name: LocationName): boolean => locations.some((location) => location.name === name && !location.eu);

const leastOf = ({ cost, machines }: StackPlan): number =>
  machines
    .filter(({ location }) => isOutside(location))
    .reduce((sum, { serverType }) => cents(sum + (serverCost("", serverType).monthlyEur ?? 0)), cost.monthlyNet);

/** Every way to stand, priced; from the weakest to the strongest, and each without caches outside before the one with them. */
export async function pricedOptions(
  answers: Answers,
  planOf: (config: StackConfig, stack: string) => Promise<StackPlan>,
): Promise<PricedOption[]> {
  const wanted = edgesFor(answers);
  const options: PricedOption[] = [];
  for (const candidate of candidatesFor(answers))
    for (const edges of wanted.length > 0 ? [[], wanted] : [[]]) {
      const input = configOf(
        answers,
        candidate,
        edges.map(({ location }) => location),
      );
      const plan = await planOf(parsedConfig(input), answers.stack);
      options.push({ candidate, edges, input, plan, atLeast: leastOf(plan) });
    }
  return options;
}

/** What gives all that is wanted with the fewest parts. */
function fitting(answers: Answers, options: readonly PricedOption[]): PricedOption {
  const mostEdges = Math.max(...options.map(({ edges }) => edges.length));
  return options.find(
    ({ candidate, edges }) => edges.length === mostEdges && unmetBy(candidate, answers).length === 0,
  )!;
}

/**
 * What can be paid and gives up the least: needs before caches. Of two that give up as many, the one that keeps what a lost machine may take
 * (machines are lost more often than locations), then the stronger one.
 */
function nearest(answers: Answers, options: readonly PricedOption[]): PricedOption | undefined {
  const score = (option: PricedOption): number[] => {
    const unmet = unmetBy(option.candidate, answers);
    return [unmet.length, unmet.includes("rpo") ? 1 : 0, -option.edges.length, -options.indexOf(option)];
  };
  return options.filter(({ atLeast }) => atLeast <= answers.budget).toSorted((a, b) => compare(score(a), score(b)))[0];
}

/** By the first number in which they differ. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

const cheapest = (options: readonly PricedOption[]): PricedOption =>
  options.toSorted((a, b) => a.atLeast - b.atLeast)[0]!;

/** @param figures of drills */
export function recommend(
  answers: Answers,
  options: readonly PricedOption[],
  figures: readonly MeasuredDrill[],
): Recommendation {
  const needed = fitting(answers, options);
  const chosen = needed.atLeast <= answers.budget ? needed : (nearest(answers, options) ?? cheapest(options));
  const { candidate, edges, plan, input } = chosen;
  return {
    stack: answers.stack,
    topology: topologyOf(
      candidate,
      edges.map(({ location }) => location),
    ),
    title: titleOf(chosen),
    locations: candidate.locations,
    durability: candidate.durability,
    dns: hasOwnDns(candidate) ? "own" : "provider",
    edges,
    machines: grouped(plan.machines),
    loadBalancers: candidate.locations.length,
    cost: costOf(chosen),
    budget: answers.budget,
    isWithinBudget: chosen.atLeast <= answers.budget,
    reasons: reasonsFor(answers, candidate, edges, figures),
    givenUp: givenUpBy(answers, candidate, { chosen, needed }),
    notProtectedFrom: notProtectedFrom(answers, candidate, edges, figures),
    alternatives: options
      .filter(
        (option) =>
          option !== chosen &&
          (option.edges.length === edges.length || option === needed || option.candidate === candidate),
      )
      .map((option) => ({
        topology: topologyOf(
          option.candidate,
          option.edges.map(({ location }) => location),
        ),
        title: titleOf(option),
        cost: costOf(option),
        whyNot: whyNot(answers, option, chosen),
      })),
    frameworks: frameworksFor(answers),
    config: input,
  };
}

const titleOf = ({ candidate, edges }: PricedOption): string =>
  edges.length > 0
    ? `${candidate.title}; caches in ${edges.map(({ location }) => location).join(", ")}`
    : candidate.title;

const costOf = ({ plan, atLeast }: PricedOption): MonthlyCost => ({ ...plan.cost, atLeast });

function grouped(machines: readonly PlannedMachine[]): Machines[] {
  const groups = new Map<string, Machines>();
  for (const { role, location, serverType } of machines) {
    const key = `${role} ${location} ${serverType}`;
    groups.set(key, { role, location, serverType, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}
