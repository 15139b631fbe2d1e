import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type AuthoritySpec, createAuthority, createLeaf } from "./certificates.ts";

const spec: AuthoritySpec = {
  seed: Buffer.alloc(32, 7),
  name: "shop-ca",
  generation: 1,
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2036-01-01T00:00:00Z"),
};
const leaf = { commonName: "shop-postgres-fsn1-1", dnsNames: ["shop-postgres-fsn1-1"], ipAddresses: ["10.0.2.4"] };

describe("certificates", () => {
  it("are the same bytes for the same seed, and others for another seed or generation", async () => {
    expect(await createLeaf(spec, leaf)).toEqual(await createLeaf(spec, leaf));
    expect(await createAuthority(spec)).toEqual(await createAuthority(spec));
    expect(await createLeaf({ ...spec, generation: 2 }, leaf)).not.toEqual(await createLeaf(spec, leaf));
    expect(await createLeaf({ ...spec, seed: Buffer.alloc(32, 8) }, leaf)).not.toEqual(await createLeaf(spec, leaf));
  });

  it("chain to the authority, name the host, and match their key", async () => {
    const authority = new X509Certificate((await createAuthority(spec)).certificate);
    const pair = await createLeaf(spec, leaf);
    const certificate = new X509Certificate(pair.certificate);
    expect(authority.ca).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.checkHost("shop-postgres-fsn1-1")).toBeTruthy();
    expect(certificate.checkIP("10.0.2.4")).toBe("10.0.2.4");
    expect(certificate.checkHost("shop-postgres-fsn1-2")).toBeUndefined();
    const { createPrivateKey } = await import("node:crypto");
    expect(certificate.checkPrivateKey(createPrivateKey(pair.privateKey))).toBe(true);
  });

  it("do not take a short seed", async () => {
    await expect(createAuthority({ ...spec, seed: Buffer.alloc(16) })).rejects.toThrow(/shorter than 32 bytes/);
  });
});
