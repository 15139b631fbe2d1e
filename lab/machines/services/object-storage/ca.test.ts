import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWithDebian } from "../../../debian/testing.ts";
import { ensureAuthority } from "./ca.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "authority-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const names = ["fsn1.your-objectstorage.com", "*.fsn1.your-objectstorage.com"];

test("an authority issues certificates for the names that it is asked for, and none for other authorities", async () => {
  const authority = await ensureAuthority(folder);
  const root = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate((await authority.issue(names)).certificate);
  expect(root.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.checkHost("bucket.fsn1.your-objectstorage.com")).toBeDefined();
  expect(leaf.checkHost("nbg1.your-objectstorage.com")).toBeUndefined();
});

describeWithDebian("certificates of the lab's authority", (debian) => {
  test("are trusted by OpenSSL", async () => {
    const authority = await ensureAuthority(folder);
    const { certificate } = await authority.issue(names);
    const { code, stdout } = await debian.run({
      files: { "/ca.crt": authority.certificate, "/leaf.crt": certificate },
      argv: [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        names[0]!,
        "-CAfile",
        "/ca.crt",
        "/leaf.crt",
      ],
    });
    expect(stdout).toContain("/leaf.crt: OK");
    expect(code).toBe(0);
  });
});
