/** What only this lab knows; made once, kept in a file that only its owner may read. */
import { randomBytes, X509Certificate } from "node:crypto";
import { z } from "zod";
import { type LabFiles, readJson, writeJson } from "./files.ts";

const schema = z.object({
  /** The provider wants exactly 64 characters. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
  passphrase: z.string().min(20),
  backupAccessKey: z.string().min(16),
  backupSecretKey: z.string().min(32),
  /** For the domains of examples, PEM: what a stack uploads whose certificate the provider does not issue. */
  certificate: z.string().includes("BEGIN CERTIFICATE"),
  certificateKey: z.string().includes("PRIVATE KEY"),
  /** The same for edge sites, which must have none of the core's keys. */
  edgeCertificate: z.string().includes("BEGIN CERTIFICATE"),
  edgeCertificateKey: z.string().includes("PRIVATE KEY"),
});

const certified = ["shop.example.eu", "*.example.eu"];
const certifiedEdge = ["*.edge.example.eu"];

export type LabSecrets = z.infer<typeof schema>;

/** The lab's secrets; undefined when it has none that are whole. */
export function readSecrets(files: LabFiles): LabSecrets | undefined {
  return schema.safeParse(readJson(files.secrets)).data;
}

/** Whether an authority has issued it. Labs of earlier versions had certificates that vouch for themselves: machines trust none of those. */
function isIssued(pem: string): boolean {
  try {
    const { issuer, subject } = new X509Certificate(pem);
    return issuer !== subject;
  } catch {
    return false;
  }
}

/** The lab's secrets, made when there are none; certificates also when machines would not trust them. Needs the lab's folder. */
export async function ensureSecrets(files: LabFiles): Promise<LabSecrets> {
  const present = readSecrets(files);
  if (present && isIssued(present.certificate) && isIssued(present.edgeCertificate)) return present;
  // The authority that machines trust, as visitors trust public ones: an edge site asks the core over verified TLS.
  const { authorityFolder, ensureAuthority } = await import("../machines/services/object-storage/ca.ts");
  const authority = await ensureAuthority(authorityFolder(files.folder));
  const [core, edge] = await Promise.all([authority.issue(certified), authority.issue(certifiedEdge)]);
  const secrets: LabSecrets = {
    ...(present ?? {
      token: randomBytes(32).toString("hex"),
      passphrase: randomBytes(24).toString("base64url"),
      backupAccessKey: randomBytes(10).toString("hex").toUpperCase(),
      backupSecretKey: randomBytes(30).toString("base64url"),
    }),
    certificate: core.certificate,
    certificateKey: core.privateKey,
    edgeCertificate: edge.certificate,
    edgeCertificateKey: edge.privateKey,
  };
  writeJson(files.secrets, secrets);
  return secrets;
}
