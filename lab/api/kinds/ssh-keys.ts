import { createHash } from "node:crypto";
import { z } from "zod";
import { invalidInput, notUnique } from "../core/errors.ts";
import { create, type Kind, update } from "../core/kind.ts";
import { labelsSchema, nameAndLabels, nameSchema } from "../core/schemas.ts";
import { SSH_KEYS, type SshKeyRecord } from "../model.ts";

const KEY_TYPES =
  /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

const createBody = z.object({
  name: nameSchema,
  public_key: z.string().min(1).max(16_384),
  labels: labelsSchema.optional(),
});

export const sshKeys: Kind<SshKeyRecord> = {
  path: "ssh_keys",
  singular: "ssh_key",
  collection: SSH_KEYS,
  filters: { name: (key) => key.name, fingerprint: (key) => key.fingerprint },
  render: (_, { id, name, fingerprint, public_key, labels, created }) => ({
    id,
    name,
    fingerprint,
    public_key,
    labels,
    created,
  }),
  create: create(createBody, (lab, body) => {
    if (lab.nameTaken(SSH_KEYS, body.name)) throw notUnique("SSH key", "name");
    const public_key = body.public_key.trim();
    const fingerprint = fingerprintOf(public_key);
    if (lab.store.by(SSH_KEYS, "fingerprint", fingerprint).length > 0) throw notUnique("SSH key", "fingerprint");
    const key = lab.store.insert(SSH_KEYS, { ...lab.fresh(body.labels), name: body.name, public_key, fingerprint });
    return { ssh_key: sshKeys.render(lab, key) };
  }),
  update: update(nameAndLabels, (lab, key: SshKeyRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(SSH_KEYS, body.name, key.id)) throw notUnique("SSH key", "name");
    return lab.store.update(SSH_KEYS, key.id, body);
  }),
  remove: (lab, key) => {
    lab.store.delete(SSH_KEYS, key.id);
    return undefined;
  },
};

/** MD5 of the key's blob in colons, as `ssh-keygen -l -E md5` prints it and the API shows it. */
export function fingerprintOf(publicKey: string): string {
  const [type = "", data = ""] = publicKey.split(/\s+/);
  const blob = Buffer.from(data, "base64");
  // The blob begins with its own type, length first: a truncated or foreign key shows here.
  const inner = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1") : "";
  if (!KEY_TYPES.test(type) || inner !== type) throw invalidInput("public_key", "is not an OpenSSH public key");
  return createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?!$)/g, "$&:");
}
