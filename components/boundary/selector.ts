/**
 * Whether labels match a selector, as the provider reads it. https://docs.hetzner.cloud/reference/cloud#label-selector, read 2026-10. What is
 * not understood matches everything: a selector that might reach across the boundary is looked at by somebody.
 */
export function selects(selector: string, labels: Readonly<Record<string, unknown>>): boolean {
  return requirements(selector).every((requirement) => holds(requirement, labels));
}

/** At commas, but for those between parentheses. */
const requirements = (selector: string): string[] =>
  selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean);

const word = "[A-Za-z0-9][A-Za-z0-9._/-]*";
const set = new RegExp(`^(${word})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const equality = new RegExp(`^(${word})\\s*(==|=|!=)\\s*([A-Za-z0-9._-]*)$`);
const presence = new RegExp(`^(!?)\\s*(${word})$`);

function holds(requirement: string, labels: Readonly<Record<string, unknown>>): boolean {
  const value = (key: string): string | undefined => (Object.hasOwn(labels, key) ? String(labels[key]) : undefined);
  const [, setKey, operator, list = ""] = set.exec(requirement) ?? [];
  if (setKey) {
    const isListed = list
      .split(",")
      .map((name) => name.trim())
      .includes(value(setKey) ?? "\0");
    return operator === "in" ? isListed : !isListed;
  }
  const [, key, sign, wanted] = equality.exec(requirement) ?? [];
  if (key) return (value(key) === wanted) === (sign !== "!=");
  const [, not, present] = presence.exec(requirement) ?? [];
  if (present) return (value(present) !== undefined) === (not === "");
  return true;
}
