import * as pulumi from "@pulumi/pulumi";
import { limits } from "../../catalogue/hetzner/limits.ts";
import { fillSecrets, secretNames } from "./secret-token.ts";
import { encodeUserData } from "./user-data.ts";

/**
 * The user data of a machine with its secrets: a secret as a whole.
 * @param cloudConfig with tokens in place of secrets
 * @param secrets by name; more than it has tokens for is no harm
 * @throws RunError with the names of secrets that have no value
 */
export function secretUserData(
  hostname: string,
  cloudConfig: string,
  secrets: Readonly<Record<string, pulumi.Input<string>>>,
): pulumi.Output<string> {
  const names = secretNames(cloudConfig);
  const missing = names.filter((name) => !(name in secrets));
  if (missing.length) throw new pulumi.RunError(`${hostname}: no value for the secrets ${missing.join(", ")}`);
  const used = Object.fromEntries(names.map((name) => [name, secrets[name]!]));
  return pulumi.secret(
    pulumi.all(used).apply((values) => {
      // Inside JSON: line breaks of PEM files must be escaped, which JSON.stringify does between the quotes.
      const escaped = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, JSON.stringify(value).slice(1, -1)]),
      );
      const userData = encodeUserData(fillSecrets(cloudConfig, escaped));
      if (userData.length > limits.userDataBytes)
        throw new pulumi.RunError(`${hostname}: user data is ${userData.length} bytes`);
      return userData;
    }),
  );
}
