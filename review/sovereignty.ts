/** What the rules say before and after, and what has to be announced. */
import type { Graph, Resource } from "../graph/model.ts";
import { wanted } from "../graph/model.ts";
import type { Extract } from "../policies/index.ts";
import {
  type Context,
  countryName,
  createCheck,
  type Evaluation,
  evaluate,
  type Finding,
  placesOf,
  reach,
} from "../policies/index.ts";
import { ref } from "./action.ts";
import type { ReviewInput } from "./input.ts";
import type { Notice, Sovereignty } from "./model.ts";
import { scoreOf } from "./score.ts";
import { nameShown, sentence, typeShown } from "./shown.ts";

/** Resources that a notice names. */
const MOST_NAMED = 20;

export interface Sides {
  readonly before: Context;
  readonly after: Context;
}

/** What both sides are judged with; what the resources lead to is worked out once for both. */
export function sidesOf(input: ReviewInput, before: Graph, extract: Extract): Sides {
  const options = { rules: [], extract, today: input.today, register: input.register };
  const context = (graph: Graph) => createCheck(graph, input.catalogue, input.settings, options).context;
  return { before: context(before), after: context(input.graph) };
}

export function sovereigntyOf(
  input: ReviewInput,
  sides: Sides,
  extract: Extract,
  firstDeployment: boolean,
): Sovereignty {
  const { catalogue, settings, rules, today, register, exemptions } = input;
  const judge = (graph: Graph): Evaluation =>
    evaluate(graph, catalogue, settings, { rules, extract, today, register, exemptions });
  const [before, after] = [judge(sides.before.graph), judge(sides.after.graph)];
  const known = new Set(before.findings.map(({ fingerprint }) => fingerprint));
  const left = new Set(after.findings.map(({ fingerprint }) => fingerprint));
  return {
    findings: after.findings.map((finding) => ({
      ...masked(finding),
      since: known.has(finding.fingerprint) ? "before" : "new",
    })),
    gone: before.findings.filter(({ fingerprint }) => !left.has(fingerprint)).map(masked),
    notices: firstDeployment ? [] : [...locationNotices(sides), ...processorNotices(sides)],
    score: scoreOf(rules, before, after),
  };
}

/** Rules keep secrets out of what they say; names come from programs. */
function masked(finding: Finding): Finding {
  const { message, resource, fix } = finding;
  return {
    ...finding,
    message: sentence(message),
    fix: sentence(fix),
    resource: {
      ...resource,
      urn: nameShown(resource.urn),
      name: nameShown(resource.name),
      type: typeShown(resource.type),
    },
  };
}

interface Party {
  readonly subject: string;
  readonly country?: string;
  readonly standing: Notice["standing"];
  readonly settled: boolean;
  readonly resources: Resource[];
}

type Parties = Map<string, Party>;

function locationNotices({ before, after }: Sides): Notice[] {
  return compared(places(before), places(after), (change, party) => ({
    kind: "location",
    clause: "DORA Art. 30(2)(b)",
    text:
      change === "new"
        ? `${party.subject} is a new place of service or data: announce it before (DORA Art. 30(2)(b)).`
        : `${party.subject} is no place of service or data any more (DORA Art. 30(2)(b)).`,
  }));
}

function processorNotices({ before, after }: Sides): Notice[] {
  return compared(processors(before), processors(after), (change, party) => ({
    kind: "sub-processor",
    clause: "DORA Art. 30(2)(a)",
    text:
      change === "new"
        ? `${party.subject} is a new third party: announce it before (DORA Art. 30(2)(a), GDPR Art. 28(2)).`
        : `${party.subject} is no third party any more (DORA Art. 30(2)(a)).`,
  }));
}

function compared(
  before: Parties,
  after: Parties,
  say: (change: Notice["change"], party: Party) => Pick<Notice, "kind" | "clause" | "text">,
): Notice[] {
  const notice = (change: Notice["change"], party: Party): Notice => ({
    ...say(change, party),
    change,
    subject: party.subject,
    ...(party.country !== undefined && { country: party.country }),
    standing: party.standing,
    resources: party.resources.slice(0, MOST_NAMED).map(ref),
    settled: change === "gone" || party.settled,
  });
  return [
    ...[...after].filter(([key]) => !before.has(key)).map(([, party]) => notice("new", party)),
    ...[...before].filter(([key]) => !after.has(key)).map(([, party]) => notice("gone", party)),
  ];
}

function join(parties: Parties, key: string, resource: Resource, party: () => Omit<Party, "resources">): void {
  const known = parties.get(key);
  if (known) known.resources.push(resource);
  else parties.set(key, { ...party(), resources: [resource] });
}

/** Regions in which something of a cloud's stands. */
function places(context: Context): Parties {
  const { graph, catalogue } = context;
  const parties: Parties = new Map();
  for (const resource of wanted(graph)) {
    const provider =
      resource.custom && !resource.type.startsWith("pulumi:") ? catalogue.provider(resource.type) : undefined;
    if (!provider) continue;
    for (const { value } of placesOf(resource, context).places) {
      if (typeof value !== "string") continue;
      const region = catalogue.region(provider, value);
      const countries = region?.countries ?? [];
      const name = region?.name ?? nameShown(value);
      join(parties, `${provider.package}:${name}`, resource, () => ({
        subject: `${provider.name} ${name} (${[region?.city, ...countries.map(countryName)].filter(Boolean).join(", ") || "place not known"})`,
        ...(countries.length === 1 && { country: countries[0]! }),
        standing: region ? catalogue.regionStanding(region) : "unknown",
        settled: false,
      }));
    }
  }
  return parties;
}

/** Companies outside that something talks to: neither own nor the platform's. */
function processors(context: Context): Parties {
  const parties: Parties = new Map();
  for (const resource of wanted(context.graph))
    for (const endpoint of context.endpoints(resource).endpoints) {
      const reached = reach(endpoint, context);
      if (reached.kind === "own") continue;
      const facts = reached.kind === "approved" || reached.kind === "unknown" ? undefined : reached.facts;
      const [vendor] = facts?.owners ?? context.catalogue.host(endpoint.host).owners;
      join(parties, vendor?.id ?? endpoint.host, resource, () => {
        const country = facts?.jurisdiction ?? vendor?.seat;
        return {
          subject: vendor
            ? `${vendor.name} (${country ?? "country not known"})`
            : `${nameShown(endpoint.host)} (owner not known)`,
          ...(country !== undefined && { country }),
          standing: facts?.standing ?? (vendor ? context.catalogue.ownerStanding(vendor.id).standing : "unknown"),
          settled: reached.kind === "approved",
        };
      });
    }
  return parties;
}
