import * as pulumi from "@pulumi/pulumi";

/** A certificate as a configuration has it. */
interface Uploaded {
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
}

/**
 * Where the configuration has none, the environment has: what renews certificates puts them into a CI job's variables.
 * @param setting its path in the configuration
 * @param variable the environment variable with the certificate; that with the key ends in `_KEY`
 * @throws RunError when it is in neither, or half of it
 */
export function uploadedCertificate(
  given: Uploaded,
  setting: string,
  variable: string,
): { certificate: string; privateKey: string } {
  const isGiven = given.certificate !== undefined || given.privateKey !== undefined;
  const found = isGiven ? given : { certificate: process.env[variable], privateKey: process.env[`${variable}_KEY`] };
  const { certificate, privateKey } = found;
  if (certificate && privateKey) return { certificate, privateKey };
  throw new pulumi.RunError(
    `${setting}: has no certificate and privateKey: set both (the key with: pulumi config set --secret --path 'sovereign:${setting}.privateKey'), or both environment variables ${variable} and ${variable}_KEY`,
  );
}
