import { type BaseRecord, type Collection, collection } from "./core/store.ts";
import type { RecordType } from "./kinds/dns/record-types.ts";
import type { RrsetRecord } from "./kinds/dns/rrset-rules.ts";
import type { Service } from "./kinds/load-balancers/services.ts";
import type { Resource } from "./model.ts";

/** The records of what leads traffic to servers: load balancers, certificates, floating IPs and DNS. */

interface DeleteProtection {
  readonly delete: boolean;
}

export interface PrimaryNameserver {
  readonly address: string;
  readonly port: number;
  readonly tsig_algorithm?: string | undefined;
  readonly tsig_key?: string | undefined;
}

export interface ZoneRecord extends Resource {
  readonly mode: "primary" | "secondary";
  /** Seconds; for RRSets without a TTL of their own. */
  readonly ttl: number;
  readonly primary_nameservers: readonly PrimaryNameserver[];
  readonly protection: DeleteProtection;
}
export const ZONES: Collection<ZoneRecord> = collection<ZoneRecord>("zones", { name: (zone) => [zone.name] });

export interface RrsetRow extends BaseRecord {
  readonly zone: number;
  readonly name: string;
  readonly type: RecordType;
  /** Seconds; null: the zone's. */
  readonly ttl: number | null;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: { readonly change: boolean };
  readonly records: readonly RrsetRecord[];
}
export const RRSETS: Collection<RrsetRow> = collection<RrsetRow>("rrsets", {
  zone: (rrset) => [rrset.zone],
  key: (rrset) => [`${rrset.zone}/${rrset.name}/${rrset.type}`],
});

export interface CertificateRecord extends Resource {
  readonly type: "uploaded" | "managed";
  /** What is shown of the certificate; null while a managed one is not issued. The private key is a blob. */
  readonly issued: {
    readonly certificate: string;
    readonly fingerprint: string;
    readonly not_valid_before: string;
    readonly not_valid_after: string;
  } | null;
  readonly domain_names: readonly string[];
}
export const CERTIFICATES: Collection<CertificateRecord> = collection<CertificateRecord>("certificates", {
  name: (certificate) => [certificate.name],
});

/** Key of the blob with a certificate's private key. */
export const privateKeyBlob = (certificate: number) => `certificate ${certificate} private key`;

export interface FloatingIpRecord extends Resource {
  readonly description: string | null;
  readonly type: "ipv4" | "ipv6";
  /** An address for ipv4, a /64 network for ipv6. */
  readonly ip: string;
  readonly server: number | null;
  /** Name of the location. */
  readonly home_location: string;
  readonly dns_ptr: readonly { readonly ip: string; readonly dns_ptr: string }[];
  readonly protection: DeleteProtection;
}
export const FLOATING_IPS: Collection<FloatingIpRecord> = collection<FloatingIpRecord>("floating_ips", {
  name: (ip) => [ip.name],
  public_ip: (ip) => [ip.ip],
  server: (ip) => (ip.server === null ? [] : [ip.server]),
});

export type LoadBalancerTarget =
  | { readonly type: "server"; readonly server: number; readonly use_private_ip: boolean }
  | { readonly type: "label_selector"; readonly selector: string; readonly use_private_ip: boolean }
  | { readonly type: "ip"; readonly ip: string };

export interface LoadBalancerRecord extends Resource {
  /** Name of the type in the catalogue. */
  readonly type: string;
  /** Name of the location. */
  readonly location: string;
  readonly algorithm: "round_robin" | "least_connections";
  readonly public_net: {
    readonly enabled: boolean;
    readonly ipv4: { readonly ip: string; readonly dns_ptr: string | null };
    /** The first address of a /64 that nobody else has. */
    readonly ipv6: { readonly ip: string; readonly dns_ptr: string | null };
  };
  /** The network that it is attached to; its address there stands with the attachment. */
  readonly network: number | null;
  readonly services: readonly Service[];
  readonly targets: readonly LoadBalancerTarget[];
  readonly protection: DeleteProtection;
}
export const LOAD_BALANCERS: Collection<LoadBalancerRecord> = collection<LoadBalancerRecord>("load_balancers", {
  name: (balancer) => [balancer.name],
  public_ip: ({ public_net }) => [public_net.ipv4.ip, public_net.ipv6.ip.replace(/1$/, "/64")],
  network: (balancer) => (balancer.network === null ? [] : [balancer.network]),
  server: (balancer) => balancer.targets.flatMap((target) => (target.type === "server" ? [target.server] : [])),
  certificate: (balancer) => balancer.services.flatMap((service) => service.http?.certificates ?? []),
});
