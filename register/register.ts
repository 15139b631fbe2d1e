import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";
import { getPublicSuffix } from "tldts";
import { z } from "zod";
import { day } from "./dates.ts";
import { parseEntries, type ReadProblem } from "./entries.ts";

const country = z.string().regex(/^[A-Z]{2}$/, "a country as ISO 3166-1 alpha-2: DE");
const words = z.string().trim().min(3, "in words, at least three letters").max(500);

/**
 * Host name (`api.example.eu`), all names below one (`*.example.eu`, not itself), address or address range. Directly below a public suffix
 * (`*.com`, `*.co.uk`) a wildcard would approve half the internet and is refused.
 */
const endpoint = z
  .string()
  .max(253)
  .transform((text) => canonicalEndpoint(text))
  .refine((text) => text !== undefined, {
    error:
      "a host name (api.example.eu), all names below one (*.example.eu), an address or a range; no scheme, port or path",
  })
  .transform((text) => text!);

/** Roles of machines in this project's stacks. */
export const machineRoles = ["app", "postgres", "redis", "etcd", "monitoring"] as const;

export const serviceSchema = z.strictObject({
  endpoint: endpoint.describe("Where: host name, `*.` and a domain, address or address range"),
  purpose: words.describe("What for"),
  provider: words.describe("Who runs it, as in the contract"),
  jurisdiction: country.describe("Law that the provider's owners are under"),
  dataClasses: z.array(z.string().min(1).max(64)).describe("Data classes that may go there; empty: none"),
  retention: words.describe("How long data are kept there"),
  legalBasis: words.describe("For instance `GDPR Art. 28 contract`"),
  contractDate: day.describe("YYYY-MM-DD"),
  reviewDate: day.describe("YYYY-MM-DD; from the day after on the entry is overdue"),
  reachedFrom: z
    .array(z.enum(machineRoles, `one of ${machineRoles.join(", ")}`))
    .max(machineRoles.length)
    .default(["app"])
    .describe(
      "Machines whose egress allow-list it is on, where egress is limited; empty: none, as for what administrators alone use",
    ),
});

/** One approved service. GDPR Art. 28 and 30 and DORA Art. 30 ask for such a list anyway. */
export type ApprovedService = z.output<typeof serviceSchema>;

/** The register of approved services: `approved-services.yaml`. */
export interface Register {
  readonly services: readonly ApprovedService[];
  /** Whoever reads it finds the entry of a name, an address or a network (all of it) by this; the most exact entry wins. */
  find(host: string): ApprovedService | undefined;
}

/** Reads the file's parsed content: `services:` and a list. Entries that are wrong are problems, and approve nothing. */
export function parseRegister(content: unknown): {
  readonly register: Register;
  readonly problems: readonly ReadProblem[];
} {
  const { entries, problems } = parseEntries(content, "services", serviceSchema);
  return { register: createRegister(entries), problems };
}

export function createRegister(services: readonly ApprovedService[]): Register {
  const names = new Map(services.map((service) => [service.endpoint, service]));
  const ranges = services
    .flatMap((service) => (isAddressLike(service.endpoint) ? [{ service, range: range(service.endpoint) }] : []))
    .sort((a, b) => b.range[1] - a.range[1]);
  return {
    services,
    find(host) {
      if (isAddressLike(host)) {
        const [address, length] = range(host);
        return ranges.find(
          ({ range: [base, bits] }) => bits <= length && base.kind() === address.kind() && address.match(base, bits),
        )?.service;
      }
      const exact = names.get(host);
      if (exact) return exact;
      for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
        const service = names.get(`*${host.slice(dot)}`);
        if (service) return service;
      }
      return undefined;
    },
  };
}

export const emptyRegister: Register = createRegister([]);

function isAddressLike(text: string): boolean {
  return isIP(text) !== 0 || (text.includes("/") && ipaddr.isValidCIDR(text));
}

function range(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function canonicalEndpoint(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase().replace(/\.$/, "");
  if (isAddressLike(trimmed)) return trimmed;
  // URL parsing would cut these off, and approve what is left.
  if (/[\s/:@?#\\[\]]/.test(trimmed)) return undefined;
  const wildcard = trimmed.startsWith("*.");
  const name = domainToASCII(wildcard ? trimmed.slice(2) : trimmed);
  if (!/^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+$/.test(name)) return undefined;
  if (wildcard && getPublicSuffix(name) === name) return undefined;
  return wildcard ? `*.${name}` : name;
}
