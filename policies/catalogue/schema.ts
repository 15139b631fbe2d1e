/** The form of the catalogue's files. Strict: a misspelt key is an error, never a fact that is silently missing. */
import ipaddr from "ipaddr.js";
import { getPublicSuffix, parse as parseDomain } from "tldts";
import { z } from "zod";
import { isCountry } from "../../catalogue/countries.ts";
import { day } from "../core/dates.ts";
import { PURPOSES } from "./purposes.ts";
import { parsePattern } from "./select.ts";

const line = z.string().trim().min(1).max(500);
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words with hyphens");
const country = z.string().refine(isCountry, "an ISO 3166-1 alpha-2 code, such as DE");
const purpose = z.enum(PURPOSES);

const provenance = {
  source: z.url({ protocol: /^https?$/, error: "the URL of the page it was read on" }),
  read: day,
  confidence: z.enum(["read", "recalled"]).optional(),
};

/** What is wrong with a domain's name, undefined if nothing is. */
function domainProblem(name: string): string | undefined {
  if (name.length > 253 || !/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    return "a domain in lower case and punycode, without scheme, path or trailing dot";
  }
  const { isIcann, isPrivate } = parseDomain(name, { allowPrivateDomains: true });
  if (!isIcann && !isPrivate) return "a domain under a public suffix";
  // A private suffix (`herokuapp.com`) belongs to a company; `com` and `co.uk` belong to nobody who could be listed.
  if (getPublicSuffix(name) === name) return "more than a public suffix";
  return undefined;
}

const domainName = z.string().superRefine((name, context) => {
  const expected = domainProblem(name);
  if (expected) context.addIssue({ code: "custom", message: `expected ${expected}` });
});

/** A regular expression with a group `region`. */
const regionPattern = z
  .string()
  .max(200)
  .refine((text) => {
    try {
      new RegExp(text);
      return text.includes("(?<region>");
    } catch {
      return false;
    }
  }, "a regular expression with a group (?<region>...)");

const domain = z.union([
  domainName.transform((name) => ({ name })),
  z.strictObject({
    name: domainName,
    purpose: purpose.optional(),
    region: regionPattern.optional(),
    services: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "a label of a host name"), purpose).optional(),
  }),
]);

export const vendorSchema = z.strictObject({
  id,
  name: line,
  seat: country,
  parent: id.optional(),
  purposes: z.array(purpose).min(1),
  domains: z.array(domain),
  alternatives: z.array(id).default([]),
  dpf: z.boolean().optional(),
  note: line.optional(),
  ...provenance,
});

export const regionSchema = z.strictObject({
  name: line,
  countries: z.array(country),
  city: line.optional(),
  aliases: z.array(line).optional(),
  note: line.optional(),
  source: provenance.source.optional(),
  read: day.optional(),
  confidence: provenance.confidence,
});

const typePattern = z.string().regex(/^[A-Za-z0-9:/._-]*\*?$/, "a type token, or the start of one and *");

const pathPattern = line.refine((text) => {
  try {
    return parsePattern(text).length > 0;
  } catch {
    return false;
  }
}, "a property path, such as replicas[*].regionName");

const providerShape = {
  package: z.string().regex(/^[a-z][a-z0-9-]*$/, "a Pulumi package's name"),
  name: line,
  vendor: id.optional(),
  regions: z.array(regionSchema),
  zones: z.array(regionPattern).default([]),
  unset: z.strictObject({ region: line.optional(), note: line }),
  regionProperties: z.array(
    z.strictObject({ type: typePattern, properties: z.array(pathPattern), optional: z.boolean().optional() }),
  ),
  global: z
    .array(
      z.strictObject({
        type: typePattern,
        standing: z.enum(["eu", "eea", "adequate", "outside", "unknown"]),
        note: line,
      }),
    )
    .default([]),
  ...provenance,
};

export const providerSchema = z.strictObject(providerShape);

/** In a file of one's own: a provider that the catalogue knows, and what is to be added to it. */
export const providerAdditionSchema = providerSchema
  .partial({ name: true, unset: true, regionProperties: true, regions: true })
  .extend({
    zones: providerShape.zones.unwrap().optional(),
    global: providerShape.global.unwrap().optional(),
  });

const cidr = z
  .string()
  .refine((text) => ipaddr.isValidCIDR(text) && isNetwork(text), "a network in CIDR form, such as 192.0.2.0/24");

/** Whether all bits after the prefix are zero: `1.1.1.1/24` is most likely a slip. */
function isNetwork(text: string): boolean {
  const [address] = ipaddr.parseCIDR(text);
  const network =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  return network.toString() === address.toString();
}

export const addressSchema = z.strictObject({
  cidr,
  vendor: id.optional(),
  purpose,
  note: line.optional(),
  ...provenance,
});

export const vendorFileSchema = z.array(vendorSchema);
export const providerFileSchema = z.array(providerSchema);
export const addressFileSchema = z.array(addressSchema);

/** A file of one's own, given by path: what it names is added, or takes the place of what the catalogue says. */
export const additionsSchema = z.strictObject({
  vendors: vendorFileSchema.default([]),
  providers: z.array(providerAdditionSchema).default([]),
  addresses: addressFileSchema.default([]),
});

export type Additions = z.output<typeof additionsSchema>;
export type ProviderAddition = z.output<typeof providerAdditionSchema>;
