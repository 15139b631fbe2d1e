import { exemptionsReview } from "../core/exemptions-rule.ts";
import type { PackName, Rule } from "../core/types.ts";
import { publicDatabase, ssh } from "./operations/access.ts";
import { backups } from "./operations/backups.ts";
import { cost } from "./operations/cost.ts";
import { pinnedImages } from "./operations/images.ts";
import { labels } from "./operations/labels.ts";
import { placement } from "./operations/placement.ts";
import { protection } from "./operations/protection.ts";
import { tls } from "./operations/tls.ts";
import { administration } from "./sovereignty/administration.ts";
import { boundary } from "./sovereignty/boundary.ts";
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
  boundary,
  administration,
  registerReview,
  unseen,
  exemptionsReview,
];

/** Rules of the pack `operations`. */
export const operationsRules: readonly Rule[] = [
  protection,
  backups,
  placement,
  publicDatabase,
  ssh,
  tls,
  pinnedImages,
  labels,
  cost,
];

export const packs: Readonly<Record<PackName, readonly Rule[]>> = {
  sovereignty: sovereigntyRules,
  operations: operationsRules,
};

export type { PackName };
