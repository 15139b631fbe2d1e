import { createPrivateKey, X509Certificate } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";

/** Where a certificate of the public side comes from. */
export type Certificate =
  /** Issued by Let's Encrypt through the provider, which also renews it. The domains' zones must be in the same project. */
  | { readonly kind: "managed"; readonly domainNames: readonly string[] }
  /** Your own, PEM: the certificate followed by its intermediates. */
  | { readonly kind: "uploaded"; readonly certificate: string; readonly privateKey: pulumi.Input<string> };

const domainName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
const warnDays = 30;

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Everything wrong with a certificate, as far as it can be seen without the key. */
export function certificateProblems(certificate: Certificate): string[] {
  if (certificate.kind === "managed") {
    if (certificate.domainNames.length === 0) return ["domainNames: none given"];
    return certificate.domainNames
      .filter((name) => name.length > 253 || !domainName.test(name))
      .map((name) => `domainNames: ${JSON.stringify(name)} is not a domain name such as shop.example.eu`);
  }
  return parse(certificate.certificate) ? [] : ["certificate: is not a PEM certificate (-----BEGIN CERTIFICATE-----)"];
}

/** What to warn of: a certificate that has ended or soon will. */
export function certificateWarning(pem: string, now: Date): string | undefined {
  const ends = new Date(parse(pem)?.validTo ?? Number.NaN);
  const days = Math.floor((ends.getTime() - now.getTime()) / 86_400_000);
  if (Number.isNaN(days) || days > warnDays) return undefined;
  const date = ends.toISOString().slice(0, 10);
  return days < 0 ? `the certificate ended on ${date}` : `the certificate ends on ${date}, in ${days} days`;
}

/** Why a key does not go with a certificate, or undefined when it does. Says nothing of the key itself. */
export function privateKeyProblem(certificatePem: string, keyPem: string): string | undefined {
  try {
    return parse(certificatePem)?.checkPrivateKey(createPrivateKey(keyPem))
      ? undefined
      : "privateKey: is not the key of this certificate";
  } catch {
    return "privateKey: is not an unencrypted PEM private key";
  }
}
