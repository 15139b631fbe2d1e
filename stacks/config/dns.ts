/** Keys of how visitors find the service. */
import { z } from "zod";
import { isWithin } from "../../components/gateway/names.ts";
import { type DnsRecord, recordTypes } from "../../components/gateway/records.ts";
import { count, domainName, generation, location, serverType } from "./fields.ts";

const record = z
  .strictObject({
    name: z.string().min(1).max(253).describe("Whole name, such as mail.example.eu"),
    type: z.enum(recordTypes),
    ttl: count(1, 604_800).optional().describe("Seconds that it may be kept; default: 300"),
    address: z.string().max(45).optional().describe("A, AAAA"),
    target: z.string().max(253).optional().describe("CNAME, NS, SRV: a whole name"),
    preference: count(0, 65_535).optional().describe("MX"),
    exchange: z.string().max(253).optional().describe("MX: a whole name"),
    priority: count(0, 65_535).optional().describe("SRV"),
    weight: count(0, 65_535).optional().describe("SRV"),
    port: count(0, 65_535).optional().describe("SRV"),
    tag: z.enum(["issue", "issuewild", "iodef"]).optional().describe("CAA"),
    value: z.string().max(255).optional().describe("CAA"),
    isCritical: z.boolean().optional().describe("CAA"),
    text: z.string().max(4000).optional().describe("TXT"),
  })
  .transform((given) => given as unknown as DnsRecord);

const networks = z.array(z.string().max(50)).min(1).max(1000);

export const dns = z
  .strictObject({
    zone: domainName.describe(
      "Zone that `domain` is in: of the provider's DNS in the same project, or that of the stack's own name servers",
    ),
    servers: z
      .enum(["provider", "own"])
      .default("provider")
      .describe(
        "provider: its DNS answers with every entrance that is not drained, well or not. own: name servers in each location, which leave out an entrance within 10 s of its loss; the zone is delegated to them at the registrar",
      ),
    create: z
      .boolean()
      .default(false)
      .describe("Make the provider's zone; its name servers are then an output, for the registrar"),
    drained: z
      .array(location)
      .max(2)
      .default([])
      .describe(
        "Locations that nobody is led to: they still serve who comes. In place, or with own name servers by `rollout gateway`",
      ),
    near: z
      .array(z.strictObject({ location, networks: networks.describe("Ranges of clients or of their resolvers") }))
      .max(3)
      .default([])
      .describe("Own name servers: clients that are led to another location than the primary first"),
    records: z.array(record).max(500).default([]).describe("Own name servers: the zone's other records"),
    ttlSeconds: count(1, 300).default(5).describe("Own name servers: how long resolvers keep an entrance's address"),
    healthUrl: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe("Own name servers: asked of every entrance under this name; default: /healthz of the domain"),
    serverType: serverType.default("cpx12").describe("Of own name servers"),
    generation,
  })
  .optional()
  .describe(
    "Address records of `domain`. Without it they are yours to set; a managed certificate needs the zone in the project all the same",
  );

/** A domain that is not in the zone would be answered by nobody. */
export function checkZone(
  { domain, dns: given }: { readonly domain: string; readonly dns?: { readonly zone: string } | undefined },
  context: z.RefinementCtx,
): void {
  if (!given || isWithin(domain, given.zone)) return;
  context.addIssue({ code: "custom", path: ["dns", "zone"], message: "does not hold `domain`", input: given.zone });
}
