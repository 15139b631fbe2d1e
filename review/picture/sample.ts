/** A topology to draw, for tests: a shop over locations, made of as many servers as wanted. */

import type { Action, Flow, Link, Place, ResourceNode, Topology } from "../model.ts";
import type { Passage } from "../passages.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::shop::${type}::${name}`;
const place = (region: string, city: string, country: string, standing: Place["standing"] = "eu"): Place => ({
  key: `hcloud:${region}`,
  title: `${city} (${country})`,
  provider: "hcloud",
  countries: [country],
  standing,
});

export const PLACES = [
  place("fsn1", "Falkenstein", "DE"),
  place("nbg1", "Nuremberg", "DE"),
  place("hel1", "Helsinki", "FI"),
];

/** Something new that leaves the EU. */
export const leak: Partial<Flow> = {
  host: "o1.ingest.sentry.io",
  vendor: "Sentry",
  jurisdiction: "US",
  standing: "outside",
  leaves: "yes",
  port: 443,
  presence: "added",
  classes: ["personal"],
};

const ROLES = ["app", "app", "app", "postgres", "redis"] as const;
const SERVER = "hcloud:index/server:Server";

export interface SampleOptions {
  readonly servers: number;
  readonly locations?: number;
  /** What happens to the server at this position. @default "none" */
  readonly actionOf?: (index: number, role: string) => Action | "none";
  readonly flows?: readonly Partial<Flow>[];
}

export function sampleTopology({
  servers,
  locations = 3,
  actionOf = () => "none",
  flows = [],
}: SampleOptions): Topology {
  const places = PLACES.slice(0, locations);
  const stack = urn("pulumi:pulumi:Stack", "shop-prod");
  const nodes: ResourceNode[] = [];
  const links: Link[] = [];
  const add = (kind: string, type: string, name: string, at: string, more: Partial<ResourceNode> = {}) => {
    const node: ResourceNode = {
      urn: urn(type, name),
      name,
      type,
      place: at,
      parent: stack,
      isComponent: false,
      action: "none",
      stateful: false,
      classes: [],
      kind,
      ...more,
    };
    nodes.push(node);
    return node.urn;
  };
  const link = (from: string, to: string, what: string) => links.push({ from, to, what, presence: "kept" });
  const network = add("network", "hcloud:index/network:Network", "shop", "");
  const firewall = add("firewall", "hcloud:index/firewall:Firewall", "shop-public", "");
  add("key", "hcloud:index/sshKey:SshKey", "shop-admin", "");
  add("DNS", "hcloud:index/zone:Zone", "shop.example", "");
  for (const { key } of places) {
    const region = key.slice("hcloud:".length);
    const balancer = add("load balancer", "hcloud:index/loadBalancer:LoadBalancer", `shop-lb-${region}`, key, {
      role: "load-balancer",
      size: "lb11",
    });
    const attachment = add(
      "attachment",
      "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork",
      `shop-lb-${region}`,
      key,
    );
    link(attachment, balancer, "attached to");
    link(attachment, network, "in network");
    const monitoring = add("server", SERVER, `shop-monitoring-${region}`, key, { role: "monitoring", size: "cpx21" });
    link(monitoring, network, "in network");
  }
  for (let i = 0; i < servers; i++) {
    const role = ROLES[i % ROLES.length]!;
    const { key } = places[Math.floor(i / ROLES.length) % places.length]!;
    const name = `shop-${role}-${key.slice("hcloud:".length)}-${i + 1}`;
    const action = actionOf(i, role);
    const component = urn("sovereign:host:Host", name);
    nodes.push({
      urn: component,
      name,
      type: "sovereign:host:Host",
      place: "",
      parent: stack,
      isComponent: true,
      action: "none",
      stateful: false,
      classes: [],
      kind: "other",
    });
    const stateful = role === "postgres";
    const server = add("server", SERVER, name, key, {
      parent: component,
      action,
      role,
      size: stateful ? "ccx23" : "cpx31",
      stateful,
      classes: stateful ? ["personal"] : [],
    });
    link(server, network, "in network");
    link(firewall, server, "protected by");
    if (stateful) {
      const volume = add("volume", "hcloud:index/volume:Volume", `${name}-data`, key, {
        parent: component,
        action,
        stateful,
        size: "100 GB",
      });
      link(volume, server, "attached to");
    }
  }
  const balancers = nodes.filter(({ kind }) => kind === "load balancer").map((node) => node.urn);
  const passage = (from: string, to: string, ports: string): Passage => ({
    from,
    to,
    ports,
    why: "sample",
    presence: "kept",
  });
  const of = (role: string) => nodes.filter((node) => node.role === role).map((node) => node.urn);
  return {
    places,
    nodes,
    links,
    flows: flows.map((flow) => ({
      from: nodes.find(({ role }) => role === "app")?.urn ?? stack,
      host: "mirror.example.eu",
      form: "url",
      standing: "eu",
      leaves: "no",
      classes: [],
      presence: "kept",
      ...flow,
    })),
    passages: [
      ...balancers.map((to) => passage("internet", to, "443")),
      ...of("app").map((to) => passage("role:load-balancer", to, "8080")),
      ...of("postgres").map((to) => passage("role:app", to, "5432")),
      ...of("redis").map((to) => passage("role:app", to, "6379")),
      ...["app", "postgres", "redis", "load-balancer"].flatMap(of).map((to) => passage("role:monitoring", to, "9100")),
      ...of("monitoring").map((to) => passage("192.0.2.10/32", to, "22")),
    ],
  };
}
