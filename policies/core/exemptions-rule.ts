import type { Rule } from "./types.ts";

/** The exemptions themselves; what it reports is made by exemptions.ts once all other rules have spoken. */
export const exemptionsReview: Rule = {
  id: "sovereignty/exemptions",
  title: "Exemptions hold, and are needed",
  description: `Looks at the file of exemptions: an expired one no longer holds, one that cannot be read (a date that does not exist, a missing reason) holds for nothing and
is refused, one that nothing uses would silence the next finding without anybody deciding so.`,
  severity: "warn",
  controls: ["csf-sov-7", "gdpr-32"],
  examples: {
    bad: `exemptions:
  - rule: sovereignty/endpoints
    resource: web
    justification: Crash reports until our own collector is up
    owner: platform team
    approvedBy: data protection officer
    expiresAt: 2024-01-31
resources: {}
`,
    good: `exemptions: []
resources: {}
`,
  },
  applies: () => false,
};
