/** The lab's own certificate authority, in place of those that everybody trusts. */
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { writeWholeFile } from "../../../session/whole-file.ts";

/** P-256 rather than Ed25519, which not every TLS library takes. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 3_600_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;

type CryptoKey = webcrypto.CryptoKey;
type Crypto = Parameters<typeof x509.X509CertificateGenerator.create>[1];
const crypto = webcrypto as Crypto;

export interface CertificateAuthority {
  /** PEM: what machines must trust. */
  readonly certificate: string;
  /** Issues a certificate for DNS names, valid for a year. */
  issue(names: readonly string[]): Promise<{ readonly certificate: string; readonly privateKey: string }>;
}

/** Where a lab has its authority, below its folder. */
export const authorityFolder = (folder: string): string => join(folder, "ca");

/** The authority of a lab, made in this folder when there is none yet; its private key can be read by its owner only. */
export async function ensureAuthority(folder: string, now = new Date()): Promise<CertificateAuthority> {
  const files = authorityFiles(folder);
  if (!existsSync(files.certificate)) await makeAuthority(folder, now);
  const certificate = readFileSync(files.certificate, "utf8");
  const der = x509.PemConverter.decodeFirst(readFileSync(files.privateKey, "utf8"));
  const signingKey = await webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
  const authority = new x509.X509Certificate(certificate);
  return { certificate, issue: (names) => issue(authority, signingKey as CryptoKey, names, new Date()) };
}

/** Where an authority keeps its certificate and private key. */
export const authorityFiles = (folder: string) => ({
  certificate: join(folder, "ca.crt"),
  privateKey: join(folder, "ca.key"),
});

async function makeAuthority(folder: string, now: Date): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: ["Sovereign Stacks lab"] }],
      keys: keys,
      signingAlgorithm: ALGORITHM,
      ...validity(now, CA_DAYS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as CryptoKey, false, crypto),
      ],
    },
    crypto,
  );
  const files = authorityFiles(folder);
  // The certificate last: where it is, the key is too.
  writeWholeFile(files.privateKey, await privateKeyPem(keys.privateKey), { mode: 0o600 });
  writeWholeFile(files.certificate, `${made.toString("pem")}\n`, { mode: 0o644 });
}

async function issue(authority: x509.X509Certificate, signingKey: CryptoKey, names: readonly string[], now: Date) {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: [{ CN: [names[0]!] }],
      issuer: authority.subject,
      publicKey: keys.publicKey as CryptoKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      ...validity(now, LEAF_DAYS),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  return { certificate: `${made.toString("pem")}\n`, privateKey: await privateKeyPem(keys.privateKey) };
}

/** Positive and short enough for every reader. */
const serialNumber = (): string => `01${randomBytes(15).toString("hex")}`;

/** From an hour ago, as clocks differ. */
const validity = (now: Date, days: number) => ({
  notBefore: new Date(now.getTime() - 3_600_000),
  notAfter: new Date(now.getTime() + days * DAY_MS),
});

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
