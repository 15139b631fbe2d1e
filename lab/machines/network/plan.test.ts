import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../../api/testing.ts";
import { emptyPlan, planChanges, type Step } from "./changes.ts";
import { attachmentIds, type Member, nextSlots, readMember } from "./members.ts";
import type { MemberType } from "./names.ts";
import { type Delay, type Plan, planNetwork } from "./plan.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const create = async (path: string, body: object) => {
  const answered = await lab.post(path, body);
  expect(answered.status, JSON.stringify(answered.body)).toBe(201);
  return answered.body;
};

async function createNetwork(): Promise<number> {
  const subnets = [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }];
  const { network } = await create("/networks", { name: "inner", ip_range: "10.0.0.0/16", subnets });
  return network.id;
}

async function createServer(name: string, more: object = {}): Promise<number> {
  const body = { name, server_type: "cpx22", image: "debian-13", location: "fsn1", ...more };
  return (await create("/servers", body)).server.id;
}

function member(id: number, type: MemberType = "server"): Member {
  const { store } = lab.lab;
  return readMember(store, type, id, nextSlots(new Map(), attachmentIds(store, type, id)))!;
}

const plan = (ids: readonly number[], delays: readonly Delay[] = []): Plan =>
  planNetwork(
    ids.map((id) => member(id)),
    delays,
  );

/** Steps as a person would type them. */
const typed = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => {
    switch (step.kind) {
      case "ip":
        return step.lines.map((line) => `${step.namespace}${step.mayFail ? "?" : ""}: ${line}`);
      case "settings":
        return Object.entries(step.settings).map(([file, value]) => `${step.namespace}: ${file} = ${value}`);
      case "netem":
        return [`${step.namespace}: ${step.device} +${step.oneWayMs} ms`];
      case "start line":
      case "stop line":
        return [`${step.kind}: ${step.line.ends.map((end) => end.namespace).join(" ")} ${step.line.oneWayMs} ms`];
      default:
        return [`${step.kind} ${step.namespace}`];
    }
  });

const changes = (from: Plan, to: Plan, by: "netem" | "user-space" = "netem") => {
  const { before, after } = planChanges(from, to, by);
  return typed([...before, ...after]);
};

test("an empty lab: the internet with the provider's services", () => {
  expect(changes(emptyPlan, plan([]))).toMatchInlineSnapshot(`
    [
      "add namespace public",
      "public: ipv4/ip_forward = 1",
      "public: ipv6/conf/all/forwarding = 1",
      "public: ipv4/conf/all/rp_filter = 1",
      "public: ipv4/conf/default/rp_filter = 1",
      "public: ipv4/conf/all/send_redirects = 0",
      "public: ipv4/conf/default/send_redirects = 0",
      "public: link set lo up",
      "public: address replace 172.31.1.1/32 dev lo",
      "public: route replace blackhole 0.0.0.0/0 metric 9999",
      "public: route replace blackhole ::/0 metric 9999",
      "add namespace svc",
      "svc: ipv4/ip_forward = 0",
      "svc: ipv4/conf/all/rp_filter = 0",
      "svc: ipv4/conf/default/rp_filter = 0",
      "svc: link set lo up",
      "public: link add name svc mtu 1500 address 02:00:00:00:00:01 type veth peer name eth0 mtu 1500 address 96:00:00:00:00:00 netns svc",
      "public: link set dev svc mtu 1500 addrgenmode none",
      "public: link set dev svc up",
      "public: address replace fe80::1/64 dev svc nodad",
      "public: neighbour replace fe80::9400:ff:fe00:0 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: neighbour replace 185.12.64.1 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 185.12.64.1/32 dev svc",
      "public: neighbour replace 185.12.64.2 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 185.12.64.2/32 dev svc",
      "public: neighbour replace 198.19.255.53 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 198.19.255.53/32 dev svc",
      "public: neighbour replace 198.19.255.80 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 198.19.255.80/32 dev svc",
      "public: neighbour replace 198.19.255.81 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 198.19.255.81/32 dev svc",
      "public: neighbour replace 198.19.255.82 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 198.19.255.82/32 dev svc",
      "public: neighbour replace 198.19.255.90 lladdr 96:00:00:00:00:00 dev svc nud permanent",
      "public: route replace 198.19.255.90/32 dev svc",
      "public: route replace 2a01:4ff:ff00::add:1/128 via fe80::9400:ff:fe00:0 dev svc",
      "public: route replace 2a01:4ff:ff00::add:2/128 via fe80::9400:ff:fe00:0 dev svc",
      "svc: link set dev eth0 mtu 1500 addrgenmode none",
      "svc: link set dev eth0 up",
      "svc: address replace fe80::9400:ff:fe00:0/64 dev eth0 nodad",
      "svc: address replace 185.12.64.1/32 dev eth0",
      "svc: address replace 185.12.64.2/32 dev eth0",
      "svc: address replace 198.19.255.53/32 dev eth0",
      "svc: address replace 198.19.255.80/32 dev eth0",
      "svc: address replace 198.19.255.81/32 dev eth0",
      "svc: address replace 198.19.255.82/32 dev eth0",
      "svc: address replace 198.19.255.90/32 dev eth0",
      "svc: address replace 2a01:4ff:ff00::add:1/128 dev eth0 nodad",
      "svc: address replace 2a01:4ff:ff00::add:2/128 dev eth0 nodad",
      "svc: route replace 172.31.1.1 dev eth0 scope link",
      "svc: route replace default via 172.31.1.1 dev eth0 onlink",
      "svc: route replace default via fe80::1 dev eth0",
    ]
  `);
});

test("a server with public and private addresses", async () => {
  const network = await createNetwork();
  const id = await createServer("a", { networks: [network] });
  expect(changes(plan([]), plan([id]))).toMatchInlineSnapshot(`
    [
      "add namespace m1000002",
      "m1000002: ipv4/ip_forward = 0",
      "m1000002: ipv4/conf/all/rp_filter = 0",
      "m1000002: ipv4/conf/default/rp_filter = 0",
      "m1000002: link set lo up",
      "add namespace net1000001",
      "net1000001: ipv4/ip_forward = 1",
      "net1000001: ipv6/conf/all/forwarding = 1",
      "net1000001: ipv4/conf/all/rp_filter = 1",
      "net1000001: ipv4/conf/default/rp_filter = 1",
      "net1000001: ipv4/conf/all/send_redirects = 0",
      "net1000001: ipv4/conf/default/send_redirects = 0",
      "net1000001: link set lo up",
      "net1000001: address replace 10.0.0.1/32 dev lo",
      "net1000001: route replace blackhole 0.0.0.0/0 metric 9999",
      "net1000001: route replace blackhole ::/0 metric 9999",
      "public: link add name p1000002 mtu 1500 address 02:00:00:00:00:01 type veth peer name eth0 mtu 1500 address 96:00:00:0f:42:42 netns m1000002",
      "net1000001: link add name n1000002 mtu 1450 address 02:00:00:00:00:01 type veth peer name enp7s0 mtu 1450 address 86:00:00:0f:42:47 netns m1000002",
      "public: link set dev p1000002 mtu 1500 addrgenmode none",
      "public: link set dev p1000002 up",
      "public: address replace fe80::1/64 dev p1000002 nodad",
      "public: neighbour replace fe80::9400:ff:fe0f:4242 lladdr 96:00:00:0f:42:42 dev p1000002 nud permanent",
      "public: neighbour replace 198.18.0.1 lladdr 96:00:00:0f:42:42 dev p1000002 nud permanent",
      "public: route replace 198.18.0.1/32 dev p1000002",
      "public: route replace 2001:db8:0:1::/64 via fe80::9400:ff:fe0f:4242 dev p1000002",
      "m1000002: link set dev eth0 mtu 1500 addrgenmode none",
      "m1000002: link set dev eth0 up",
      "m1000002: address replace fe80::9400:ff:fe0f:4242/64 dev eth0 nodad",
      "m1000002: address replace 198.18.0.1/32 dev eth0",
      "m1000002: address replace 2001:db8:0:1::1/64 dev eth0 nodad",
      "m1000002: route replace 172.31.1.1 dev eth0 scope link",
      "m1000002: route replace default via 172.31.1.1 dev eth0 onlink",
      "m1000002: route replace default via fe80::1 dev eth0",
      "m1000002: link set dev enp7s0 mtu 1450 addrgenmode none",
      "m1000002: link set dev enp7s0 up",
      "m1000002: address replace 10.0.1.1/32 dev enp7s0",
      "m1000002: route replace 10.0.0.1 dev enp7s0 scope link",
      "m1000002: route replace 10.0.0.0/16 via 10.0.0.1 dev enp7s0 onlink",
      "net1000001: link set dev n1000002 mtu 1450 addrgenmode none",
      "net1000001: link set dev n1000002 up",
      "net1000001: neighbour replace 10.0.1.1 lladdr 86:00:00:0f:42:47 dev n1000002 nud permanent",
      "net1000001: route replace 10.0.1.1/32 dev n1000002",
    ]
  `);
});

test("a server without public addresses has no public interface, one with IPv6 alone has no IPv4 route", async () => {
  const network = await createNetwork();
  const none = { enable_ipv4: false, enable_ipv6: false };
  const hidden = await createServer("a", { networks: [network], public_net: none });
  expect(changes(plan([]), plan([hidden])).join("\n")).not.toContain("eth0");
  const modern = await createServer("b", { public_net: { ...none, enable_ipv6: true } });
  const steps = changes(plan([]), plan([modern])).filter((step) => step.startsWith(`m${modern}: route`));
  expect(steps).toEqual([`m${modern}: route replace default via fe80::1 dev eth0`]);
});

test("equal plans need no change, and what goes is removed before what comes, cables first", async () => {
  const network = await createNetwork();
  const a = await createServer("a", { networks: [network] });
  const b = await createServer("b");
  expect(changes(plan([a]), plan([a]))).toEqual([]);
  expect(changes(plan([a]), plan([b])).filter((step) => /delete|add namespace/.test(step))).toMatchInlineSnapshot(`
    [
      "public?: link delete dev p1000002",
      "net1000001?: link delete dev n1000002",
      "delete namespace m1000002",
      "delete namespace net1000001",
      "add namespace m1000010",
    ]
  `);
});

test("aliases, floating addresses and routes are changed in place, without pulling a cable", async () => {
  const network = await createNetwork();
  const a = await createServer("a", { networks: [network] });
  const { server } = (await lab.get(`/servers/${a}`)).body;
  const before = plan([a]);
  await lab.post(`/servers/${a}/actions/change_alias_ips`, { network, alias_ips: ["10.0.1.9"] });
  await create("/floating_ips", { type: "ipv4", server: a });
  await create("/floating_ips", { type: "ipv6", server: a });
  const route = { destination: "10.9.0.0/24", gateway: server.private_net[0].ip };
  await lab.post(`/networks/${network}/actions/add_route`, route);
  expect(changes(before, plan([a]))).toMatchInlineSnapshot(`
    [
      "public: neighbour replace 198.18.0.2 lladdr 96:00:00:0f:42:42 dev p1000002 nud permanent",
      "public: route replace 198.18.0.2/32 dev p1000002",
      "public: route replace 2001:db8:0:2::/64 via fe80::9400:ff:fe0f:4242 dev p1000002",
      "net1000001: neighbour replace 10.0.1.9 lladdr 86:00:00:0f:42:47 dev n1000002 nud permanent",
      "net1000001: route replace 10.0.1.9/32 dev n1000002",
      "net1000001: route replace 10.9.0.0/24 via 10.0.1.1 dev n1000002 onlink",
    ]
  `);
  expect(changes(plan([a]), before)).toMatchInlineSnapshot(`
    [
      "public?: route delete 2001:db8:0:2::/64 via fe80::9400:ff:fe0f:4242 dev p1000002",
      "public?: route delete 198.18.0.2/32 dev p1000002",
      "public?: neighbour delete 198.18.0.2 lladdr 96:00:00:0f:42:42 dev p1000002 nud permanent",
      "net1000001?: route delete 10.9.0.0/24 via 10.0.1.1 dev n1000002 onlink",
      "net1000001?: route delete 10.0.1.9/32 dev n1000002",
      "net1000001?: neighbour delete 10.0.1.9 lladdr 86:00:00:0f:42:47 dev n1000002 nud permanent",
    ]
  `);
});

test("firewalls come from the server itself and from its labels; a load balancer has none", async () => {
  const rule = { direction: "in", protocol: "tcp", port: "80", source_ips: ["0.0.0.0/0"] };
  const selector = { type: "label_selector", label_selector: { selector: "role=web" } };
  await create("/firewalls", { name: "by-label", rules: [rule], apply_to: [selector] });
  const { firewall } = await create("/firewalls", { name: "by-id", rules: [{ ...rule, port: "22" }] });
  const both = await createServer("a", { labels: { role: "web" }, firewalls: [{ firewall: firewall.id }] });
  const open = await createServer("b");
  expect(member(both).firewall?.map(({ port }) => port)).toEqual(["80", "22"]);
  expect(member(open).firewall).toBeUndefined();
  const filtered = plan([both, open]).namespaces.get("public")?.guard?.filtered;
  expect(filtered?.map(({ device }) => device)).toEqual([`p${both}`]);
});

test("a load balancer with its private address; without its public interface when that is off", async () => {
  const network = await createNetwork();
  const { load_balancer } = await create("/load_balancers", {
    name: "front",
    load_balancer_type: "lb11",
    location: "fsn1",
    network,
  });
  const devices = () => {
    const { links } = planNetwork([member(load_balancer.id, "load_balancer")], []);
    return [...links.values()].flatMap(({ ends }) => ends).map((end) => `${end.namespace} ${end.device}`);
  };
  const name = `lb${load_balancer.id}`;
  expect(devices()).toContain(`${name} eth0`);
  expect(devices()).toContain(`${name} enp7s0`);
  await lab.post(`/load_balancers/${load_balancer.id}/actions/disable_public_interface`);
  expect(devices()).not.toContain(`${name} eth0`);
  expect(devices()).toContain(`${name} enp7s0`);
});

describe("locations apart", () => {
  const delays: Delay[] = [{ between: ["hel1", "fsn1"], roundTripMs: 26 }];

  async function threeLocations(): Promise<number[]> {
    const networks = [await createNetwork()];
    const locations = ["fsn1", "hel1", "nbg1"];
    return Promise.all(locations.map((location) => createServer(location, { networks, location })));
  }

  test("a network has a part in each location, and half of the time is spent each way", async () => {
    const apart = plan(await threeLocations(), delays);
    const trunks = [...apart.links.values()].filter(({ ends }) => ends[0].device.startsWith("to-"));
    const shown = trunks.map(({ ends, oneWayMs }) => [...ends.map(({ device }) => device), oneWayMs]);
    expect(shown).toEqual([
      ["to-hel1", "to-fsn1", 13],
      ["to-nbg1", "to-fsn1", undefined],
      ["to-nbg1", "to-hel1", undefined],
    ]);
  });

  test("by the kernel, or by a program between two devices where the kernel cannot", async () => {
    const ids = await threeLocations();
    const [near, both] = [plan(ids.slice(0, 1), delays), plan(ids.slice(0, 2), delays)];
    const ofTrunk = (steps: readonly string[]) => steps.filter((step) => /to-|line:/.test(step));
    expect(ofTrunk(changes(near, both, "netem"))).toMatchInlineSnapshot(`
      [
        "net1000001-fsn1: link add name to-hel1 mtu 1450 address 02:00:00:00:01:01 type veth peer name to-fsn1 mtu 1450 address 02:00:00:00:01:02 netns net1000001-hel1",
        "net1000001-fsn1: link set dev to-hel1 mtu 1450 addrgenmode none",
        "net1000001-fsn1: link set dev to-hel1 up",
        "net1000001-fsn1: address replace 169.254.1.1/32 dev to-hel1",
        "net1000001-fsn1: route replace 169.254.1.3/32 dev to-hel1",
        "net1000001-fsn1: route replace 10.0.1.2/32 via 169.254.1.3 dev to-hel1 onlink",
        "net1000001-hel1: link set dev to-fsn1 mtu 1450 addrgenmode none",
        "net1000001-hel1: link set dev to-fsn1 up",
        "net1000001-hel1: address replace 169.254.1.3/32 dev to-fsn1",
        "net1000001-hel1: route replace 169.254.1.1/32 dev to-fsn1",
        "net1000001-hel1: route replace 10.0.1.1/32 via 169.254.1.1 dev to-fsn1 onlink",
        "net1000001-fsn1: to-hel1 +13 ms",
        "net1000001-hel1: to-fsn1 +13 ms",
      ]
    `);
    expect(ofTrunk(changes(near, both, "user-space"))).toMatchInlineSnapshot(`
      [
        "net1000001-fsn1: tuntap add dev to-hel1 mode tun vnet_hdr",
        "net1000001-hel1: tuntap add dev to-fsn1 mode tun vnet_hdr",
        "net1000001-fsn1: link set dev to-hel1 mtu 1450 addrgenmode none",
        "net1000001-fsn1: link set dev to-hel1 up",
        "net1000001-fsn1: address replace 169.254.1.1/32 dev to-hel1",
        "net1000001-fsn1: route replace 169.254.1.3/32 dev to-hel1",
        "net1000001-fsn1: route replace 10.0.1.2/32 via 169.254.1.3 dev to-hel1 onlink",
        "net1000001-hel1: link set dev to-fsn1 mtu 1450 addrgenmode none",
        "net1000001-hel1: link set dev to-fsn1 up",
        "net1000001-hel1: address replace 169.254.1.3/32 dev to-fsn1",
        "net1000001-hel1: route replace 169.254.1.1/32 dev to-fsn1",
        "net1000001-hel1: route replace 10.0.1.1/32 via 169.254.1.1 dev to-fsn1 onlink",
        "start line: net1000001-fsn1 net1000001-hel1 13 ms",
      ]
    `);
    expect(ofTrunk(changes(both, near, "user-space"))).toMatchInlineSnapshot(`
      [
        "stop line: net1000001-fsn1 net1000001-hel1 13 ms",
        "net1000001-fsn1?: link delete dev to-hel1",
        "net1000001-hel1?: link delete dev to-fsn1",
      ]
    `);
  });
});
