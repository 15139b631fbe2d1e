/** What other folders use of the policies. */
export { todayUtc } from "./core/dates.ts";
export { evaluate, type Verdict, verdict } from "./core/evaluate.ts";
export { type Exemptions, noExemptions, parseExemptions } from "./core/exemptions.ts";
export { emptyRegister, parseRegister, type Register } from "./core/register.ts";
export { defaultSettings, parseSettings, type Settings } from "./core/settings.ts";
export type { Evaluation, Finding, Rule, Severity } from "./core/types.ts";
export { operationsRules, packs, sovereigntyRules } from "./rules/index.ts";
