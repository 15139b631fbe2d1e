/** Reads a case as a graph, and judges findings by what the case expects. */
import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { parse } from "yaml";
import { readManifestText } from "../../graph/manifests.ts";
import { type Graph, HIDDEN, type Properties, Secret, Unseen, type Value } from "../../graph/model.ts";
import { readPulumiYaml } from "../../graph/pulumi-yaml.ts";
import { HIDDEN_MARK, sourceOf } from "./build.ts";
import type { Case, Expectation, Json } from "./schema.ts";

/** The part of a finding that a case may speak of. */
export interface Seen {
  readonly rule: string;
  readonly severity: "refuse" | "warn" | "notice";
  readonly outcome: "violation" | "not-established";
  readonly resource: { readonly name: string };
  readonly property?: string;
  readonly subject?: { readonly host?: string; readonly address?: string; readonly region?: string };
  readonly message: string;
}

/** What all cases start from, in shop.yaml. */
export interface Shop {
  readonly settings: Readonly<Record<string, Json>>;
  readonly register: Json;
}

export function readShop(): Shop {
  return parse(readFileSync(new URL("shop.yaml", import.meta.url), "utf8"));
}

/** Settings and register of a case, as their files would hold them. */
export function inputsOf(entry: Case, shop: Shop): { settings: Record<string, Json>; register: Json } {
  return { settings: { ...shop.settings, ...entry.settings }, register: entry.register ?? shop.register };
}

const RUN = {
  backend: "s3://hansa-state?endpoint=fsn1.your-objectstorage.com&region=fsn1&s3ForcePathStyle=true",
  secretsProvider: "passphrase",
};

/** The case as one of the readers sees it. */
export function graphOf(entry: Case): Graph {
  const source = sourceOf(entry);
  if (source.kind === "manifests") {
    return hide(readManifestText(source.text, entry.file));
  }
  const { backend = RUN.backend, secretsProvider = RUN.secretsProvider, config = {} } = entry.run ?? {};
  const graph = hide(readPulumiYaml(source.text, entry.file, { config }));
  const keys: Properties = secretsProvider.includes("://")
    ? { type: "cloud", url: secretsProvider }
    : { type: secretsProvider };
  return { ...graph, settings: { ...graph.settings, backend, secretsProvider: keys } };
}

function hide(graph: Graph): Graph {
  const resources = graph.resources.map((resource) => ({ ...resource, inputs: hidden(resource.inputs) as Properties }));
  return { ...graph, resources };
}

/** Puts `HIDDEN` where a case has `$hidden`, as a source does that does not show its secrets. */
function hidden(value: Value): Value {
  if (value === HIDDEN_MARK) {
    return HIDDEN;
  }
  if (value instanceof Secret) {
    return new Secret(hidden(value.value));
  }
  if (Array.isArray(value)) {
    return value.map(hidden);
  }
  if (value === null || typeof value !== "object" || value instanceof Unseen) {
    return value;
  }
  return Object.fromEntries(Object.entries(value as Properties).map(([key, inner]) => [key, hidden(inner)]));
}

export interface Judgement {
  /** Expectations that no finding meets. */
  readonly missed: readonly Expectation[];
  /** Findings on a case that expects none. Notices are for the record and alarm nobody. */
  readonly alarms: readonly Seen[];
}

export function judge(entry: Case, findings: readonly Seen[]): Judgement {
  const missed = entry.expect.filter((expected) => !findings.some((finding) => meets(finding, expected)));
  const alarms = entry.expect.length > 0 ? [] : findings.filter(({ severity }) => severity !== "notice");
  return { missed, alarms };
}

/** A leak is caught by a finding that refuses, or by one that warns that something could not be seen; never by a notice. */
function meets(finding: Seen, expected: Expectation): boolean {
  const { outcome, severity, property } = expected;
  const host = canonical(finding.subject?.host ?? finding.subject?.address);
  return (
    ruleMeets(finding, expected) &&
    (outcome === undefined || finding.outcome === outcome) &&
    (severity === undefined
      ? finding.severity === "refuse" || (finding.outcome === "not-established" && finding.severity === "warn")
      : finding.severity === severity) &&
    (expected.resource === undefined || [expected.resource].flat().some((name) => isNamed(finding, name))) &&
    (expected.host === undefined || host === canonical(expected.host)) &&
    (expected.under === undefined || `.${host}`.endsWith(`.${canonical(expected.under)}`)) &&
    (expected.region === undefined || regionMeets(finding, expected.region)) &&
    (property === undefined || finding.property?.startsWith(property) === true)
  );
}

/** What is not established may be said by any rule: `unseen` stands for all of them. */
function ruleMeets(finding: Seen, { rule }: Expectation): boolean {
  const rules = [rule].flat();
  return (
    rules.some((id) => finding.rule === `sovereignty/${id}`) ||
    (rules.includes("unseen") && finding.outcome === "not-established")
  );
}

/** Manifests' objects may carry their namespace before their name. */
function isNamed({ resource }: Seen, name: string): boolean {
  return resource.name === name || resource.name.endsWith(`/${name}`);
}

/** A zone may be reported as its region and a spelling as the canonical one, or the region in the message only. */
function regionMeets({ subject, message }: Seen, expected: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, "");
  if (subject?.region === undefined) {
    return message
      .toLowerCase()
      .split(/[^\w-]+/)
      .includes(expected.toLowerCase());
  }
  const found = plain(subject.region);
  return found.startsWith(plain(expected)) || plain(expected).startsWith(found);
}

function canonical(host: string | undefined): string | undefined {
  if (host === undefined) {
    return undefined;
  }
  const name = host.toLowerCase().replace(/^\*\./, "").replace(/\.$/, "");
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname : domainToASCII(name) || name;
}
