import { type Resource, Unseen, wanted } from "../../../graph/model.ts";
import type { Catalogue, Provider, Region, Standing } from "../../catalogue/types.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import { isAskedOneByOne } from "../graph-index.ts";
import { dataClasses, isFlexible, isPlaced, isProviderResource, isStateful } from "../resource.ts";
import { countryName, isAccepted, standingInWords, worst } from "../standing.ts";
import { type Place, placesOf } from "./places.ts";

/** Where a resource stands, and every region that anything names. */
export const location: Rule = {
  id: "sovereignty/location",
  title: "Everything stands in the EU",
  description: `Looks at the region, zone or location of every resource and of every provider. There are four results: in the EU; in the EEA
(IS, LI, NO; setting \`eea\`) or a country with an adequacy decision (setting \`adequate\`); outside; and **unknown**. A region that the catalogue does
not list is unknown, and unknown is refused: lists of regions grow old, and a new region must not pass because nobody has written it down.

Where a resource names no place of its own, the place of its provider counts; where that names none either (it comes from the environment), the
result is *not established*. Multi-regions and global services are resolved to the countries that they can store or process in.

Setting \`flexibleClasses\` (empty unless set) names data classes that may be outside: a resource that states such classes and no others is noted there, and
not refused.`,
  severity: "refuse",
  controls: [
    "secnumcloud-19.2-b",
    "c5-pss-12",
    "c3a-sov-3",
    "csf-sov-3",
    "gaia-x-residency",
    "dora-30-2-b",
    "gdpr-44",
    "waf-sov-020",
  ],
  examples: {
    bad: `resources:
  web:
    type: hcloud:Server
    properties:
      serverType: cpx22
      image: debian-13
      location: ash
`,
    good: `resources:
  web:
    type: hcloud:Server
    properties:
      serverType: cpx22
      image: debian-13
      location: fsn1
`,
  },
  applies: (resource, { catalogue }) => isPlaced(resource) && catalogue.provider(resource.type) !== undefined,
  *resource(resource, context) {
    const provider = context.catalogue.provider(resource.type)!;
    const { places, source } = placesOf(resource, context);
    for (const place of places) yield* judged(resource, place, provider, context);
    if (source === "global") yield* ofGlobalType(resource, provider, context);
    if (source === "unset" && !isAskedOneByOne(context.graph)) yield* unset(resource, provider, context);
  },
  *stack(context) {
    const { graph, catalogue } = context;
    const first = wanted(graph).find((resource) => resource.custom && isWithoutVendor(resource, catalogue));
    if (first) yield cluster(first);
    if (!isAskedOneByOne(context.graph)) return;
    for (const resource of wanted(graph)) {
      const provider = isPlaced(resource) ? catalogue.provider(resource.type) : undefined;
      if (provider && placesOf(resource, context).source === "unset") yield* unset(resource, provider, context);
    }
  },
};

function judged(resource: Resource, { path, value }: Place, provider: Provider, context: Context): Report[] {
  if (value instanceof Unseen) return [unseen(resource, path, value, context)];
  const found = regionsOf(value, provider, context.catalogue);
  const standing = worst(found.map((region) => context.catalogue.regionStanding(region)));
  if (isAccepted(standing, context.settings)) return [];
  const region = found.find((candidate) => context.catalogue.regionStanding(candidate) === standing);
  return [
    standing === "unknown"
      ? unlisted(resource, path, value, region, provider)
      : tolerated(outside(resource, path, value, region!, provider, context), resource, context),
  ];
}

/** Public content may be outside where the settings say so: for the record, as somebody may ask what is. */
function tolerated(report: Report, resource: Resource, { settings }: Context): Report {
  if (!isFlexible(resource, settings)) return report;
  const classes = dataClasses(resource, settings).join(", ");
  return {
    ...report,
    severity: "notice",
    message: `${report.message} All that it states to hold may be there: ${classes}.`,
    fix: "Nothing to do: setting `flexibleClasses` names these classes. Other rules see to it that it shares nothing with data that have to stay.",
  };
}

function isWithoutVendor({ type }: Resource, catalogue: Catalogue): boolean {
  const provider = catalogue.provider(type);
  return provider !== undefined && provider.vendor === undefined;
}

/** For the record, once: manifests do not say where their cluster stands. */
function cluster(resource: Resource): Report {
  return {
    resource,
    outcome: "not-established",
    severity: "notice",
    message: "Where the cluster stands is in none of its objects.",
    why: "They run wherever its nodes are.",
    fix: "Check the deployment that makes the cluster; keep objects in regions by node affinity where its nodes are in several.",
  };
}

/** Topology labels of Kubernetes do not say whose region they name: every provider's is meant. */
function regionsOf(name: string, provider: Provider, catalogue: Catalogue): Region[] {
  if (provider.vendor === undefined) return catalogue.regionsNamed(name).map(({ region }) => region);
  const region = catalogue.region(provider, name);
  return region ? [region] : [];
}

function outside(
  resource: Resource,
  property: string,
  name: string,
  region: Region,
  provider: Provider,
  { catalogue }: Context,
): Report {
  const standing = catalogue.regionStanding(region);
  const country = region.countries.length === 1 ? region.countries[0] : undefined;
  const where = [region.city, ...region.countries.map(countryName)].filter(Boolean).join(", ");
  return {
    resource,
    outcome: "violation",
    severity: "refuse",
    property,
    subject: { region: name, ...(country && { country }) },
    message: `${provider.name} ${name}${where && ` (${where})`} is ${standingInWords(standing)}.`,
    why: region.note ?? WHY[standing],
    fix: `Use a region in the EU${suggestion(provider, catalogue)}.`,
  };
}

function unlisted(
  resource: Resource,
  property: string,
  name: string,
  region: Region | undefined,
  provider: Provider,
): Report {
  return {
    resource,
    outcome: "not-established",
    severity: "refuse",
    property,
    subject: { region: name },
    message: region
      ? `${provider.name} ${name} is not pinned to a country: where it stores and processes is not known.`
      : `${provider.name} ${name} is not in the catalogue: where it is is not known.`,
    why: region?.note ?? WHY.unknown,
    fix: region
      ? "Use a region that is one place."
      : "Use a region of the catalogue (`sovereign catalogue explain`), or add this one with its country and source to a catalogue file of your own.",
  };
}

const WHY: Readonly<Record<Standing, string>> = {
  eu: "",
  eea: "The GDPR holds there, the EU's other law does not.",
  adequate:
    "An adequacy decision covers transfers of personal data while it lasts; it makes the place no part of the EU.",
  outside: "What is stored or processed there is under another law, also where the provider's seat is in the EU.",
  unknown: "What nobody has established cannot be shown to an auditor.",
};

function suggestion({ regions }: Provider, catalogue: Catalogue): string {
  const inside = regions.filter((region) => catalogue.regionStanding(region) === "eu").slice(0, 3);
  return inside.length > 0 ? `, for instance ${inside.map(({ name }) => name).join(", ")}` : "";
}

function unseen(resource: Resource, property: string, { why }: Unseen, { settings }: Context): Report {
  const afterwards = why === "computed";
  return {
    resource,
    outcome: "not-established",
    property,
    ...(afterwards && isStateful(resource, settings) && { severity: "refuse" as const }),
    message: afterwards
      ? `Where it stands (${property}) is known only after the deployment.`
      : `Where it stands (${property}) is a secret that cannot be seen here.`,
    why: afterwards ? "A place that is known afterwards is known too late to refuse it." : WHY.unknown,
    fix: afterwards
      ? "Set it to a value that the program knows."
      : "A place need not be secret; or use the policy pack in the preview, which sees secrets.",
  };
}

function* ofGlobalType(resource: Resource, provider: Provider, { catalogue, settings }: Context): Generator<Report> {
  const { standing, note } = catalogue.globalType(resource.type)!;
  if (isAccepted(standing, settings)) return;
  yield {
    resource,
    outcome: standing === "unknown" ? "not-established" : "violation",
    severity: "refuse",
    subject: { region: "global" },
    message: `${provider.name} keeps ${resource.type} in no region: ${note}`,
    why: WHY[standing],
    fix: "Use a service that can be pinned to a region in the EU, or have it exempted with the reason.",
  };
}

function* unset(resource: Resource, provider: Provider, context: Context): Generator<Report> {
  const { region, note } = provider.unset;
  // Kubernetes and its like: where the cluster stands is nothing that each of its objects could say.
  if (provider.vendor === undefined) return;
  if (region !== undefined) {
    yield* judged(resource, { path: "provider default", value: region }, provider, context);
    return;
  }
  yield {
    resource,
    outcome: "not-established",
    ...(isStateful(resource, context.settings) && { severity: "refuse" as const }),
    message: isProviderResource(resource)
      ? `The provider ${provider.package} states no region: ${note}.`
      : `Neither ${resource.name} nor its provider states a region: ${note}.`,
    why: "The same program may then stand elsewhere when somebody else deploys it.",
    fix: "Set the region on the resource or on its provider.",
  };
}
