import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { parse as parseDomain } from "tldts";
import { z } from "zod";
import { isEuCountry } from "../../catalogue/countries.ts";
import { euLocations, findLocation } from "../../catalogue/hetzner/locations.ts";
import { serverTypeNames } from "../../catalogue/hetzner/server-types.ts";
import { archiveUrlProblem } from "../../components/app/archive.ts";
import { edgePathProblem } from "../../components/edge/problems.ts";
import { networkCidrProblem } from "../../components/network/plan.ts";

/** A check that says itself what is wrong: `describe(value)` is the end of a sentence that begins with the value. */
function checked<T extends z.ZodType>(schema: T, problem: (value: z.output<T>) => string | undefined): T {
  return schema.superRefine((value, context) => {
    const message = problem(value);
    if (message) context.addIssue({ code: "custom", message });
  });
}

export const count = (min: number, max: number) => z.int().min(min).max(max);

/** A location in the EU. Others are named for what they are. */
export const location = z.enum(euLocations(), {
  error: (issue) => {
    const known = typeof issue.input === "string" ? findLocation(issue.input) : undefined;
    const choices = `use one of ${euLocations().join(", ")}`;
    return known
      ? `is in ${known.city}, ${known.country}, outside the EU: ${choices}`
      : `is no location known to be in the EU: ${choices}`;
  },
});

export const serverType = z.enum(serverTypeNames as [string, ...string[]]);

export const networkCidr = checked(z.string(), networkCidrProblem);

/** ISO code of a member state: stated by whoever writes the config, who answers for it. */
export const euCountry = checked(z.string(), (value) =>
  isEuCountry(value) ? undefined : "is not the ISO code of an EU member state, such as DE",
);

/** Ranges that nobody on the internet has as a source; those for documentation are left to examples. */
const neverSources: readonly string[] = [
  "unspecified",
  "broadcast",
  "multicast",
  "loopback",
  "linkLocal",
  "private",
  "uniqueLocal",
  "carrierGradeNat",
  "ipv4Mapped",
];

/** What is wrong with a range of administrators: written in full, public, narrow, and no address with a mask beside it. */
function adminRangeProblem(text: string): string | undefined {
  const [host = "", length = "", ...rest] = text.split("/");
  // The library also takes 10/16, hexadecimal and octal: others read those as something else.
  const plain = (isIPv4(host) || isIPv6(host)) && !host.includes("%") && /^(0|[1-9]\d{0,2})$/.test(length);
  if (!plain || rest.length > 0 || !ipaddr.isValidCIDR(text)) return "is not a range such as 203.0.113.10/32";
  const [address, prefix] = ipaddr.parseCIDR(text);
  const [widest, single] = address.kind() === "ipv4" ? [16, 32] : [32, 128];
  if (prefix < widest) {
    return `is open to ${prefix === 0 ? "the whole internet" : "far too many machines"}: use /${widest} or narrower`;
  }
  if (neverSources.includes(address.range())) {
    return "is no range of the internet: use the public address that your connections come from";
  }
  const network = (address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(text).toString();
  return network === address.toString()
    ? undefined
    : `is an address with a mask beside it: the range is ${network}/${prefix}, the address alone ${address}/${single}`;
}

/** Where administrators come from. */
export const adminCidr = z.strictObject({
  cidr: checked(z.string(), adminRangeProblem).describe(
    "Public range from which SSH is allowed, IPv4 /16 or narrower, IPv6 /32 or narrower",
  ),
  country: euCountry.describe("EU member state from which this range is used (ISO 3166-1 alpha-2)"),
});

export const domainName = checked(z.string(), (value) => {
  const parsed = parseDomain(value, { validateHostname: true, allowPrivateDomains: true });
  return parsed.hostname === value && parsed.domain && !parsed.isIp
    ? undefined
    : "is not a domain name such as shop.example.eu, in lower case";
});

/** Host of an S3-compatible store, with an optional port. */
export const endpoint = checked(z.string(), (value) => {
  const [host, port, ...rest] = value.split(":");
  const numeric = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536);
  const name = parseDomain(host ?? "", { validateHostname: true });
  return rest.length === 0 && numeric && name.hostname && !name.isIp
    ? undefined
    : "is not a host name such as fsn1.your-objectstorage.com";
});

/** Name that becomes part of resource names, files and identifiers. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,30}$/, "is not a name of up to 31 letters, digits and _ that begins with a letter");

export const sshPublicKey = z
  .string()
  .regex(
    /^(ssh-ed25519|sk-ssh-ed25519@openssh\.com|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{60,}={0,3}( .*)?$/,
    "is not an SSH public key such as: ssh-ed25519 AAAA... name",
  );

/** Keys of administrators. */
export const adminSshKeys = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-zA-Z0-9][\w.@-]{0,62}$/, "is not a name of letters, digits and . _ @ -"),
      publicKey: sshPublicKey,
    }),
  )
  .max(50)
  .default([]);

/** PEM. */
export const pemCertificate = z.string().startsWith("-----BEGIN CERTIFICATE-----");

/** Environment variables of the workload. */
export const environment = z
  .record(z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/, "is not a variable name of A-Z, 0-9 and _"), z.string().max(4096))
  .default({});

/** Path of a URL. */
export const urlPath = z
  .string()
  .max(200)
  .regex(/^\/[\w.~/-]*$/, "is not a plain path such as /healthz");

/** Path that is served at the edge. */
export const publicPath = checked(z.string().max(200), edgePathProblem);

/** Address of a workload's release. */
export const archiveUrl = checked(z.string().max(500), archiveUrlProblem);

/** A container image with its registry, pinned by digest. */
export const image = z
  .string()
  .regex(
    /^[a-z0-9.-]+(:\d+)?\/[a-z0-9._/-]+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/,
    "is not an image with its registry and digest, such as registry.example.eu/shop@sha256:<64 hex digits>",
  );

/** Generation of machines that hold data. */
export const generation = count(1, 1_000_000)
  .default(1)
  .describe(
    "Raise it to replace the machines on purpose with today's user data, image and keys; needs `protection.except`",
  );
