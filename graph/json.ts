import { InputError } from "./errors.ts";

/** Characters of a JSON document that is read as a whole: V8 holds texts of at most 512 MB. */
export const MAX_JSON_LENGTH = 400 * 1024 * 1024;

/** @throws {InputError} with the line where the text stops being JSON. Its own text is not in the message. */
export function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = /at position (\d+)/.exec((error as Error).message)?.[1];
    const line = at === undefined ? lines(text) : lines(text.slice(0, Number(at)));
    throw new InputError(source, "no valid JSON: is the file whole?", line);
  }
}

function lines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < text.length - 1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
