import type { Resource } from "../../../graph/model.ts";
import type { Context, Report, Rule } from "../../core/types.ts";
import { alternativesInWords } from "../alternatives.ts";
import { frameworkAllows } from "../privacy-framework.ts";
import { isPlaced, isSelfRun, packageOf } from "../resource.ts";
import { countryName, isAccepted, ownerInWords, reachOfLaw, standingInWords } from "../standing.ts";

/** Who can be made to hand data over: the owners of the provider, wherever its region is. */
export const owner: Rule = {
  id: "sovereignty/owner",
  title: "Nobody outside the EU owns the provider",
  description: `Looks at who controls the company behind each resource's provider, up to the end of the chain. An EU *region* of a company that is owned
in the United States is under the CLOUD Act and FISA 702: the place of the disk does not decide who can be ordered to read it. That includes partitions
that are run separately (\`aws-eusc\`).

Setting \`foreignOwners: warn\` weakens it for regions in the EU. Setting \`dataPrivacyFramework\` allows named data classes with vendors on the Framework's
list until a day: it was upheld in T-553/23 (2025-09-03), an appeal is pending, and its two predecessors fell.`,
  severity: "refuse",
  controls: [
    "secnumcloud-19.6-ab",
    "secnumcloud-19.6-c",
    "c3a-sov-1",
    "c3a-sov-2",
    "csf-sov-1",
    "csf-sov-2",
    "gaia-x-control",
    "gdpr-44",
  ],
  examples: {
    bad: `resources:
  orders:
    type: aws:s3/bucket:Bucket
    options:
      provider: \${frankfurt}
  frankfurt:
    type: pulumi:providers:aws
    properties:
      region: eu-central-1
`,
    good: `resources:
  orders:
    type: scaleway:object/bucket:Bucket
    properties:
      region: fr-par
`,
  },
  applies: (resource) => isPlaced(resource) && !isSelfRun(resource),
  *resource(resource, context) {
    const provider = context.catalogue.provider(resource.type);
    if (!provider) {
      yield unknownProvider(resource);
      return;
    }
    // Kubernetes and the like: run by whoever runs the cluster.
    if (provider.vendor === undefined) return;
    yield* judged(resource, provider.vendor, context);
  },
};

function* judged(resource: Resource, vendorId: string, context: Context): Generator<Report> {
  const { catalogue, settings } = context;
  const owners = catalogue.owners(vendorId);
  const { standing, jurisdiction } = catalogue.ownerStanding(vendorId);
  if (isAccepted(standing, settings)) return;
  const [vendor] = owners;
  const relied = vendor !== undefined && frameworkAllows(resource, vendor, context);
  yield {
    resource,
    outcome: standing === "unknown" ? "not-established" : "violation",
    severity: standing === "unknown" ? "refuse" : relied ? "notice" : settings.foreignOwners,
    subject: {
      ...(vendor && { vendor: vendor.name, owner: owners.at(-1)!.name }),
      ...(jurisdiction && { jurisdiction }),
    },
    message: `${ownerInWords(owners)} provides it: an owner ${jurisdiction ? `in ${countryName(jurisdiction)}, ${standingInWords(standing)}` : "that is not known"}.`,
    why: reachOfLaw(jurisdiction),
    fix: relied
      ? `The settings rely on the Data Privacy Framework until ${settings.dataPrivacyFramework?.until}: know where you would go.`
      : "Use a provider whose owners have their seat in the EU.",
    alternatives: vendor ? alternativesInWords(vendor, catalogue) : [],
  };
}

function unknownProvider(resource: Resource): Report {
  const name = packageOf(resource.type);
  return {
    resource,
    outcome: "not-established",
    severity: "refuse",
    subject: { vendor: name },
    message: `Who runs the provider ${name} is not in the catalogue.`,
    why: "An owner that nobody has looked up cannot be shown to an auditor, and neither can the place of what it makes.",
    fix: `Add the provider ${name} with its vendor, regions and source to a catalogue file of your own.`,
  };
}
