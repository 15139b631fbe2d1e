import { invalidInput } from "./errors.ts";

export type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const KEY = `(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?`;
const VALUE = `(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?`;
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUALS = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const IN = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const ONE_VALUE = new RegExp(`^${VALUE}$`);

/** Longest selector that is looked at; a selector with 50 long keys stays well below. */
const MAX_LENGTH = 8192;

/** `undefined` when the key is well formed, otherwise what is wrong with it. */
export function labelKeyProblem(key: string): string | undefined {
  if (!new RegExp(`^${KEY}$`).test(key)) return `label key '${key.slice(0, 80)}' is not valid`;
  if (/^(?:[^/]*\.)?hetzner\.cloud\//.test(key)) return "the label prefix hetzner.cloud is reserved";
  return undefined;
}

/** Whether a label's value is well formed: at most 63 characters, empty is fine. */
export function isLabelValue(value: string): boolean {
  return ONE_VALUE.test(value);
}

/**
 * Reads a label selector: `key`, `!key`, `key=value`, `key==value`, `key!=value`, `key in (a,b)`, `key notin (a,b)`,
 * any number of them separated by commas, all of which must hold. `!=` and `notin` hold for a resource without the key.
 *
 * @throws ApiError `invalid_input` naming the field
 */
export function parseLabelSelector(selector: string, field = "label_selector"): Requirement {
  if (selector.length > MAX_LENGTH) throw invalidInput(field, `is longer than ${MAX_LENGTH} characters`);
  if (selector.trim() === "") return () => true;
  const requirements = splitOutsideParentheses(selector).map((part) => parseRequirement(part.trim(), field));
  return (labels) => requirements.every((holds) => holds(labels));
}

function splitOutsideParentheses(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/);
}

function parseRequirement(text: string, field: string): Requirement {
  const equals = EQUALS.exec(text);
  if (equals) {
    const [, key, operator, value] = equals as unknown as [string, string, string, string];
    return operator === "!=" ? (labels) => own(labels, key) !== value : (labels) => own(labels, key) === value;
  }
  const among = IN.exec(text);
  if (among) {
    const [, key, operator, list] = among as unknown as [string, string, string, string];
    const values = list.split(",").map((value) => value.trim());
    if (!values.every(isLabelValue)) throw invalidInput(field, `'${text.slice(0, 80)}' has a value that is not valid`);
    return (labels) => {
      const value = own(labels, key);
      return (value !== undefined && values.includes(value)) === (operator === "in");
    };
  }
  const exists = EXISTS.exec(text);
  if (exists) {
    const [, not, key] = exists as unknown as [string, string, string];
    return (labels) => (own(labels, key) !== undefined) === (not === "");
  }
  throw invalidInput(field, `'${text.slice(0, 80)}' is not a label selector`);
}

function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
