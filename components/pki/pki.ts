import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { AuthoritySpec, KeyPair, LeafSpec } from "./certificates.ts";

/** Loaded when the seed is there: at the first preview it is not, and the library is a tenth of the program's start. */
const certificates = () => import("./certificates.ts");

export interface PkiArgs {
  /** Raise it to renew the authority and every certificate. Machines get theirs with their next generation. @default 1 */
  readonly generation?: number;
  /** First day of validity; fixed, so that the same stack always renders the same files. @default 2026-01-01 */
  readonly notBefore?: Date;
  /** Keeps the seed from being deleted: without it no new machine could join. @default true */
  readonly protect?: boolean;
  /** @default 10 */
  readonly years?: number;
}

/**
 * The stack's own certificate authority for the private network. No third party, no plugin: keys are derived from one
 * secret seed in the state.
 */
export class Pki extends pulumi.ComponentResource {
  /** PEM of the authority's certificate; public. */
  readonly authority: pulumi.Output<string>;
  readonly #spec: pulumi.Output<AuthoritySpec>;

  constructor(name: string, args: PkiArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("sovereign:pki:Pki", name, {}, opts);
    const notBefore = args.notBefore ?? new Date("2026-01-01T00:00:00Z");
    const notAfter = new Date(notBefore);
    notAfter.setUTCFullYear(notAfter.getUTCFullYear() + (args.years ?? 10));
    // A password rather than random bytes: those are also the resource's id, which stands in the state in clear.
    const seed = new random.RandomPassword(
      `${name}-seed`,
      { length: 64, special: false },
      { parent: this, protect: args.protect ?? true },
    );
    this.#spec = pulumi.secret(seed.result).apply((result) => ({
      seed: Buffer.from(result),
      name,
      generation: args.generation ?? 1,
      notBefore,
      notAfter,
    }));
    this.authority = pulumi.unsecret(
      this.#spec.apply(async (spec) => (await (await certificates()).createAuthority(spec)).certificate),
    );
    this.registerOutputs({ authority: this.authority });
  }

  /** A certificate for a machine; the whole pair is secret. */
  issue(leaf: LeafSpec): pulumi.Output<KeyPair> {
    return this.#spec.apply(async (spec) => (await certificates()).createLeaf(spec, leaf));
  }
}
