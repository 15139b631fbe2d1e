/** Certificates in PEM format: what the API reads from an uploaded one, and how it issues a managed one. */
import "reflect-metadata";
import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** What the API tells of a certificate. */
export interface CertificateFacts {
  /** SHA-256, lower-case, bytes separated by colons. */
  readonly fingerprint: string;
  /** ISO 8601 in UTC. */
  readonly notValidBefore: string;
  readonly notValidAfter: string;
  /** DNS names of the subject alternative names, or the common name where there are none. */
  readonly domainNames: readonly string[];
}

/** Names the field that does not hold what it should; the message never carries any of the private key. */
export class PemError extends Error {
  readonly field: "certificate" | "private_key";

  constructor(field: "certificate" | "private_key", message: string) {
    super(message);
    this.name = "PemError";
    this.field = field;
  }
}

/** Certificates of one chain that are looked at; real chains have two to four. */
const MAX_CHAIN = 10;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

function parseChain(pem: string): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new PemError("certificate", "holds no certificate in PEM format");
  if (blocks.length > MAX_CHAIN) throw new PemError("certificate", `holds more than ${MAX_CHAIN} certificates`);
  if (pem.replace(PEM_CERTIFICATE, "").includes("-----BEGIN"))
    throw new PemError("certificate", "holds something else than certificates");
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new PemError("certificate", `certificate ${index + 1} of ${blocks.length} cannot be read`);
    }
  });
}

function checkOrder(chain: readonly X509Certificate[]): void {
  for (const [index, issuer] of chain.slice(1).entries()) {
    const subject = chain[index]!;
    if (!subject.checkIssued(issuer) || !subject.verify(issuer.publicKey))
      throw new PemError(
        "certificate",
        `certificate ${index + 1} is not issued by certificate ${index + 2} that follows it`,
      );
  }
}

function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new PemError("private_key", "is not an unencrypted private key in PEM format");
  }
}

function domainNames(certificate: X509Certificate): string[] {
  // Node quotes a name that could be mistaken for the list's own syntax; such a name is no DNS name.
  const names = (certificate.subjectAltName ?? "").split(", ").filter((entry) => entry.startsWith("DNS:"));
  if (names.length > 0) return [...new Set(names.map((entry) => entry.slice(4)))];
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  return commonName === undefined ? [] : [commonName];
}

/** Facts of the first certificate of a chain. */
function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    fingerprint: certificate.fingerprint256.toLowerCase(),
    notValidBefore: new Date(certificate.validFrom).toISOString(),
    notValidAfter: new Date(certificate.validTo).toISOString(),
    domainNames: domainNames(certificate),
  };
}

/**
 * Reads an uploaded certificate (with its chain, leaf first) and checks that the private key is its own.
 *
 * @throws {PemError} naming the field.
 */
export function readUpload(certificatePem: string, privateKeyPem: string): CertificateFacts {
  const chain = parseChain(certificatePem);
  checkOrder(chain);
  const key = parsePrivateKey(privateKeyPem);
  if (!chain[0]!.checkPrivateKey(key)) throw new PemError("private_key", "does not belong to the certificate");
  return factsOf(chain[0]!);
}

/** A certificate that the lab issued itself. */
export interface IssuedCertificate extends CertificateFacts {
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY = 24 * 3_600 * 1_000;
/** As long as Let's Encrypt's own. */
const VALID_DAYS = 90;

/** Issues a self-signed certificate for the names, valid for 90 days from `now`. */
export async function issue(names: readonly string[], now: Date): Promise<IssuedCertificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [names[0]!] }],
      keys,
      signingAlgorithm: algorithm,
      notBefore: now,
      notAfter: new Date(now.getTime() + VALID_DAYS * DAY),
      extensions: [
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
        new x509.BasicConstraintsExtension(false, undefined, true),
      ],
    },
    webcrypto as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1],
  );
  const certificate = `${made.toString("pem")}\n`;
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const privateKey = `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
  return { ...factsOf(new X509Certificate(certificate)), certificate, privateKey };
}
