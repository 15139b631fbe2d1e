/** Keeps the engine's note of the lab's encryption out of a configuration file that people share. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isScalar, parse, parseDocument, visit } from "yaml";

const SALT = /^encryptionsalt:.*\n?/m;

/** Whether values are encrypted in a file, in whatever style it is written. A file that cannot be read may hold some. */
function hasEncrypted(text: string): boolean {
  const document = parseDocument(text);
  let found = document.errors.length > 0;
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== "secure") return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/**
 * Runs work that may add an `encryptionsalt` to a stack's configuration file, and takes the line out again: it belongs
 * to a lab's passphrase. A file with values encrypted under it keeps it.
 */
export async function withoutSalt<T>(file: string, work: () => Promise<T>): Promise<T> {
  const existed = existsSync(file);
  const before = existed ? readFileSync(file, "utf8") : "";
  if (hasEncrypted(before)) return work();
  const clean = before.replace(SALT, "");
  if (clean !== before) writeFileSync(file, clean);
  try {
    return await work();
  } finally {
    if (existed) restore(file, clean);
  }
}

/** Puts the text back when the engine changed nothing but the salt: it also writes the rest in its own layout. */
function restore(file: string, text: string): void {
  const now = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const meaning = (yaml: string) => JSON.stringify(parse(yaml.replace(SALT, "")));
  if (now === undefined || (now !== text && meaning(now) === meaning(text))) writeFileSync(file, text);
}
