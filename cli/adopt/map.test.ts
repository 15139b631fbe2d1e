import { describe, expect, it } from "vitest";
import { bodies } from "./bodies.ts";
import { mapProject, type Project } from "./map.ts";
import { KINDS } from "./resources.ts";

const nothing = { ...Object.fromEntries(KINDS.map((kind) => [kind, []])), rrsets: new Map() } as unknown as Project;
const fsn1 = { name: "fsn1" };

/** What becomes of a project with these bodies, as `Type name id`. */
function mapped(project: Partial<Project>) {
  const { resources, leftOut } = mapProject({ ...nothing, ...project });
  return { resources: resources.map(({ type, name, id }) => `${type} ${name} ${id}`), leftOut };
}

const web = { id: 42, name: "web", location: fsn1, private_net: [{ network: 7 }] };

describe("mapProject", () => {
  it("names a server's place in a network after both", () => {
    const network = { id: 7, name: "office", subnets: [], routes: [] };
    expect(mapped({ server: [web], network: [network] }).resources).toEqual([
      "Server web 42",
      "ServerNetwork web-office 42-7",
      "Network office 7",
    ]);
  });

  it("names by its id what was not read", () => {
    expect(mapped({ server: [web] }).resources).toContain("ServerNetwork web-network-7 42-7");
  });

  it("says where things stand: the provider's import does not", () => {
    const { resources } = mapProject({
      ...nothing,
      server: [web],
      "primary-ip": [{ id: 1, name: "ip", location: fsn1, dns_ptr: [] }],
      "floating-ip": [{ id: 2, name: "entry", home_location: fsn1, server: null, dns_ptr: [] }],
    });
    expect(resources.map(({ type, inputs }) => [type, inputs])).toEqual([
      ["Server", { location: "fsn1" }],
      ["ServerNetwork", undefined],
      ["PrimaryIp", { location: "fsn1" }],
      ["FloatingIp", { homeLocation: "fsn1" }],
    ]);
  });

  it("gives subnets and routes the ids that the provider wants", () => {
    const network = {
      id: 7,
      name: "office",
      subnets: [{ ip_range: "10.0.1.0/24" }],
      routes: [{ destination: "0.0.0.0/0" }],
    };
    expect(mapped({ network: [network] }).resources).toEqual([
      "Network office 7",
      "NetworkSubnet office-10.0.1.0/24 7-10.0.1.0/24",
      "NetworkRoute office-route-0.0.0.0/0 7-0.0.0.0/0",
    ]);
  });

  it("imports attachments of volumes and floating IPs where there are any", () => {
    const volume = { id: 1, name: "data", location: fsn1, server: 42 };
    const floating = { id: 3, name: "entry", home_location: fsn1, server: 42, dns_ptr: [] };
    expect(
      mapped({
        volume: [volume, { ...volume, id: 2, name: "spare", server: null }],
        "floating-ip": [floating, { ...floating, id: 4, name: "idle", server: null }],
      }).resources,
    ).toEqual([
      "Volume data 1",
      "VolumeAttachment data-attachment 1",
      "Volume spare 2",
      "FloatingIp entry 3",
      "FloatingIpAssignment entry-assignment 3",
      "FloatingIp idle 4",
    ]);
  });

  it("imports a firewall's attachment only where labels select servers: else the servers name their firewalls", () => {
    const firewalls = [
      { id: 1, name: "web", applied_to: [{ type: "server" }] },
      { id: 2, name: "db", applied_to: [{ type: "server" }, { type: "label_selector" }] },
    ];
    expect(mapped({ firewall: firewalls }).resources).toEqual([
      "Firewall web 1",
      "Firewall db 2",
      "FirewallAttachment db-attachment 2",
    ]);
  });

  const balancer = {
    id: 9,
    name: "front",
    location: fsn1,
    public_net: { ipv4: { ip: "192.0.2.1", dns_ptr: "shop.example.eu" }, ipv6: { ip: "2001:db8::1", dns_ptr: null } },
    private_net: [{ network: 7 }],
    services: [{ listen_port: 80 }, { listen_port: 443 }],
    targets: [
      { type: "server", server: { id: 42 } },
      { type: "label_selector", label_selector: { selector: "role=web,env in (a__b)" } },
      { type: "ip", ip: { ip: "203.0.113.7" } },
    ],
  };

  it("imports all parts of a load balancer", () => {
    expect(mapped({ "load-balancer": [balancer], server: [{ ...web, private_net: [] }] }).resources).toEqual([
      "Server web 42",
      "LoadBalancer front 9",
      "LoadBalancerNetwork front-network-7 9-7",
      "LoadBalancerService front-80 9__80",
      "LoadBalancerService front-443 9__443",
      "LoadBalancerTarget front-web 9__server__42",
      "LoadBalancerTarget front-role=web,env in (a__b) 9__label_selector__role=web,env in (a__b)",
      "LoadBalancerTarget front-203.0.113.7 9__ip__203.0.113.7",
      "Rdns front-rdns l-9-192.0.2.1",
    ]);
  });

  it("leaves out a target of a type that the provider does not know", () => {
    const { resources, leftOut } = mapped({ "load-balancer": [{ ...balancer, targets: [{ type: "dyndns" }] }] });
    expect(resources.filter((line) => line.startsWith("LoadBalancerTarget"))).toEqual([]);
    expect(leftOut).toEqual([expect.objectContaining({ what: "load balancer target", name: "front" })]);
  });

  it("imports names of addresses that somebody has given, not those of the vendor", () => {
    const dns_ptr = [
      { ip: "192.0.2.7", dns_ptr: "static.7.2.0.192.clients.your-server.de" },
      { ip: "2001:db8::7", dns_ptr: "mail.example.eu" },
    ];
    expect(mapped({ "primary-ip": [{ id: 5, name: "mail", location: fsn1, dns_ptr }] }).resources).toEqual([
      "PrimaryIp mail 5",
      "Rdns mail-rdns p-5-2001:db8::7",
    ]);
  });

  it("tells names of several addresses apart", () => {
    const dns_ptr = ["2001:db8::7", "2001:db8::8"].map((ip) => ({ ip, dns_ptr: "mail.example.eu" }));
    expect(mapped({ "primary-ip": [{ id: 5, name: "mail", location: fsn1, dns_ptr }] }).resources.slice(1)).toEqual([
      "Rdns mail-rdns-2001:db8::7 p-5-2001:db8::7",
      "Rdns mail-rdns-2001:db8::8 p-5-2001:db8::8",
    ]);
  });

  it("imports managed certificates, and leaves out those with a key that nobody can read", () => {
    const certificate = ["uploaded", "managed", "borrowed"].map((type, at) => ({ id: at + 1, name: type, type }));
    const { resources, leftOut } = mapped({ certificate });
    expect(resources).toEqual(["ManagedCertificate managed 2"]);
    expect(leftOut).toEqual([
      { what: "certificate", name: "uploaded", id: "1", reason: expect.stringContaining("private key") },
      { what: "certificate", name: "borrowed", id: "3", reason: expect.stringContaining("type borrowed") },
    ]);
  });

  it("imports snapshots, and leaves out backups and snapshots of nothing", () => {
    const snapshot = { id: 1, description: "before", type: "snapshot", created_from: { id: 42 } };
    const { resources, leftOut } = mapped({
      snapshot: [
        snapshot,
        { ...snapshot, id: 2, description: "" },
        { ...snapshot, id: 3, type: "backup" },
        { ...snapshot, id: 4, created_from: null },
      ],
    });
    expect(resources).toEqual(["Snapshot before 1", "Snapshot snapshot-2 2"]);
    expect(leftOut.map(({ what, id }) => `${what} ${id}`)).toEqual(["backup image 3", "snapshot 4"]);
  });

  it("imports record sets by the name of their zone, without the one that is the zone's own", () => {
    const rrsets = [
      { name: "@", type: "SOA" },
      { name: "@", type: "NS" },
      { name: "*.shop", type: "AAAA" },
    ];
    const { resources, leftOut } = mapped({
      zone: [{ id: 8, name: "example.eu", mode: "primary" }],
      rrsets: new Map([[8, rrsets]]),
    });
    expect(resources).toEqual([
      "Zone example.eu 8",
      "ZoneRrset example.eu-apex-NS example.eu/@/NS",
      "ZoneRrset example.eu-*.shop-AAAA example.eu/*.shop/AAAA",
    ]);
    expect(leftOut.map(({ id }) => id)).toEqual(["example.eu/@/SOA"]);
  });

  it("leaves out the records of a zone that follows other name servers", () => {
    const { resources, leftOut } = mapped({
      zone: [{ id: 8, name: "example.eu", mode: "secondary" }],
      rrsets: new Map([[8, [{ name: "www", type: "A" }]]]),
    });
    expect(resources).toEqual(["Zone example.eu 8"]);
    expect(leftOut).toEqual([expect.objectContaining({ what: "record sets", name: "example.eu" })]);
  });
});

describe("bodies", () => {
  it.each([
    ["network", { id: 1, name: "n", subnets: [{ ip_range: "10.0.0.0/24; rm" }], routes: [] }],
    ["network", { id: 1.5, name: "n", subnets: [], routes: [] }],
    ["volume", { id: 1, name: "n", location: { name: "../fsn1" }, server: null }],
    ["zone", { id: 1, name: "example.eu/../servers", mode: "primary" }],
    ["zone", { id: 1, name: "example.eu?x", mode: "primary" }],
    ["ssh-key", { id: -1, name: "k" }],
  ] as const)("refuses a %s that would become another id or path", (kind, body) => {
    expect(bodies[kind].safeParse(body).success).toBe(false);
  });
});
