import * as pulumi from "@pulumi/pulumi";
import { type AddressRecordsArgs, createAddressRecords } from "./address-records.ts";

export interface DnsRecordsArgs {
  /** Zone of the provider's DNS in the same project. */
  readonly zone: pulumi.Input<string>;
  /** Names as they stand in the zone: `@` for the zone itself. */
  readonly names: readonly string[];
  /** Load balancers that the names lead to; all of them are answered, whether they are well or not. In place. */
  readonly entrances: AddressRecordsArgs["addresses"];
  readonly labels?: Readonly<Record<string, string>>;
}

const ttlSeconds = 300;
const nameInZone = /^(@|\*|(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)$/;

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function dnsRecordsProblems({ names, entrances }: Pick<DnsRecordsArgs, "names" | "entrances">): string[] {
  return [
    ...names
      .filter((name) => !nameInZone.test(name))
      .map(
        (name) => `names: ${JSON.stringify(name)} is not a name within the zone, such as www, or @ for the zone itself`,
      ),
    ...(entrances.length === 0 ? ["entrances: none is left to lead to"] : []),
  ];
}

/**
 * Address records in a DNS zone of the provider. Cost: free.
 *
 * @throws RunError with every problem of the arguments
 */
export class DnsRecords extends pulumi.ComponentResource {
  constructor(name: string, args: DnsRecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = dnsRecordsProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    const { zone, names, entrances, labels } = args;
    super("sovereign:load-balancer:DnsRecords", name, {}, opts);
    for (const record of names)
      createAddressRecords(name, { zone, name: record, ttlSeconds, addresses: entrances, labels }, this);
    this.registerOutputs({});
  }
}
