const pattern = /%%secret:([a-z0-9][a-z0-9.-]*)%%/g;

/**
 * Stands for a secret in rendered text. Renderers stay pure and their output can be shown to policies and reviewers;
 * the value is put in at the very end, inside a secret Output. Values must need no escaping where they are used:
 * passwords are alphanumeric, keys and certificates are files of their own.
 */
export function secretToken(name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error(`secret name "${name}": use a-z, 0-9, "." and "-"`);
  return `%%secret:${name}%%`;
}

/** Names of the secrets that a text refers to, sorted, each once. */
export function secretNames(text: string): string[] {
  return [...new Set([...text.matchAll(pattern)].map((m) => m[1]!))].sort();
}

/** Puts values in place of tokens. Throws with the name (never a value) when one is missing. */
export function fillSecrets(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(pattern, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for secret "${name}"`);
    return value;
  });
}
