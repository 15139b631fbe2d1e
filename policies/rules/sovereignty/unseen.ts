import { COMPUTED, type Resource, wanted } from "../../../graph/model.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import type { Blind } from "../../endpoints/types.ts";
import { isAskedOneByOne, resourcesByUrn } from "../graph-index.ts";
import { isPlaced, isStateful } from "../resource.ts";
import { isAccepted } from "../standing.ts";

/** What no rule could look into. Silence about it would be a pass by failure. */
export const unseen: Rule = {
  id: "sovereignty/unseen",
  title: "What could not be seen is said",
  description: `Lists the properties of a resource that could hold an endpoint and could not be looked into: secrets (a saved stream or state shows \`[secret]\` or
ciphertext), values that are known only after the deployment, and texts whose decoding broke, was too deep or too big. One finding for each resource and
reason. Identifiers, names and numbers that other resources give are left out: they lead nowhere.

It warns (setting \`notEstablished: refuse\` refuses). Endpoints of resources that hold data and are known only after the deployment are refused.
The policy pack in a preview sees secrets in clear: what this rule lists for a saved stream, the pack establishes.`,
  severity: "warn",
  controls: ["c5-sso-03", "waf-sov-090", "dora-30-2-b"],
  examples: {
    bad: `resources:
  web:
    type: hcloud:Server
    properties:
      serverType: cpx22
      image: debian-13
      location: fsn1
      userData:
        fn::readFile: ./cloud-init.yaml
`,
    good: `resources:
  web:
    type: hcloud:Server
    properties:
      serverType: cpx22
      image: debian-13
      location: fsn1
      userData: |
        #cloud-config
        packages: [nginx]
`,
  },
  applies: isPlaced,
  *resource(resource, context) {
    if (!isAskedOneByOne(context.graph)) yield* judged(resource, context);
  },
  *stack(context) {
    if (!isAskedOneByOne(context.graph)) return;
    for (const resource of wanted(context.graph)) if (isPlaced(resource)) yield* judged(resource, context);
  },
};

function* judged(resource: Resource, context: Context): Generator<Report> {
  const reasons = new Map<Blind["why"], Blind[]>();
  for (const entry of context.endpoints(resource).blind) {
    if (
      !couldLead(resource, entry) ||
      isShownElsewhere(resource, entry, context) ||
      comesFromInside(resource, entry, context)
    )
      continue;
    reasons.set(entry.why, [...(reasons.get(entry.why) ?? []), entry]);
  }
  for (const [why, entries] of reasons) yield report(resource, why, entries, context);
}

/** How many properties a message names. */
const SHOWN = 5;

function report(resource: Resource, why: Blind["why"], entries: readonly Blind[], { settings }: Context): Report {
  const [first] = entries as [Blind, ...Blind[]];
  const names = [...new Set(entries.map(({ property }) => property))];
  const list = `${names.slice(0, SHOWN).join(", ")}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ""}`;
  const { because, fix } = WORDS[why];
  const late =
    why === COMPUTED.why && isStateful(resource, settings) && names.some((name) => POINTS_SOMEWHERE.test(last(name)));
  return {
    resource,
    outcome: "not-established",
    ...(late && { severity: "refuse" as const }),
    property: first.property,
    ...(first.place.length > 0 && { place: first.place }),
    message: `Where ${list} of ${resource.name} ${names.length === 1 ? "leads" : "lead"} could not be seen: ${because}${first.detail ? ` (${first.detail})` : ""}.`,
    why: "What could not be seen is not established, and never passed.",
    fix,
  };
}

const WORDS: Readonly<Record<Blind["why"], { because: string; fix: string }>> = {
  secret: {
    because: "it is a secret that the source does not show",
    fix: "Run the policy pack in the preview: it sees secrets, and prints none.",
  },
  computed: {
    because: "it is known only after the deployment",
    fix: "Check the state after the deployment (`sovereign check --state`), or give the value in the program.",
  },
  elided: {
    because: "the source leaves it out",
    fix: "Check the preview's event stream or the state instead.",
  },
  encrypted: {
    because: "it is encrypted",
    fix: "Export the state with `--show-secrets` into a private file, or run the policy pack in the preview.",
  },
  broken: { because: "it looks encoded and cannot be decoded", fix: "Mend the encoding, or register what it holds." },
  "too-big": {
    because: "it is too big when decoded",
    fix: "Bring less in one value: a release is fetched, not embedded.",
  },
  "too-deep": { because: "it is encoded in too many layers", fix: "Take layers away: nobody can review it like this." },
};

/** Properties that hold endpoints, by their last name. */
const POINTS_SOMEWHERE =
  /(?:^|[a-z_-])(?:url|uri|endpoints?|hosts?|hostname|server|address|dsn|webhook|registry|repository|image|userdata|target|connectionstring)s?$/i;

/** Properties whose values are references, numbers, keys or names: whatever they are, they lead nowhere. */
const LEADS_NOWHERE =
  /(?:^|[a-z_.-])(?:ids?|arns?|urns?|names?|password|passphrase|token|secret|salt|sshkeys?|publickey|privatekey|certificates?|fingerprint|etag|hash|sha256|version|size|port|count|ip|ips|ipv4|ipv6|ipaddress|cidr|iprange|subnet|zone|keys?|key|labels?|tags?|username|user|role|policy|state|status|mac)$/i;

/** An operating system's image of the provider's own, where elsewhere `image` names a registry. */
const SYSTEM_IMAGES =
  /^(?:hcloud:index\/server:|digitalocean:index\/droplet:|scaleway:instance\/|linode:index\/instance:|vultr:index\/instance:|gcp:compute\/|openstack:compute\/|exoscale:index\/computeInstance:)/;

function couldLead({ type }: Resource, { why, property }: Blind): boolean {
  if (property === "image" && SYSTEM_IMAGES.test(type)) return false;
  if (why !== "computed" && why !== "secret") return true;
  const name = last(property);
  return POINTS_SOMEWHERE.test(name) || !LEADS_NOWHERE.test(name);
}

function last(property: string): string {
  const plain = property.replace(/\[(?:\d+|\*)\]/g, "");
  const quoted = /\["([^"]*)"\]$/.exec(plain);
  return quoted?.[1] ?? plain.slice(plain.lastIndexOf(".") + 1);
}

/** A component may show what its child keeps as a secret: the same property, without the secrets in it. */
function isShownElsewhere(resource: Resource, { property, why }: Blind, { graph }: Context): boolean {
  if (why !== "secret" && why !== "computed") return false;
  const parent = resource.parent === undefined ? undefined : resourcesByUrn(graph).get(resource.parent);
  if (!parent || parent.custom || !Object.hasOwn(parent.inputs, property)) return false;
  const shown = parent.inputs[property];
  return typeof shown === "string" && shown !== "";
}

/**
 * What only resources of accepted providers give leads to these resources, whose own places and owners are judged where they stand. A
 * property that asks for a host or a URL may put one together of such pieces and others: that has to be seen.
 */
function comesFromInside(
  resource: Resource,
  { property, why }: Blind,
  { graph, catalogue, settings }: Context,
): boolean {
  if (why !== "computed" || POINTS_SOMEWHERE.test(last(property))) return false;
  const top = /^[^.[]+/.exec(property)?.[0] ?? property;
  // A property may be called like something that every object has: `constructor`.
  const sources = (Object.hasOwn(resource.propertyDependencies, top) && resource.propertyDependencies[top]) || [];
  return (
    sources.length > 0 &&
    sources.every((urn) => {
      const source = resourcesByUrn(graph).get(urn);
      const vendor = source && isPlaced(source) ? catalogue.provider(source.type)?.vendor : undefined;
      return vendor !== undefined && isAccepted(catalogue.ownerStanding(vendor).standing, settings);
    })
  );
}
