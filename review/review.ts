/** A preview, reviewed. */

import { isServing, refusedUpdate } from "../catalogue/hetzner/update-effects.ts";
import type { Diagnostic } from "../graph/events.ts";
import type { Properties, Resource } from "../graph/model.ts";
import { type Extract, extract as extractAll, type Finding, packs } from "../policies/index.ts";
import { actionOf, ref } from "./action.ts";
import { aliasesOf } from "./aliases.ts";
import { type Approvable, settleApprovals } from "./approvals.ts";
import { graphBefore, isFirstDeployment } from "./before.ts";
import { changesOf, grouping } from "./changes.ts";
import { costOf } from "./cost.ts";
import { interruptionsOf, ORDER, stepsOf } from "./downtime.ts";
import { type Guard, guardOf, isDecided } from "./guard.ts";
import type { ReviewInput } from "./input.ts";
import { masked } from "./masked.ts";
import type { About, Approval, Interruption, Message, Notice, PackResult, Review } from "./model.ts";
import { isReal, type Relations, relationsOf, STACK } from "./relations.ts";
import { sentence } from "./shown.ts";
import { sidesOf, sovereigntyOf } from "./sovereignty.ts";
import { topologyOf } from "./topology.ts";
import { verdictOf } from "./verdict.ts";

/** Messages of the engine that are shown. */
const MOST_MESSAGES = 200;

/** Pure: the same input gives the same review. */
export function reviewOf(input: ReviewInput): Review {
  const { graph, settings, today } = input;
  const { resources } = graph;
  const relations = relationsOf(graph);
  const about = aboutOf(input);
  const aliases = aliasesOf(resources, relations);
  const guard = guardOf(resources, relations, aliases, settings);
  const interruptions = interruptionsOf(resources, guard.stateful, relations);
  const extract = remembered(extractAll);
  const sides = sidesOf(input, graphBefore(graph), extract);
  const sovereignty = sovereigntyOf(input, sides, extract, about.firstDeployment);
  const uncertain = resources.filter(
    (resource) =>
      interruptions.effects.get(resource.urn) === "unknown" &&
      actionOf(resource) !== "delete" &&
      (guard.stateful.has(resource.urn) || isServing(resource.type)),
  );
  const settled = settleApprovals(
    input.approvals,
    approvable(resources, guard, [...interruptions.moments, ...uncertain], sovereignty.notices),
    today,
  );
  const granted = withAlong(settled.granted, guard);
  const guarded = guard.entries.map((entry) => withApproval(entry, settled.granted.get(entry.urn)));
  const moments = interruptions.moments.map((moment) => withApproval(moment, granted.get(moment.urn)));
  const notices = sovereignty.notices.map((notice) => decided(notice, settled.granted));
  const policies = packResults(input, relations, sovereignty.findings);
  const failure = failureOf(input);
  const facts = { relations, title: about.title };
  const titleOf = grouping(resources.filter(isReal), facts);
  return masked({
    about,
    verdict: verdictOf({
      guard: guarded,
      moments,
      uncertain: uncertain.map(({ urn, name }) => withApproval({ urn, name: sentence(name, 500) }, granted.get(urn))),
      impossible: resources.flatMap(({ urn, name, type, change, inputs }) => {
        const why = change?.op === "update" ? refusedUpdate(type, change.before ?? {}, inputs) : undefined;
        return why === undefined ? [] : [{ urn, name: sentence(name, 500), why }];
      }),
      findings: sovereignty.findings,
      notices,
      policies,
      approvals: settled.results,
      ...(failure !== undefined && { failure }),
    }),
    guard: guarded.map(({ urn: _, along: __, ...entry }) => entry),
    approvals: settled.results,
    changes: changesOf(resources, { ...facts, aliases, stateful: guard.stateful, effects: interruptions.effects }),
    downtime: {
      moments: moments.map(({ urn: _, line: __, ...moment }): Interruption => moment),
      unknown: interruptions.unknown,
      ...stepsOf(resources, interruptions.effects),
      order: ORDER,
    },
    cost: costOf(resources, (resource) => titleOf(resource).title, input.createdAt ?? new Map(), input.livePrices),
    sovereignty: { ...sovereignty, notices },
    policies,
    messages: messagesOf(input.diagnostics, relations),
    topology: topologyOf(resources, relations, sides, guard.holdings),
    limits: graph.limits,
  });
}

function aboutOf({ graph, today }: ReviewInput): About {
  const { kind, name, stack, project } = graph.source;
  return {
    title: sentence(stack === undefined ? name : project === undefined ? stack : `${project}/${stack}`, 300),
    source: kind,
    name: sentence(name, 500),
    ...(stack !== undefined && { stack: sentence(stack, 200) }),
    ...(project !== undefined && { project: sentence(project, 200) }),
    date: today,
    firstDeployment: isFirstDeployment(graph),
  };
}

/** Properties that nothing changes are the same object before and after: they are looked through once. */
function remembered(extract: Extract): Extract {
  const known = new WeakMap<Properties, Map<string, ReturnType<Extract>>>();
  return (properties, type) => {
    let byType = known.get(properties);
    if (!byType) {
      byType = new Map();
      known.set(properties, byType);
    }
    let extraction = byType.get(type);
    if (!extraction) {
      extraction = extract(properties, type);
      byType.set(type, extraction);
    }
    return extraction;
  };
}

function approvable(
  resources: readonly Resource[],
  { entries }: Guard,
  interrupted: readonly { readonly urn: string }[],
  notices: readonly Notice[],
): Approvable[] {
  const names = new Map(resources.map(({ urn, name }) => [urn, name]));
  const of = (urn: string, weight: Approvable["weight"]): Approvable => ({ urn, name: names.get(urn) ?? urn, weight });
  return [
    ...entries.filter(isDecided).map(({ urn }) => of(urn, 0)),
    ...interrupted.map(({ urn }) => of(urn, 1)),
    ...notices.flatMap((notice) => notice.resources.map(({ urn }) => of(urn, 2))),
  ];
}

/** Who approves that a resource goes approves that what hangs on it is interrupted; data of others need their own approval. */
function withAlong(granted: ReadonlyMap<string, Approval>, { entries }: Guard): Map<string, Approval> {
  const all = new Map(granted);
  for (const { urn, along } of entries) {
    const approval = granted.get(urn);
    if (approval) for (const other of along) if (!all.has(other)) all.set(other, approval);
  }
  const guarded = new Set(entries.filter(isDecided).map(({ urn }) => urn));
  for (const urn of guarded) if (!granted.has(urn)) all.delete(urn);
  return all;
}

function withApproval<T extends object>(
  entry: T,
  approval: Approval | undefined,
): T & { readonly approval?: Approval } {
  return approval ? { ...entry, approval } : entry;
}

function decided(notice: Notice, granted: ReadonlyMap<string, Approval>): Notice {
  const all = notice.resources.length > 0 && notice.resources.every(({ urn }) => granted.has(urn));
  return all ? { ...notice, settled: true } : notice;
}

/** What this project's packs said of what the review has found by itself stands there already. */
function packResults(
  { policyEvents, graph }: ReviewInput,
  { byUrn }: Relations,
  findings: readonly Finding[],
): PackResult[] {
  const told = new Map<string, string[]>();
  for (const { rule, message, resource } of findings) {
    const own = told.get(resource.urn) ?? [];
    own.push(`${message}\0(${rule}`);
    told.set(resource.urn, own);
  }
  const stack = graph.resources.find(({ type }) => type === STACK)?.urn;
  return policyEvents.flatMap((event): PackResult[] => {
    const known = [...(told.get(event.urn ?? "") ?? []), ...(event.urn === stack ? (told.get("") ?? []) : [])];
    const isKnown = known.some((text) => text.split("\0").every((part) => event.message.includes(part)));
    if (Object.hasOwn(packs, event.pack) && isKnown) return [];
    const resource = event.urn === undefined ? undefined : byUrn.get(event.urn);
    return [
      {
        pack: sentence(event.pack, 200),
        policy: sentence(event.policy, 200),
        level: sentence(event.level, 50),
        ...(resource && { resource: ref(resource) }),
        message: sentence(event.message),
      },
    ];
  });
}

/** What the engine says when it has said everything else before. */
const GENERIC = /^(?:preview|update) failed$/;

/** A run that only broke a mandatory policy has failed too: that is told as what it is. */
function failureOf({ succeeded, failed, policyEvents, diagnostics }: ReviewInput): string | undefined {
  if (succeeded && failed.length === 0) return undefined;
  const error = diagnostics.find(({ severity, message }) => severity === "error" && !GENERIC.test(message));
  if (!error && failed.length === 0 && policyEvents.some(({ level }) => level === "mandatory")) return undefined;
  return error ? sentence(error.message, 500) : "";
}

function messagesOf(diagnostics: readonly Diagnostic[], { byUrn }: Relations): Message[] {
  return diagnostics
    .flatMap(({ severity, message, urn }): Message[] => {
      if (severity === "info") return [];
      const resource = urn === undefined ? undefined : byUrn.get(urn);
      return [{ severity, text: sentence(message), ...(resource && { resource: ref(resource) }) }];
    })
    .slice(0, MOST_MESSAGES);
}
