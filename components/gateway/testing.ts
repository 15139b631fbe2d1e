import type { EntranceSpec } from "./entrances.ts";
import { type GatewaySpec, gatewayRole } from "./role.ts";

/** For tests only. */
export const testEntrances: readonly EntranceSpec[] = [
  { location: "fsn1", ipv4: "10.9.0.1", ipv6: "fd00::9:1", isDrained: false },
  { location: "nbg1", ipv4: "10.9.0.2", ipv6: "fd00::9:2", isDrained: false },
  { location: "hel1", ipv4: "10.9.0.3", ipv6: undefined, isDrained: false },
];

export const testSpec: GatewaySpec = {
  zone: "shop.example.eu",
  index: 0,
  nameServers: [
    { name: "ns1.shop.example.eu", ipv4: "10.8.0.1", ipv6: "fd00::8:1" },
    { name: "ns2.shop.example.eu", ipv4: "10.8.0.2", ipv6: "fd00::8:2" },
  ],
  servedNames: ["shop.example.eu", "www.shop.example.eu"],
  entrances: testEntrances,
  near: [
    { location: "hel1", networks: ["10.50.0.0/16"] },
    { location: "nbg1", networks: ["2001:db8:50::/48"] },
  ],
  health: {
    url: "https://shop.example.eu/healthz",
    readyUrl: "https://shop.example.eu/readyz/location",
    intervalSeconds: 2,
    timeoutSeconds: 3,
  },
  ttlSeconds: 5,
  records: [
    { name: "shop.example.eu", type: "MX", preference: 10, exchange: "mail.example.eu" },
    { name: "shop.example.eu", type: "TXT", text: `v=spf1 mx -all; "quoted" \\ ${"long ".repeat(60)}` },
    { name: "_dmarc.shop.example.eu", type: "TXT", text: "v=DMARC1; p=reject" },
    { name: "shop.example.eu", type: "CAA", tag: "issue", value: "letsencrypt.org" },
    { name: "status.shop.example.eu", type: "CNAME", target: "status.example.eu" },
    { name: "_sip._tcp.shop.example.eu", type: "SRV", priority: 1, weight: 2, port: 5061, target: "sip.example.eu" },
    { name: "sub.shop.example.eu", type: "NS", target: "ns.other.example.eu", ttl: 3600 },
    { name: "*.pages.shop.example.eu", type: "A", address: "192.0.2.7" },
  ],
  serial: "7",
  monitoringRanges: ["10.0.4.0/24", "10.0.20.0/24"],
};

/** The files of a name server, by path, as the server may read them. */
export function gatewayFiles(spec: GatewaySpec): Record<string, { content: string; mode?: string; owner?: string }> {
  return Object.fromEntries(
    gatewayRole(spec).files.map(({ path, content, mode, owner }) => [
      path,
      { content, ...(mode ? { mode } : {}), ...(owner ? { owner } : {}) },
    ]),
  );
}
