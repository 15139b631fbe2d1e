import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { issue } from "../api/kinds/certificates/pem.ts";
import { authorityFiles, authorityFolder } from "../machines/services/object-storage/ca.ts";
import { labFiles, makeFolders, writeJson } from "./files.ts";
import { ensureSecrets, readSecrets } from "./secrets.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "sovereign-secrets-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

it("are made once", async () => {
  const files = labFiles(project, "dev");
  makeFolders(files);
  const first = await ensureSecrets(files);
  expect(await ensureSecrets(files)).toEqual(first);
  expect(readSecrets(files)).toEqual(first);
});

it("of an earlier version stay, but for certificates that no machine trusts", async () => {
  const files = labFiles(project, "dev");
  makeFolders(files);
  const { certificateKey: _, ...first } = await ensureSecrets(files);
  const own = await issue(["shop.example.eu"], new Date());
  writeJson(files.secrets, { ...first, certificate: own.certificate, certificateKey: own.privateKey });
  const mended = await ensureSecrets(files);
  const authority = new X509Certificate(readFileSync(authorityFiles(authorityFolder(files.folder)).certificate));
  for (const pem of [mended.certificate, mended.edgeCertificate])
    expect(new X509Certificate(pem).verify(authority.publicKey)).toBe(true);
  const { token, passphrase, backupAccessKey, backupSecretKey } = first;
  expect(mended).toMatchObject({ token, passphrase, backupAccessKey, backupSecretKey });
  expect(mended.certificateKey).not.toBe(own.privateKey);
  expect(readSecrets(files)).toEqual(mended);
});
