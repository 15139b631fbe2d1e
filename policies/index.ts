/** What other folders use of the policies. */

export { parseEntries, type ReadProblem } from "../register/entries.ts";
export { emptyRegister, parseRegister, type Register } from "../register/register.ts";
export type { Catalogue } from "./catalogue/types.ts";
export { CONTROLS, type ControlId } from "./core/controls.ts";
export { day, todayUtc } from "./core/dates.ts";
export { createCheck, evaluate, type Verdict, verdict } from "./core/evaluate.ts";
export { type Exemptions, noExemptions, parseExemptions } from "./core/exemptions.ts";
export { defaultSettings, parseSettings, type Settings } from "./core/settings.ts";
export type { Context, Evaluation, Finding, Rule, Severity } from "./core/types.ts";
export { type Extract, extract } from "./endpoints/index.ts";
export {
  byFramework,
  countsInWords,
  type FindingWords,
  grouped,
  inWords,
  plural,
  someOf,
  stateOfControl,
} from "./report/checked.ts";
export { code, inert } from "./report/inert.ts";
export { findingSchema } from "./report/json.ts";
export { operationsRules, packs, sovereigntyRules } from "./rules/index.ts";
export { isAnywhere, openings } from "./rules/ingress.ts";
export { reach } from "./rules/reach.ts";
export { dataClasses, packageOf } from "./rules/resource.ts";
export { placesOf } from "./rules/sovereignty/places.ts";
export { countryName, worst } from "./rules/standing.ts";
