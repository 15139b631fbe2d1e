import "reflect-metadata";
import { createPrivateKey, createPublicKey, hkdfSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

/** A certificate with its private key, both PEM. The key is a secret. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Everything a certificate is made from: the same spec and seed give the same bytes, so a second run shows no change. */
export interface AuthoritySpec {
  /** At least 32 bytes; a secret. */
  readonly seed: Uint8Array;
  /** Common name of the authority. */
  readonly name: string;
  /** Raise it to get new keys and certificates everywhere. */
  readonly generation: number;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface LeafSpec {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

const algorithm = { name: "Ed25519" };
/** PKCS #8 header of an Ed25519 private key (RFC 8410, section 7); the 32 bytes of the seed follow. */
const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex");

function derive(spec: AuthoritySpec, purpose: string, length: number): Buffer {
  if (spec.seed.length < 32) throw new Error("the seed of the certificate authority is shorter than 32 bytes");
  const info = `sovereign pki v1 generation ${spec.generation} ${purpose}`;
  return Buffer.from(hkdfSync("sha256", spec.seed, "", info, length));
}

async function keyFor(spec: AuthoritySpec, purpose: string) {
  const der = Buffer.concat([pkcs8Header, derive(spec, `key ${purpose}`, 32)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    signing: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    public: await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  };
}

/** Positive and below 2^127, as RFC 5280 wants it. */
function serialNumber(spec: AuthoritySpec, purpose: string): string {
  const bytes = derive(spec, `serial ${purpose}`, 16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** What all certificates of an authority have. */
const issuedBy = (spec: AuthoritySpec, purpose: string, commonName: string) => ({
  serialNumber: serialNumber(spec, purpose),
  subject: `CN=${commonName}`,
  issuer: `CN=${spec.name}`,
  notBefore: spec.notBefore,
  notAfter: spec.notAfter,
  signingAlgorithm: algorithm,
});

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString("pem").trim()}\n`;

/** The authority's own certificate and key. */
export async function createAuthority(spec: AuthoritySpec): Promise<KeyPair> {
  const key = await keyFor(spec, "authority");
  const certificate = await x509.X509CertificateGenerator.create({
    ...issuedBy(spec, "authority", spec.name),
    publicKey: key.public,
    signingKey: key.signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(key.public),
    ],
  });
  return { certificate: pem(certificate), privateKey: key.pem };
}

/** A machine's certificate, for servers and clients alike (etcd, Patroni and the journal use it both ways). */
export async function createLeaf(spec: AuthoritySpec, leaf: LeafSpec): Promise<KeyPair> {
  const [authority, key] = await Promise.all([keyFor(spec, "authority"), keyFor(spec, `leaf ${leaf.commonName}`)]);
  const names = JSON.stringify([leaf.commonName, leaf.dnsNames, leaf.ipAddresses]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...issuedBy(spec, `leaf ${names}`, leaf.commonName),
    publicKey: key.public,
    signingKey: authority.signing,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...leaf.dnsNames.map((value) => ({ type: "dns" as const, value })),
        ...leaf.ipAddresses.map((value) => ({ type: "ip" as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.public),
    ],
  });
  return { certificate: pem(certificate), privateKey: key.pem };
}
