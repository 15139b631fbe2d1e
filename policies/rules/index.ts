import { exemptionsReview } from "../core/exemptions-rule.ts";
import type { PackName, Rule } from "../core/types.ts";
import { dataClasses } from "./sovereignty/data-classes.ts";
import { endpoints } from "./sovereignty/endpoints.ts";
import { location } from "./sovereignty/location.ts";
import { owner } from "./sovereignty/owner.ts";
import { registerReview } from "./sovereignty/register.ts";
import { unseen } from "./sovereignty/unseen.ts";

/** Rules of the pack `sovereignty`, in the order in which reports and pages list them. */
export const sovereigntyRules: readonly Rule[] = [
  location,
  owner,
  endpoints,
  dataClasses,
  registerReview,
  unseen,
  exemptionsReview,
];

/** Rules of the pack `operations`. */
export const operationsRules: readonly Rule[] = [];

export const packs: Readonly<Record<PackName, readonly Rule[]>> = {
  sovereignty: sovereigntyRules,
  operations: operationsRules,
};

export type { PackName };
