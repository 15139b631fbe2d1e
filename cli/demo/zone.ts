/** What a user has before the first deployment: the zone of the domain, which a managed certificate needs. */
import { readFileSync } from "node:fs";
import { getDomain } from "tldts";
import { parse } from "yaml";
import type { RunningLab } from "../../lab/session/session.ts";

/** The registered domain that a configuration's domain belongs to; undefined when it has none that is usable. */
export function zoneOf(configText: string): string | undefined {
  const domain: unknown = parse(configText)?.config?.["sovereign:domain"];
  return typeof domain === "string" ? (getDomain(domain, { allowPrivateDomains: true }) ?? undefined) : undefined;
}

/** Makes the zone in the lab unless it is there. What the API refuses shows in the deployment, with its reason. */
export async function ensureZone(lab: RunningLab, configFile: string): Promise<void> {
  const name = zoneOf(readFileSync(configFile, "utf8"));
  if (!name) return;
  const headers = { Authorization: `Bearer ${lab.secrets.token}`, "Content-Type": "application/json" };
  const { status } = await fetch(`${lab.endpoint}/zones/${name}`, { headers });
  if (status !== 404) return;
  await fetch(`${lab.endpoint}/zones`, { method: "POST", headers, body: JSON.stringify({ name, mode: "primary" }) });
}
