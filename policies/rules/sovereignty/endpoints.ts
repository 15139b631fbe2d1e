import { type Resource, wanted } from "../../../graph/model.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import type { Endpoint } from "../../endpoints/types.ts";
import { alternativesInWords } from "../alternatives.ts";
import { isAskedOneByOne } from "../graph-index.ts";
import { frameworkAllows } from "../privacy-framework.ts";
import { type Facts, isOfCloud, type Reach, reach } from "../reach.ts";
import { isService, mayBeService } from "../services.ts";
import { countryName, ownerInWords, reachOfLaw, standingInWords } from "../standing.ts";

/** Third parties that a deployment talks to, wherever their names hide. */
export const endpoints: Rule = {
  id: "sovereignty/endpoints",
  title: "No third party that nobody approved",
  description: `Looks through every text of every property, at every depth, and decodes what it finds there: user data (cloud-config, shell, MIME parts, gzip,
base64, and all of these in one another), ConfigMaps and Secrets, container images (no host means docker.io), connection strings, resolvers, time servers, DNS
records, package sources, install scripts, provider settings.

What is found is one of these: the deployment's **own** (private names and addresses, \`ownDomains\`, \`ownNetworks\`, the company whose machines it stands on, Services of the same cluster);
**approved** by the register; **blocked**, because its owner or its region is outside the EU; or **not approved**. Both of the last are refused (setting
\`unregistered\` weakens the second). The register alone does not unblock an owner outside the EU: that takes an exemption, with a reason and an end.`,
  severity: "refuse",
  controls: [
    "secnumcloud-19.6-c",
    "secnumcloud-19.2-d",
    "c5-sso-03",
    "csf-sov-5",
    "csf-sov-2",
    "dora-30-2-a",
    "gdpr-28",
    "gdpr-44",
    "waf-sov-040",
    "waf-sov-080",
    "waf-sov-090",
  ],
  examples: {
    bad: `resources:
  web:
    type: kubernetes:apps/v1:Deployment
    properties:
      spec:
        template:
          spec:
            containers:
              - name: web
                image: registry.example/web@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
                env:
                  - name: SENTRY_DSN
                    value: https://0123456789abcdef@o42.ingest.sentry.io/7
`,
    good: `resources:
  web:
    type: kubernetes:apps/v1:Deployment
    properties:
      spec:
        template:
          spec:
            containers:
              - name: web
                image: registry.example/web@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
                env:
                  - name: SENTRY_DSN
                    value: https://0123456789abcdef@errors.internal/7
`,
  },
  applies: () => true,
  *resource(resource, context) {
    for (const endpoint of distinct(resource, context)) {
      const result = reach(endpoint, context);
      if (!isToldLater(resource, endpoint, result, context)) yield* judged(resource, endpoint, result, context);
    }
  },
  *stack(context) {
    if (!isAskedOneByOne(context.graph)) return;
    for (const resource of wanted(context.graph))
      for (const endpoint of distinct(resource, context)) {
        const result = reach(endpoint, context);
        if (isToldLater(resource, endpoint, result, context)) yield* judged(resource, endpoint, result, context);
      }
  },
};

function* distinct(resource: Resource, context: Context): Generator<Endpoint> {
  const told = new Set<string>();
  for (const endpoint of context.endpoints(resource).endpoints) {
    const key = `${endpoint.property}\0${endpoint.place.join("\0")}\0${endpoint.host}`;
    if (told.has(key)) continue;
    told.add(key);
    yield endpoint;
  }
}

/** A policy pack may see only later what an endpoint belongs to: a Service of the cluster, or the first resource at a company's cloud. */
function isToldLater(resource: Resource, endpoint: Endpoint, result: Reach, context: Context): boolean {
  if (!isAskedOneByOne(context.graph)) return false;
  return result.kind === "unregistered"
    ? isOfCloud(result.facts, context.catalogue)
    : result.kind === "unknown" && mayBeService(resource, endpoint.host);
}

function judged(resource: Resource, endpoint: Endpoint, result: Reach, context: Context): Report[] {
  const report = reportOf(resource, endpoint, result, context);
  return report ? [report] : [];
}

function reportOf(resource: Resource, endpoint: Endpoint, result: Reach, context: Context): Report | undefined {
  const { host, kind, property, place } = endpoint;
  const at = { resource, property, ...(place.length > 0 && { place }) };
  const subject = kind === "name" ? { host } : { address: host };
  switch (result.kind) {
    case "own":
    case "approved":
      return undefined;
    case "blocked":
      return {
        ...at,
        outcome: "violation",
        ...blocked(resource, host, result.facts, context),
        subject: { ...subject, ...about(result.facts) },
      };
    case "contradicted":
      return {
        ...at,
        outcome: "violation",
        ...contradicted(host, result),
        subject: { ...subject, ...about(result.facts) },
      };
    case "unregistered":
      return {
        ...at,
        outcome: "violation",
        severity: context.settings.unregistered,
        ...unregistered(host, result.facts),
        subject: { ...subject, ...about(result.facts) },
      };
    case "unknown":
      if (isService(resource, host, context.graph)) return undefined;
      return {
        ...at,
        outcome: kind === "name" ? "violation" : "not-established",
        ...(kind === "name" && { severity: context.settings.unregistered }),
        ...unknown(host),
        subject,
      };
  }
}

function about({ owners, jurisdiction }: Facts) {
  const [vendor] = owners;
  return {
    ...(vendor && { vendor: vendor.name, owner: owners.at(-1)!.name }),
    ...(jurisdiction && { jurisdiction }),
  };
}

type Words = Pick<Report, "message" | "why" | "fix" | "alternatives" | "severity">;

function blocked(resource: Resource, host: string, facts: Facts, context: Context): Words {
  const { owners, standing, jurisdiction, region, purpose } = facts;
  const [vendor] = owners;
  const use = purpose ? ` (${purpose})` : "";
  const ownerIsOutside = context.catalogue.ownerStanding(vendor?.id ?? "").standing !== "eu";
  if (!ownerIsOutside && region)
    return {
      message: `${host}${use} is ${vendor!.name}'s region ${region.name}, ${standingInWords(region.standing)}.`,
      why: "What is sent there is processed under another law, also where the company's seat is in the EU.",
      fix: "Use the same service's region in the EU.",
    };
  const relied = vendor !== undefined && frameworkAllows(resource, vendor, context);
  return {
    ...(relied && { severity: "notice" as const }),
    message: `${host}${use} belongs to ${ownerInWords(owners)}${jurisdiction ? `: ${countryName(jurisdiction)} is ${standingInWords(standing)}` : ""}.`,
    why: reachOfLaw(jurisdiction),
    fix: "Use an alternative in the EU, run it yourself, or take it out; where it has to stay, have it exempted with a reason and an end.",
    ...(vendor && { alternatives: alternativesInWords(vendor, context.catalogue, purpose) }),
  };
}

function contradicted(host: string, { service, facts }: Extract<Reach, { kind: "contradicted" }>): Words {
  return {
    message:
      facts.owners.length > 0
        ? `${host} is in the register (${service.provider}, ${service.jurisdiction}), but belongs to ${ownerInWords(facts.owners)}, ${standingInWords(facts.standing)}.`
        : `${host} is in the register with jurisdiction ${service.jurisdiction}, which is outside the EU.`,
    why: "The register records what was decided; it does not change whose law reaches the data.",
    fix: "Replace the service, or have it exempted with a reason and an end; correct the register's jurisdiction.",
  };
}

function unregistered(host: string, { owners, purpose }: Facts): Words {
  return {
    message: `${host}${purpose ? ` (${purpose})` : ""} belongs to ${ownerInWords(owners)} and is not in the register of approved services.`,
    why: "Every recipient of data has to be known, with purpose, contract and retention, also within the EU.",
    fix: "Add it to approved-services.yaml with purpose, contract and dates, or take it out.",
  };
}

function unknown(host: string): Words {
  return {
    message: `${host} is neither in the register of approved services nor in the catalogue: who runs it is not known.`,
    why: "Data must not go to somebody whom nobody has looked up.",
    fix: "If it is yours, name its domain in `ownDomains` (an address in `ownNetworks`); else add it to approved-services.yaml, or take it out.",
  };
}
