/** The value of a JSON text; undefined for one that is none, since whoever reads it checks its shape anyway. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
