import { type BaseRecord, type Collection, collection } from "./core/store.ts";

/** The records that kinds share: what the store holds, not what the API shows. */

type Labels = Readonly<Record<string, string>>;

/** What most resources have. */
export interface Resource extends BaseRecord {
  readonly name: string;
  readonly created: string;
  readonly labels: Labels;
}

export interface SshKeyRecord extends Resource {
  readonly public_key: string;
  readonly fingerprint: string;
}
export const SSH_KEYS: Collection<SshKeyRecord> = collection<SshKeyRecord>("ssh_keys", {
  name: (key) => [key.name],
  fingerprint: (key) => [key.fingerprint],
});
