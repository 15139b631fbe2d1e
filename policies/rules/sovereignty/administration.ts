import ipaddr from "ipaddr.js";
import { type Graph, type Resource, Unseen } from "../../../graph/model.ts";
import type { Context, Report, ResourceRef, Rule } from "../../core/types.ts";
import type { Endpoint } from "../../endpoints/types.ts";
import { includes, isAnywhere, isFirewall, openings } from "../ingress.ts";
import { reach } from "../reach.ts";
import { countryName, isAccepted, ownerInWords, reachOfLaw, standingInWords } from "../standing.ts";
import { isObject } from "../values.ts";

/** Who administers, and from where: state, secrets, and the ways in for people. */
export const administration: Rule = {
  id: "sovereignty/administration",
  title: "Administration stays in the EU",
  description: `Looks at what stands beside the resources: the **state backend** (a state holds every address, name and, encrypted or not, every secret), the **secrets
provider** (whoever holds its key opens them), and the address ranges that firewalls let in at ports of administration (SSH, RDP, WinRM, the Kubernetes API,
Proxmox). The internet, and a range whose holder is known to be outside, is refused; one that nobody has named in \`ownNetworks\` is *not established*.

A saved stream does not say where the state is: that is *not established* there. \`sovereign check --stack\` and \`--state\` know more.`,
  severity: "refuse",
  controls: ["secnumcloud-19.2-c", "secnumcloud-19.2-d", "c5-cos-05", "csf-sov-4", "gdpr-32", "waf-sov-060"],
  examples: {
    bad: `backend: https://api.pulumi.com
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1}
`,
    good: `backend: file:///var/lib/states
secretsProvider: {type: passphrase}
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1}
`,
  },
  applies: isFirewall,
  *resource(resource, context) {
    for (const opening of openings(resource)) {
      const port = ADMINISTRATION.find(({ ports }) => ports.some((number) => includes(opening, number)));
      if (!port) continue;
      for (const source of opening.sources) {
        const report = judgedSource(resource, opening.path, source, port.name, context);
        if (report) yield report;
      }
    }
  },
  *stack(context) {
    // Manifests and programs that nobody has run have no state.
    const { kind } = context.graph.source;
    if (kind === "manifests") return;
    yield* backend(context);
    yield* secretsProvider(context);
  },
};

const ADMINISTRATION = [
  { name: "SSH", ports: [22] },
  { name: "remote desktops", ports: [3389] },
  { name: "WinRM", ports: [5985, 5986] },
  { name: "the Kubernetes API", ports: [6443] },
  { name: "Proxmox", ports: [8006] },
];

function judgedSource(
  resource: Resource,
  property: string,
  source: string,
  service: string,
  context: Context,
): Report | undefined {
  if (!ipaddr.isValidCIDR(source)) return undefined;
  if (isAnywhere(source)) return fromAnywhere(resource, property, source, service);
  const endpoint: Endpoint = { property, place: [], secret: false, host: source, kind: "range", form: "setting" };
  const result = reach(endpoint, context);
  const at = { resource, ...(property && { property }), subject: { address: source } };
  if (result.kind === "own" || result.kind === "approved") return undefined;
  if (result.kind === "blocked" || result.kind === "contradicted")
    return {
      ...at,
      outcome: "violation",
      message: `${source} may reach ${service}: it belongs to ${ownerInWords(result.facts.owners)}, ${standingInWords(result.facts.standing)}.`,
      why: "Whoever administers can read what is there.",
      fix: "Administer from a network in the EU, over a tunnel of your own.",
    };
  return {
    ...at,
    outcome: "not-established",
    message: `${source} may reach ${service}: whose network this is and where is not known.`,
    why: "Administration has to come from the EU, and an auditor asks from where it comes.",
    fix: "Name it in `ownNetworks` once you know that it is yours and in the EU.",
  };
}

function fromAnywhere(resource: Resource, property: string, source: string, service: string): Report {
  return {
    resource,
    outcome: "violation",
    ...(property && { property }),
    subject: { address: source },
    message: `${source} may reach ${service}: administration is possible from everywhere outside the EU.`,
    why: "Whoever administers can read what is there.",
    fix: "Name the ranges that administer, or use a tunnel of your own.",
  };
}

function stackOf({ source }: Graph): ResourceRef {
  return {
    urn: `stack#${source.stack ?? source.name}`,
    type: "pulumi:pulumi:Stack",
    name: source.stack ?? source.name,
  };
}

function* backend(context: Context): Generator<Report> {
  const { settings } = context.graph;
  const at = { resource: stackOf(context.graph), property: "backend" };
  const url = settings.backend;
  if (typeof url !== "string")
    yield {
      ...at,
      outcome: "not-established",
      message: "Where the state is kept could not be seen.",
      why: "A state holds every address, name and secret of the deployment.",
      fix: "Check with `sovereign check --stack`, which asks the engine, or keep a note of it in your records.",
    };
  else yield* held(at, "The state", url, context);
}

function* secretsProvider(context: Context): Generator<Report> {
  const value = context.graph.settings.secretsProvider;
  if (!isObject(value)) return;
  const { type, url } = value;
  const at = { resource: stackOf(context.graph), property: "secretsProvider" };
  if (type === "passphrase") return;
  if (type === "service") yield* held(at, "The key of the state's secrets", "https://api.pulumi.com", context);
  else if (typeof url === "string") yield* held(at, "The key of the state's secrets", url, context);
  else
    yield {
      ...at,
      outcome: "not-established",
      message: `Who holds the key of the state's secrets could not be seen${url instanceof Unseen ? " (it is a secret)" : ""}.`,
      why: "Whoever holds the key opens every secret of the deployment.",
      fix: "Use a passphrase, or a key service in the EU.",
    };
}

/** Hosts behind the schemes that the engine knows for state and keys. */
const SCHEMES: Readonly<Record<string, string>> = {
  "s3:": "s3.amazonaws.com",
  "awskms:": "kms.amazonaws.com",
  "gs:": "storage.googleapis.com",
  "gcpkms:": "cloudkms.googleapis.com",
  "azblob:": "blob.core.windows.net",
  "azurekeyvault:": "vault.azure.net",
};

function* held(
  at: { resource: ResourceRef; property: string },
  what: string,
  text: string,
  context: Context,
): Generator<Report> {
  const host = hostOf(text);
  if (host === "local") return;
  if (host === undefined) {
    yield {
      ...at,
      outcome: "not-established",
      message: `${what} is with something that this rule does not know: ${schemeOf(text)}.`,
      why: "What nobody has established cannot be shown to an auditor.",
      fix: "Use a bucket in the EU (`s3://…?endpoint=…`), a folder, or an https address.",
    };
    return;
  }
  const result = reach(
    { property: at.property, place: [], secret: false, host, kind: "name", form: "setting" },
    context,
  );
  const { standing, jurisdiction } = context.catalogue.host(host);
  if (result.kind === "own" || result.kind === "approved") return;
  if (result.kind === "unregistered" && isAccepted(standing, context.settings)) return;
  const facts = "facts" in result ? result.facts : undefined;
  yield {
    ...at,
    outcome: facts ? "violation" : "not-established",
    subject: { host, ...(jurisdiction && { jurisdiction }) },
    message: facts
      ? `${what} is with ${host}: ${ownerInWords(facts.owners)}${jurisdiction ? `, ${countryName(jurisdiction)}, ${standingInWords(standing)}` : ""}.`
      : `${what} is with ${host}: who runs that is not known.`,
    why: facts ? reachOfLaw(jurisdiction) : "A state holds every address, name and secret of the deployment.",
    fix: facts
      ? at.property === "secretsProvider"
        ? "Change to a passphrase, or to a key service in the EU: `pulumi stack change-secrets-provider passphrase`."
        : "Move it into the EU: a bucket (`pulumi login 's3://…?endpoint=…'`), a folder, or a service of your own."
      : "If it is yours, name its domain in `ownDomains`; else have it approved.",
  };
}

/** `local` for files; undefined for what is not understood. A bucket with an endpoint of its own is where that endpoint is. */
function hostOf(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.protocol === "file:") return "local";
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint) return hostOf(endpoint.includes("://") ? endpoint : `https://${endpoint}`);
  if (url.protocol === "https:" || url.protocol === "http:") return url.hostname;
  if (url.protocol === "azurekeyvault:") return url.hostname || SCHEMES[url.protocol];
  const region = url.searchParams.get("region");
  return region && url.protocol === "s3:" ? `s3.${region}.amazonaws.com` : SCHEMES[url.protocol];
}

/** The scheme alone: the rest may hold credentials. */
function schemeOf(text: string): string {
  return /^[a-z0-9+.-]{1,20}:/i.exec(text)?.[0] ?? "not a URL";
}
