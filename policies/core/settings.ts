import type { Severity } from "./types.ts";

/** What a deployment may be checked against. Parsed by zod from a file, from `--policy-pack-config`, or from defaults. */
export interface Settings {
  /** Countries of the EEA outside the EU, and those with an adequacy decision. @default both "refuse" */
  readonly eea: "allow" | "refuse";
  readonly adequate: "allow" | "refuse";
  /** Owners outside the EU of a provider with EU regions. @default "refuse" */
  readonly foreignOwners: "refuse" | "warn";
  /** EU-US Data Privacy Framework: allowed for classes named, until the day named (YYYY-MM-DD). @default undefined: not relied on */
  readonly dataPrivacyFramework?: { readonly classes: readonly string[]; readonly until: string };
  /** Endpoints that are neither blocked nor in the register. @default "refuse" */
  readonly unregistered: "refuse" | "warn";
  /** What could not be seen. @default "warn", but "refuse" for location and endpoints of stateful resources that are known only after the apply */
  readonly notEstablished: "refuse" | "warn";
  /** The deployment's own domains and networks: endpoints there are its own. */
  readonly ownDomains: readonly string[];
  readonly ownNetworks: readonly string[];
  /** Data classes that have to stay in the EU. @default personal, financial, business-critical */
  readonly sovereignClasses: readonly string[];
  /** Labels and tags that name a resource's data classes. @default ["data-class", "data-classes", "dataClass"] */
  readonly classLabels: readonly string[];
  /** EUR a month for rule operations/cost. @default undefined: no ceiling */
  readonly monthlyCostCeiling?: number;
  /** Severity per rule id, instead of the rule's own; "off" is not among them: that takes an exemption. */
  readonly severities: Readonly<Record<string, Severity>>;
}
