import type { ApprovedService } from "../../../register/register.ts";
import type { Report, ResourceRef, Rule } from "../../core/types.ts";
import { countryName } from "../standing.ts";

/** The register itself: an approval that nobody looks at again is none. */
export const registerReview: Rule = {
  id: "sovereignty/register",
  title: "Approved services are reviewed in time",
  description: `Looks at the register of approved services (\`approved-services.yaml\`): an entry whose \`reviewDate\` has passed is overdue, and one whose jurisdiction is
outside the EU is shown. Entries that cannot be read approve nothing.`,
  severity: "refuse",
  controls: ["c5-sso-03", "csf-sov-5", "dora-30-2-a", "gdpr-28", "gdpr-30", "waf-sov-080"],
  examples: {
    bad: `register:
  - endpoint: api.payments.example.eu
    purpose: card payments
    provider: Example Payments
    jurisdiction: NL
    dataClasses: [financial]
    retention: 10 years
    legalBasis: GDPR Art. 28 contract
    contractDate: 2023-03-01
    reviewDate: 2024-03-01
resources: {}
`,
    good: `register:
  - endpoint: api.payments.example.eu
    purpose: card payments
    provider: Example Payments
    jurisdiction: NL
    dataClasses: [financial]
    retention: 10 years
    legalBasis: GDPR Art. 28 contract
    contractDate: 2023-03-01
    reviewDate: 2099-03-01
resources: {}
`,
  },
  applies: () => false,
  *stack({ register, today, catalogue, settings }) {
    for (const service of register.services) {
      const resource = entry(service);
      if (service.reviewDate < today) yield overdue(resource, service);
      const standing = catalogue.standing(service.jurisdiction);
      if (standing === "outside" || (standing === "adequate" && settings.adequate === "refuse"))
        yield foreign(resource, service);
    }
  },
};

function entry({ endpoint }: ApprovedService): ResourceRef {
  return {
    urn: `register#${endpoint}`,
    type: "approved-service",
    name: endpoint,
    origin: "the register of approved services",
  };
}

function overdue(resource: ResourceRef, { endpoint, provider, reviewDate }: ApprovedService): Report {
  return {
    resource,
    outcome: "violation",
    subject: { host: endpoint, vendor: provider },
    message: `The review of ${endpoint} (${provider}) was due on ${reviewDate}.`,
    why: "Owners, places and sub-processors change; an approval holds for what was looked at.",
    fix: "Review it and set the next reviewDate, or remove the service.",
  };
}

function foreign(resource: ResourceRef, { endpoint, provider, jurisdiction }: ApprovedService): Report {
  return {
    resource,
    outcome: "violation",
    severity: "warn",
    subject: { host: endpoint, vendor: provider, jurisdiction },
    message: `${endpoint} (${provider}) is approved, and under the law of ${countryName(jurisdiction)}.`,
    why: "The register records what was decided; it does not change whose law reaches the data.",
    fix: "Know what would replace it. Where a deployment uses it, that takes an exemption.",
  };
}
