import { holdsData } from "../../catalogue/stateful-types.ts";
import type { Resource, Value } from "../../graph/model.ts";
import { memoised } from "../catalogue/memoised.ts";
import type { Settings } from "../core/settings.ts";
import { entriesOf, isObject, open, valuesAt } from "./values.ts";

/** Packages whose resources are no cloud's: they make values, files or commands on the machine that runs the deployment. */
const PLACELESS: ReadonlySet<string> = new Set([
  "command",
  "local",
  "null",
  "pulumi",
  "pulumi-nodejs",
  "pulumi-python",
  "random",
  "std",
  "synced-folder",
  "terraform",
  "time",
  "tls",
]);

/**
 * Packages that set up something which runs wherever its operator put it: no company stands behind them. Where that is stands in their
 * provider's settings, which the rule for endpoints looks through.
 */
const SELF_RUN: ReadonlySet<string> = new Set([
  "consul",
  "docker",
  "docker-build",
  "elasticstack",
  "gitlab",
  "grafana",
  "harbor",
  "kafka",
  "keycloak",
  "kubernetes-cert-manager",
  "kubernetes-ingress-nginx",
  "libvirt",
  "minio",
  "mongodb",
  "mysql",
  "nomad",
  "openstack",
  "postgresql",
  "proxmoxve",
  "rabbitmq",
  "rancher2",
  "redis",
  "rke",
  "vault",
  "vsphere",
]);

/** `aws` of `aws:s3/bucket:Bucket`; for a provider resource the package that it is for. */
export const packageOf = memoised((type: string): string => {
  const [first = "", second = "", third = ""] = type.split(":", 3);
  return first === "pulumi" && second === "providers" ? third : first;
});

export function isProviderResource({ type }: Resource): boolean {
  return type.startsWith("pulumi:providers:");
}

/** Whether a resource stands in some cloud. Components do not: their children do. */
export function isPlaced({ custom, type }: Resource): boolean {
  return custom && !PLACELESS.has(packageOf(type));
}

/** Whether its provider is software that somebody runs, and no company's cloud. */
export function isSelfRun({ type }: Resource): boolean {
  return SELF_RUN.has(packageOf(type));
}

/** Whether something is lost with it: by its type, or by data classes that somebody wrote on it. */
export function isStateful(resource: Resource, settings: Settings): boolean {
  return holdsData(resource.type) !== undefined || dataClasses(resource, settings).length > 0;
}

const LABELS = [
  "labels",
  "tags",
  "metadata.labels",
  "metadata.annotations",
  "defaultTags.tags",
  "userLabels",
  "resourceLabels",
];

const NONE: string[] = [];

/** The data classes that a resource states: a label or tag, or a property `dataClasses`. Lower case, sorted, each once. */
export function dataClasses({ inputs }: Resource, { classLabels }: Settings): readonly string[] {
  const texts = stated(inputs, classLabels);
  for (const holder of LABELS)
    for (const { value } of valuesAt(inputs, holder)) texts.push(...stated(value, classLabels));
  if (texts.length === 0) return NONE;
  const classes = texts.flatMap((text) => text.toLowerCase().split(/[,;. _]+/)).filter(Boolean);
  return [...new Set(classes)].sort();
}

/** What labels, or a resource's own properties, say of classes. */
function stated(value: Value, classLabels: readonly string[]): string[] {
  const texts: string[] = [];
  // Scaleway's tags are a list of `key=value`; everybody else's a map.
  if (Array.isArray(value)) {
    for (const entry of entriesOf({ path: "", value }))
      if (typeof entry.value === "string") texts.push(...pair(entry.value, classLabels));
  } else if (isObject(value))
    for (const label of classLabels) if (Object.hasOwn(value, label)) texts.push(...strings(open(value[label])));
  return texts;
}

function pair(text: string, labels: readonly string[]): string[] {
  const [, key = "", value = ""] = /^([^=:]+)[=:](.*)$/.exec(text) ?? [];
  return labels.includes(key.trim()) ? [value] : [];
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

/** Whether all that it states may stand outside the EU, by the settings; what states nothing may not. */
export function isFlexible(resource: Resource, settings: Settings): boolean {
  if (settings.flexibleClasses.length === 0) return false;
  const classes = dataClasses(resource, settings);
  return (
    classes.length > 0 &&
    classes.every((name) => settings.flexibleClasses.includes(name) && !settings.sovereignClasses.includes(name))
  );
}

/** Whether it states a class that has to stay in the EU. */
export function sovereignClasses(resource: Resource, settings: Settings): readonly string[] {
  const classes = dataClasses(resource, settings);
  return classes.length === 0 ? classes : classes.filter((name) => settings.sovereignClasses.includes(name));
}
