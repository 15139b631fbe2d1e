/** When a stack's resources were made: what the engine's event stream does not tell. */
import { execa } from "execa";

/** @returns YYYY-MM-DD by URN; nothing where the state cannot be read, as nothing hangs on it but a remark on prices */
export async function createdAt(pulumi: string, stack: string, cwd: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await execa(pulumi, ["stack", "export", "--stack", stack, "--non-interactive"], {
    cwd,
    reject: false,
    timeout: 60_000,
    maxBuffer: 512 * 1024 * 1024,
  });
  return createdIn(stdout ?? "");
}

export function createdIn(state: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(state);
  } catch {
    return found;
  }
  const resources = (parsed as { deployment?: { resources?: unknown } } | null)?.deployment?.resources;
  if (!Array.isArray(resources)) return found;
  for (const entry of resources as ({ urn?: unknown; created?: unknown } | null)[])
    if (typeof entry?.urn === "string" && typeof entry.created === "string" && /^\d{4}-\d\d-\d\dT/.test(entry.created))
      found.set(entry.urn, entry.created.slice(0, 10));
  return found;
}
