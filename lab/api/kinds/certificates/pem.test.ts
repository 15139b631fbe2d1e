import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { describe, expect, test } from "vitest";
import { issue, PemError, readUpload } from "./pem.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const now = new Date("2026-11-01T00:00:00Z");

/** A leaf and the CA that signed it. */
async function chain() {
  const caKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const leafKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const common = { signingAlgorithm: algorithm, notBefore: now, notAfter: new Date("2027-11-01T00:00:00Z") };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({ name: "CN=Test CA", keys: caKeys, ...common });
  const leaf = await x509.X509CertificateGenerator.create({
    subject: "CN=only.example.com",
    issuer: ca.subject,
    signingKey: caKeys.privateKey,
    publicKey: leafKeys.publicKey,
    ...common,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", leafKeys.privateKey);
  return { ca: ca.toString("pem"), leaf: leaf.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

/** The field and message that an upload is refused with. */
function refusal(certificate: string, privateKey: string): string {
  try {
    readUpload(certificate, privateKey);
  } catch (error) {
    if (error instanceof PemError) return `${error.field}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

describe("an issued certificate", () => {
  test("is read back with the same facts, names in order, 90 days", async () => {
    const issued = await issue(["example.com", "*.example.com"], now);
    const { certificate, privateKey, ...facts } = issued;
    expect(readUpload(certificate, privateKey)).toEqual(facts);
    expect(facts.domainNames).toEqual(["example.com", "*.example.com"]);
    expect(facts.notValidBefore).toBe("2026-11-01T00:00:00.000Z");
    expect(facts.notValidAfter).toBe("2027-01-30T00:00:00.000Z");
    expect(facts.fingerprint).toMatch(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/);
  });
});

describe("an upload", () => {
  test("takes the common name where there are no alternative names, and a chain in order", async () => {
    const { ca, leaf, key } = await chain();
    expect(readUpload(`${leaf}\n${ca}`, key).domainNames).toEqual(["only.example.com"]);
    expect(refusal(`${ca}\n${leaf}`, key)).toMatch(/^certificate: certificate 1 is not issued by certificate 2/);
  });

  test("needs the key of the certificate", async () => {
    const { leaf } = await chain();
    const other = await chain();
    expect(refusal(leaf, other.key)).toBe("private_key: does not belong to the certificate");
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    expect(refusal(leaf, rsa.export({ type: "pkcs1", format: "pem" }).toString())).toMatch(
      /^private_key: does not belong/,
    );
  });

  test("is refused when malformed, without any of the key in the message", async () => {
    const { leaf, key } = await chain();
    expect(refusal("", key)).toMatch(/^certificate: holds no certificate/);
    expect(refusal(leaf.replace(/\n[A-Za-z0-9+/]{40}/, "\nAAAA"), key)).toMatch(
      /^certificate: certificate 1 of 1 cannot/,
    );
    expect(refusal(`${leaf}\n${key}`, key)).toMatch(/^certificate: holds something else/);
    expect(refusal(Array(11).fill(leaf).join("\n"), key)).toMatch(/more than 10/);
    const broken = key.replace(/[A-Za-z0-9]{10}\n/, "\n");
    expect(refusal(leaf, broken)).toBe("private_key: is not an unencrypted private key in PEM format");
    const options = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" } as const;
    expect(refusal(leaf, createPrivateKey(key).export(options).toString())).toMatch(
      /^private_key: is not an unencrypted/,
    );
  });
});
