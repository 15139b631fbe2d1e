/** What a registrar does for a stack with name servers of its own: leads resolvers to them. */
import { z } from "zod";
import { hasMachines } from "../../lab/session/admin.ts";
import { callLab } from "../../lab/session/client.ts";
import type { RunningLab } from "../../lab/session/session.ts";

const nameServers = z.array(z.object({ name: z.string(), ipv4: z.string() })).min(1);

/** The zone and the addresses of its name servers, from a stack's outputs; undefined where the provider's answer for it. */
export function delegationOf(
  outputs: Readonly<Record<string, unknown>>,
): { readonly zone: string; readonly addresses: readonly string[] } | undefined {
  const servers = nameServers.safeParse(outputs.nameServers).data;
  if (!servers) return undefined;
  // Each is called `ns1.<zone>` and so on.
  return { zone: servers[0]!.name.replace(/^[^.]+\./, ""), addresses: servers.map(({ ipv4 }) => ipv4) };
}

/** Tells a lab with machines who answers for the stack's zone; in one without, nobody asks. */
export async function ensureDelegation(lab: RunningLab, outputs: Readonly<Record<string, unknown>>): Promise<void> {
  const delegation = delegationOf(outputs);
  if (!delegation || !(await hasMachines(lab))) return;
  const { zone, addresses } = delegation;
  await callLab(lab, "PUT", `/services/dns/delegations/${zone}`, { body: { addresses } });
}
