import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";

export interface AddressRecordsArgs {
  /** Zone of the provider's DNS in the same project. */
  readonly zone: pulumi.Input<string>;
  /** As it stands in the zone: `@` for the zone itself. */
  readonly name: string;
  /** How long resolvers keep an answer. */
  readonly ttlSeconds: number;
  /** All of them are answered. */
  readonly addresses: readonly { readonly ipv4: pulumi.Input<string>; readonly ipv6: pulumi.Input<string> }[];
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Where one name leads to, as A and AAAA records, whose resources are called `<prefix>-<name>-<type>`. */
export function createAddressRecords(
  prefix: string,
  { zone, name, ttlSeconds, addresses, labels }: AddressRecordsArgs,
  parent: pulumi.Resource,
): void {
  for (const [type, family] of [["A", "ipv4"] as const, ["AAAA", "ipv6"] as const]) {
    const records = addresses.map((address) => ({ value: address[family] }));
    new hcloud.ZoneRrset(
      `${prefix}-${name}-${type}`,
      { zone, name, type, ttl: ttlSeconds, records, labels: { ...labels } },
      { parent },
    );
  }
}
