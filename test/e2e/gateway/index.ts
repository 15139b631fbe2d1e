/** Two name servers of the stack's own. GATEWAY_CHANGE holds what a test changes, as JSON. */
import * as hcloud from "@pulumi/hcloud";
import { NameServerAddresses } from "../../../components/gateway/addresses.ts";
import { Gateway } from "../../../components/gateway/gateway.ts";
import { PublicFirewall } from "../../../components/network/public-firewall.ts";
import { platformWithoutProvider } from "../../../components/nothing-exists-platform.ts";

interface Change {
  /** Generation of the first gateway. */
  readonly generation?: number;
  /** Resources that are not protected. */
  readonly except?: readonly string[];
}
const { generation = 1, except = [] } = JSON.parse(process.env.GATEWAY_CHANGE ?? "{}") as Change;

const locations = ["fsn1", "nbg1"] as const;
const common = platformWithoutProvider("shop", ["gateway", "monitoring"], locations);
const firewall = new PublicFirewall("shop-public", { adminCidrs: ["203.0.113.10/32"] });
const platform = (location: (typeof locations)[number]) => ({
  ...common.at(location),
  sshKeys: [],
  publicFirewallId: firewall.id,
  isProtected: (name: string) => !except.includes(name),
});
const entrances = locations.map((location) => {
  const balancer = new hcloud.LoadBalancer(location, { name: location, loadBalancerType: "lb11", location });
  return { location, ipv4: balancer.ipv4, ipv6: balancer.ipv6 };
});
const addresses = new NameServerAddresses("shop-names", {
  platform: platform("fsn1"),
  zone: "shop.example.eu",
  locations,
});
for (const [index, location] of locations.entries()) {
  new Gateway(`shop-gateway-${location}`, {
    platform: platform(location),
    addresses,
    servedNames: ["shop.example.eu"],
    entrances,
    generation: index === 0 ? generation : 1,
  });
}
export const nameServers = addresses.nameServers.map(({ name, ipv4, ipv6 }) => ({ name, ipv4, ipv6 }));
