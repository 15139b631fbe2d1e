/** Finished reviews to look at, for tests: made up, with something in every section. */

import { groupBy } from "../group.ts";
import type { Action, ChangedResource, PropertyShown, Ref, Review } from "../model.ts";
import { type SampleOptions, sampleTopology } from "../picture/sample.ts";

const differs = (path: string, before: string, after: string, forcesReplacement = false): PropertyShown => ({
  path,
  before,
  after,
  forcesReplacement,
});

const PROPERTIES: Readonly<Partial<Record<Action, readonly PropertyShown[]>>> = {
  update: [differs("serverType", "cpx31", "cpx41"), differs("labels.tier", "web", "front")],
  replace: [differs("location", "fsn1", "ash", true), differs("userData", "[secret]", "[secret]", true)],
};

/** A review of a shop; `word` is only said, not judged. */
export function sampleReview(word: Review["verdict"]["word"], options: SampleOptions): Review {
  const topology = sampleTopology(options);
  const changed = topology.nodes.flatMap((node): ChangedResource[] => {
    if (node.action === "none") return [];
    const { urn, name, type, action, stateful } = node;
    const effect = action === "replace" ? "outage" : action === "update" ? "power-off" : "none";
    const role = node.role ?? "data";
    return [
      {
        urn,
        name,
        type,
        action,
        stateful,
        effect,
        path: [`shop-${role}`],
        properties: PROPERTIES[action] ?? [],
        more: 0,
      },
    ];
  });
  const countsOf = (resources: readonly ChangedResource[]) =>
    Object.fromEntries([...groupBy(resources, ({ action }) => action)].map(([action, some]) => [action, some.length]));
  const components = [...groupBy(changed, ({ path }) => path[0]!)].map(([title, resources]) => ({
    urn: `urn:pulumi:prod::shop::sovereign:${title}::${title}`,
    title: `shop > ${title}`,
    counts: countsOf(resources),
    resources,
  }));
  const ref = ({ urn, name, type }: Ref): Ref => ({ urn, name, type });
  const lost = changed.filter(({ stateful, action }) => stateful && (action === "replace" || action === "delete"));
  const leaving = topology.flows.filter(({ leaves, presence }) => leaves === "yes" && presence === "added");
  const interrupted = changed.filter(({ effect }) => effect !== "none");
  const finding = (host: string, vendor: string, jurisdiction: string) => ({
    rule: "sovereignty/endpoints",
    pack: "sovereignty" as const,
    severity: "refuse" as const,
    outcome: "violation" as const,
    resource: ref(topology.nodes.find(({ role }) => role === "app")!),
    property: "userData",
    place: ["part 2 (cloud-config)", "write_files[3]"],
    subject: { host, vendor, jurisdiction },
    message: `${host} belongs to ${vendor}, under the law of ${jurisdiction}.`,
    why: "What is sent there can be demanded by authorities outside the EU.",
    fix: "Use a service whose owners are in the EU.",
    alternatives: ["Better Stack EU", "GlitchTip on own servers"],
    controls: [],
    fingerprint: "0123456789abcdef",
  });
  const count = (clear: number, against: number) => ({ clear, against, share: clear / (clear + against) });
  return {
    about: {
      title: "prod",
      source: "events",
      name: "preview.jsonl",
      stack: "prod",
      project: "shop",
      date: "2026-11-22",
      firstDeployment: false,
    },
    verdict: {
      word,
      code: word === "safe" ? 0 : word === "refused" ? 20 : 10,
      reasons: [
        ...lost.slice(0, 3).map(({ urn, name }) => ({
          weight: "refused" as const,
          kind: "data loss" as const,
          text: `${name} is replaced, and what it holds is lost: no approval names it.`,
          resources: [urn],
        })),
        ...leaving.map(({ host, vendor }) => ({
          weight: "refused" as const,
          kind: "policy" as const,
          text: `Personal data would go to ${host} (${vendor}), outside the EU.`,
          resources: changed.slice(0, 1).map(({ urn }) => urn),
        })),
        ...(interrupted.length > 0 && word !== "safe"
          ? [
              {
                weight: "needs approval" as const,
                kind: "downtime" as const,
                text: `${interrupted.length} resources that answer requests are interrupted.`,
                resources: interrupted.map(({ urn }) => urn),
              },
            ]
          : []),
      ],
    },
    guard: lost.slice(0, 3).map((resource, index) => ({
      resource: ref(resource),
      fate: "replaced",
      because: index === 0 ? "volume" : "type",
      holds: "the files on the volume",
      classes: ["personal"],
      forcedBy: [differs("location", "fsn1", "ash", true)],
      takesAlong: changed.slice(0, 9).map(ref),
      advice: "Restore a backup into a new cluster beside it, switch over, and delete this one afterwards.",
    })),
    approvals: [],
    changes: {
      counts: countsOf(changed),
      unchanged: topology.nodes.length - changed.length,
      read: 2,
      components,
      aliases: [],
    },
    downtime: {
      moments: interrupted.slice(0, 4).map((resource) => ({
        resource: ref(resource),
        effect: resource.effect === "outage" ? ("outage" as const) : ("power-off" as const),
        text: "The server is powered off while its type changes.",
        property: "serverType",
        serious: true,
        source: "provider's reference, 2026-11",
      })),
      unknown: [],
      steps: changed.map((resource, index) => ({
        number: index + 1,
        resource: ref(resource),
        what: resource.action === "create" ? "create" : "update",
        effect: resource.effect,
      })),
      moreSteps: 0,
      order: "In the order in which the preview announced the steps; independent ones run side by side.",
    },
    cost: {
      currency: "EUR",
      before: 412.5,
      after: 498.18,
      delta: 85.68,
      components: components.map(({ title, resources }, index) => ({
        title,
        before: 100 + index * 12.5,
        after: 100 + index * 12.5 + resources.length * 3.2,
        delta: resources.length * 3.2,
      })),
      unpriced: [
        {
          resource: ref(topology.nodes.find(({ kind }) => kind === "DNS")!),
          why: "DNS zones have no price of their own.",
          when: "both",
        },
      ],
      olderPrices: [],
      prices: { source: "list", validFrom: "2026-06-15", read: "2026-10" },
    },
    sovereignty: {
      findings: leaving.map(({ host, vendor, jurisdiction }) => ({
        ...finding(host, vendor ?? "nobody known", jurisdiction ?? "??"),
        since: "new" as const,
      })),
      gone: [],
      notices: leaving.map(({ vendor, jurisdiction, standing }) => ({
        kind: "sub-processor" as const,
        change: "new" as const,
        subject: `${vendor} (${jurisdiction})`,
        standing,
        text: "A new subcontractor has to be announced beforehand.",
        clause: "DORA Art. 30(2)(a)" as const,
        resources: changed.slice(0, 1).map(ref),
        settled: false,
      })),
      score: {
        groups: [
          {
            framework: "SecNumCloud",
            before: count(6, 0),
            after: count(6 - leaving.length, leaving.length),
            against: leaving.length > 0 ? ["§19.6 a-b"] : [],
          },
          { framework: "DORA", before: count(3, 1), after: count(3, 1), against: ["Art. 30(2)(b)"] },
          {
            framework: "GDPR",
            before: count(4, 0),
            after: count(4 - leaving.length, leaving.length),
            against: leaving.length > 0 ? ["Art. 28"] : [],
          },
        ],
        before: count(13, 1),
        after: count(13 - 2 * leaving.length, 1 + 2 * leaving.length),
      },
    },
    policies: [],
    messages: [{ severity: "warning", text: "hcloud: server type cpx31 is deprecated" }],
    topology,
    limits: ["event stream: it does not say what depends on what"],
  };
}
