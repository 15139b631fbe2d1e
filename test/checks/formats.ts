/** What other programs expect of a report: the official schemas and a real XML parser. Throws with what is wrong. */
import { createRequire } from "node:module";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { reportJsonSchema } from "../../policies/report/json.ts";

const require = createRequire(import.meta.url);

/** OASIS's schema of SARIF 2.1.0, as Microsoft's SARIF SDK for JavaScript carries it; it is in JSON Schema's draft 4. */
const schema = require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const AjvDraft04 = require("ajv-draft-04").default as typeof Ajv2020;
const addFormats = require("ajv-formats").default as (ajv: Ajv2020) => void;

const options = { strict: false, allErrors: true };
// One of the schema's patterns (`language`) has a stray bracket, which Unicode's regular expressions do not take.
const draft04 = new AjvDraft04({ ...options, unicodeRegExp: false });
const draft2020 = new Ajv2020(options);
addFormats(draft04);
addFormats(draft2020);
const isSarif = draft04.compile(schema);
const isReport = draft2020.compile(reportJsonSchema());

function validated(text: string, validate: ValidateFunction): unknown {
  const value = JSON.parse(text);
  if (!validate(value)) throw new Error(JSON.stringify(validate.errors, null, 2));
  return value;
}

export const sarifOf = (text: string) => validated(text, isSarif) as Sarif;
export const reportOf = (text: string) => validated(text, isReport);

export interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly suppressions: readonly unknown[];
    }[];
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  }[];
}

interface Suite {
  readonly "@_tests": string;
  readonly "@_failures": string;
  readonly testcase: readonly { readonly failure?: unknown }[];
}

/** The suites of a JUnit report. */
export function junitOf(text: string): readonly Suite[] {
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`${valid.err.msg} in line ${valid.err.line}`);
  const lists = new Set(["testsuite", "testcase"]);
  const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => lists.has(name) });
  return parser.parse(text).testsuites.testsuite;
}
