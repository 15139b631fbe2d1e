import * as pulumi from "@pulumi/pulumi";
import { type Certificate, certificateWarning, privateKeyProblem } from "./certificate.ts";

/**
 * The private key of an uploaded certificate, as a secret. Warns of a certificate that has ended or soon will.
 * @param name of the component, for messages
 * @param path of the certificate in the component's arguments
 * @returns the key; RunError as soon as it is known, if it is none or not this certificate's
 */
export function checkedPrivateKey(
  component: pulumi.ComponentResource,
  name: string,
  path: string,
  { certificate, privateKey }: Pick<Extract<Certificate, { kind: "uploaded" }>, "certificate" | "privateKey">,
): pulumi.Output<string> {
  const warning = certificateWarning(certificate, new Date());
  if (warning) void pulumi.log.warn(`${name}: ${warning}`, component);
  return pulumi.secret(privateKey).apply((key) => {
    const problem = privateKeyProblem(certificate, key);
    if (problem) throw new pulumi.RunError(`${name}: ${path}.${problem}`);
    return key;
  });
}
