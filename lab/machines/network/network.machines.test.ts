import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { DebianTree } from "../../debian/run.ts";
import { describeWithMachines } from "../testing.ts";
import {
  connectOnce,
  datagramCounter,
  echoServer,
  sendDatagram,
  TestWorld,
  type TestWorldOptions,
  talker,
} from "./testing.ts";

const worlds: TestWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.end()));
});

async function openWorld(tree: DebianTree, options?: TestWorldOptions): Promise<TestWorld> {
  const world = await TestWorld.start(tree);
  worlds.push(world);
  await world.open(options);
  return world;
}

/** A private network 10.0.0.0/16 with a subnet. */
async function createNetwork(world: TestWorld): Promise<number> {
  const { network } = await world.api("POST", "/networks", {
    name: "inner",
    ip_range: "10.0.0.0/16",
    subnets: [{ type: "cloud", ip_range: "10.0.1.0/24", network_zone: "eu-central" }],
  });
  return network.id;
}

interface Created {
  readonly id: number;
  readonly namespace: string;
  /** Public IPv4 address. */
  readonly ip: string;
  readonly ipv6: string;
  readonly privateIp: string;
}

/** A server with an echo server on port 80 instead of a system. */
async function createServer(world: TestWorld, name: string, more: object = {}): Promise<Created> {
  const body = { name, server_type: "cpx22", image: "debian-13", location: "fsn1", ...more };
  const { server } = await world.api("POST", "/servers", body);
  const { value } = await world.network("ensureServer", server.id);
  const namespace = `m${server.id}`;
  expect(value).toEqual({ netns: `/run/netns/${namespace}` });
  await world.start(namespace, echoServer, 80);
  return {
    id: server.id,
    namespace,
    ip: server.public_net.ipv4?.ip,
    ipv6: server.public_net.ipv6?.ip.replace("::/64", "::1"),
    privateIp: server.private_net[0]?.ip,
  };
}

const connect = (world: TestWorld, from: string | undefined, to: string, port = 80) =>
  world.python(from, connectOnce, to, port, 0.4);

describeWithMachines("the lab's network", (machines) => {
  test("servers reach one another by private and by public addresses, with their own as the sender", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network] });
    expect(await connect(world, a.namespace, b.privateIp)).toBe(`connected from ${a.privateIp} hello`);
    expect(await connect(world, a.namespace, b.ip)).toBe(`connected from ${a.ip} hello`);
    expect(await connect(world, a.namespace, b.ipv6)).toBe(`connected from ${a.ipv6} hello`);
    expect(await connect(world, b.namespace, a.privateIp, 81)).toBe("Connection refused");
    const links = await world.run(a.namespace, ["ip", "-br", "link"]);
    expect(links).toContain("86:00:00:");
    expect(await world.run(a.namespace, ["ip", "-o", "link", "show", "enp7s0"])).toContain("mtu 1450");
    expect((await world.network("reconcile")).commands).toBe(0);
    expect((await world.network("ensureServer", a.id)).commands).toBe(0);
  });

  test("a server without public addresses has its private interface only", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const a = await createServer(world, "a", {
      networks: [network],
      public_net: { enable_ipv4: false, enable_ipv6: false },
    });
    const b = await createServer(world, "b", { networks: [network] });
    expect(await connect(world, b.namespace, a.privateIp)).toBe(`connected from ${b.privateIp} hello`);
    expect(
      (await world.run(a.namespace, ["ip", "-br", "link"])).split("\n").map((line) => line.split(/[ @]/)[0]),
    ).toEqual(["lo", "enp7s0"]);
    expect(await connect(world, a.namespace, b.ip)).toBe("Network is unreachable");
  });

  test("a cloud firewall lets through what a rule names, and a rule that goes missing shows", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const rule = { direction: "in", protocol: "tcp", port: "80", source_ips: ["0.0.0.0/0", "::/0"] };
    const { firewall } = await world.api("POST", "/firewalls", {
      name: "web",
      rules: [rule],
      apply_to: [{ type: "label_selector", label_selector: { selector: "role=web" } }],
    });
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network], labels: { role: "web" } });
    expect(await connect(world, a.namespace, b.ip)).toContain("connected");
    expect(await connect(world, a.namespace, b.ipv6)).toContain("connected");
    expect(await connect(world, a.namespace, b.ip, 81)).toBe("silence");
    expect(await connect(world, undefined, b.ip)).toContain("connected");
    expect(await connect(world, b.namespace, a.ip)).toContain("connected");

    await world.api("POST", `/firewalls/${firewall.id}/actions/set_rules`, { rules: [{ ...rule, port: "443" }] });
    await world.network("reconcile");
    expect(await connect(world, a.namespace, b.ip)).toBe("silence");
    expect(await connect(world, a.namespace, b.ipv6)).toBe("silence");
    expect(await connect(world, undefined, b.ip)).toBe("silence");
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");

    const out = { direction: "out", protocol: "udp", port: "53", destination_ips: ["0.0.0.0/0"] };
    await world.api("POST", `/firewalls/${firewall.id}/actions/set_rules`, { rules: [rule, out] });
    await world.network("reconcile");
    expect(await connect(world, a.namespace, b.ip)).toContain("connected");
    expect(await connect(world, b.namespace, a.ip)).toBe("silence");

    await world.api("PUT", `/servers/${b.id}`, { labels: {} });
    await world.network("reconcile");
    expect(await connect(world, a.namespace, b.ip, 81)).toBe("Connection refused");
    expect(await connect(world, b.namespace, a.ip)).toContain("connected");
  });

  test("a server that is cut off falls silent, also on established connections, and is back after healing", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const [a, b] = [
      await createServer(world, "a", { networks: [network] }),
      await createServer(world, "b", { networks: [network] }),
    ];
    const there = await world.start(a.namespace, talker, b.privateIp, 80, 0.3);
    const back = await world.start(b.namespace, talker, a.privateIp, 80, 0.3);
    const abroad = await world.start(undefined, talker, b.ip, 80, 0.3);
    const all = () => Promise.all([there, back, abroad].map((program) => world.ask(program, "x")));
    expect(await all()).toEqual(["echoed", "echoed", "echoed"]);

    await world.network("cut", b.id);
    expect(await all()).toEqual(["silence", "silence", "echoed"]);
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, b.namespace, a.privateIp)).toBe("silence");
    // Another machine's arrival mends nothing.
    const c = await createServer(world, "c", { networks: [network] });
    expect(await connect(world, c.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, c.namespace, a.privateIp)).toContain("connected");

    await world.network("cut", b.id, { public: true });
    expect(await all()).toEqual(["silence", "silence", "silence"]);
    await world.network("heal", b.id);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
    await expect.poll(all, { timeout: 30_000 }).toEqual(["echoed", "echoed", "echoed"]);
  });

  test("a cut is one of both directions: neither what is sent nor what is received gets through", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network] });
    const counters = [
      await world.start(a.namespace, datagramCounter, 9),
      await world.start(b.namespace, datagramCounter, 9),
    ];
    const counts = () => Promise.all(counters.map(async (counter) => Number(await world.ask(counter))));
    const sendBoth = async () => {
      await world.python(a.namespace, sendDatagram, b.privateIp, 9);
      await world.python(b.namespace, sendDatagram, a.privateIp, 9);
    };
    await sendBoth();
    await expect.poll(counts, { timeout: 10_000 }).toEqual([1, 1]);
    await world.network("cut", b.id);
    await sendBoth();
    await world.network("heal", b.id);
    // Datagrams do not overtake one another: what comes later shows that the ones before are lost.
    await sendBoth();
    await expect.poll(counts, { timeout: 10_000 }).toEqual([2, 2]);
  });

  test("a host that is lost says goodbye to nobody, and its address answers again once it is back", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const [a, b] = [
      await createServer(world, "a", { networks: [network] }),
      await createServer(world, "b", { networks: [network] }),
    ];
    const talk = await world.start(a.namespace, talker, b.privateIp, 80, 0.3);
    await world.run(b.namespace, ["ip", "address", "add", "192.168.7.7/32", "dev", "lo"]);
    await world.network("removeServer", b.id);
    expect(await world.ask(talk, "x")).toBe("silence");
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    expect(await connect(world, undefined, b.ip)).toBe("silence");
    await world.network("ensureServer", b.id);
    await world.start(b.namespace, echoServer, 80);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
    expect(await world.run(b.namespace, ["ip", "-br", "address"])).not.toContain("192.168.7.7");

    // Power does not mend a line.
    await world.network("cut", b.id);
    await world.network("removeServer", b.id);
    await world.network("ensureServer", b.id);
    await world.start(b.namespace, echoServer, 80);
    expect(await connect(world, a.namespace, b.privateIp)).toBe("silence");
    await world.network("heal", b.id);
    expect(await connect(world, a.namespace, b.privateIp)).toContain("connected");
  });

  test("networks, aliases, floating addresses and routes follow the API while machines run", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const [a, b] = [await createServer(world, "a"), await createServer(world, "b")];
    for (const { id } of [a, b]) {
      await world.api("POST", `/servers/${id}/actions/attach_to_network`, { network });
    }
    await world.network("reconcile");
    const { servers } = await world.api("GET", "/servers");
    const [ipA, ipB] = servers.map((server: { private_net: { ip: string }[] }) => server.private_net[0]!.ip);
    expect(await connect(world, a.namespace, ipB)).toBe(`connected from ${ipA} hello`);

    await world.api("POST", `/servers/${b.id}/actions/change_alias_ips`, { network, alias_ips: ["10.0.1.77"] });
    const { floating_ip } = await world.api("POST", "/floating_ips", { type: "ipv4", server: b.id });
    await world.api("POST", `/networks/${network}/actions/add_route`, { destination: "10.9.0.0/24", gateway: ipB });
    await world.network("reconcile");
    // As at the provider, the machine has to take them itself.
    expect(await connect(world, a.namespace, "10.0.1.77")).toBe("silence");
    const addresses = ["10.0.1.77/32 dev enp7s0", `${floating_ip.ip}/32 dev eth0`, "10.9.0.5/32 dev lo"];
    for (const address of addresses) await world.run(b.namespace, ["ip", "address", "add", ...address.split(" ")]);
    await world.run(a.namespace, ["ip", "route", "add", "10.9.0.0/24", "via", "10.0.0.1", "dev", "enp7s0", "onlink"]);
    expect(await connect(world, a.namespace, "10.0.1.77")).toContain("connected");
    expect(await connect(world, a.namespace, "10.9.0.5")).toContain("connected");
    expect(await connect(world, undefined, floating_ip.ip)).toContain("connected");

    await world.api("POST", `/floating_ips/${floating_ip.id}/actions/assign`, { server: a.id });
    await world.network("reconcile");
    expect(await connect(world, undefined, floating_ip.ip)).toBe("silence");
    await world.run(a.namespace, ["ip", "address", "add", `${floating_ip.ip}/32`, "dev", "eth0"]);
    expect(await connect(world, undefined, floating_ip.ip)).toContain("connected");

    await world.api("POST", `/servers/${b.id}/actions/detach_from_network`, { network });
    await world.network("reconcile");
    expect(await connect(world, a.namespace, ipB)).toBe("silence");
    expect(await world.run(b.namespace, ["ip", "-br", "link"])).not.toContain("enp7s0");
  });

  test("load balancers have public and private addresses and no firewall", async () => {
    const world = await openWorld(machines.tree());
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const { load_balancer } = await world.api("POST", "/load_balancers", {
      name: "front",
      load_balancer_type: "lb11",
      location: "fsn1",
      network,
    });
    const { value } = await world.network("ensureLoadBalancer", load_balancer.id);
    expect(value).toEqual({ netns: `/run/netns/lb${load_balancer.id}` });
    await world.start(`lb${load_balancer.id}`, echoServer, 443);
    expect(await connect(world, undefined, load_balancer.public_net.ipv4.ip, 443)).toContain("connected");
    expect(await connect(world, a.namespace, load_balancer.public_net.ipv6.ip, 443)).toContain("connected");
    expect(await connect(world, `lb${load_balancer.id}`, a.privateIp)).toContain("connected from 10.0.");
  });

  test("machines reach the provider's services, and neither the host nor anything beyond", async () => {
    const world = await openWorld(machines.tree());
    const a = await createServer(world, "a");
    await world.start("svc", echoServer, 53);
    await world.start(undefined, echoServer, 8080);
    for (const ip of ["185.12.64.1", "185.12.64.2", "2a01:4ff:ff00::add:1", "198.19.255.53", "198.19.255.82"]) {
      expect(await connect(world, a.namespace, ip, 53), ip).toContain("connected");
    }
    expect(await connect(world, undefined, "198.19.255.53", 53)).toContain("connected from 198.19.255.254");
    expect(await connect(world, undefined, a.ip)).toBe("connected from 198.19.255.254 hello");
    expect(await connect(world, a.namespace, "198.19.255.254", 8080)).toBe("No route to host");
    await world.run(undefined, ["ip", "address", "add", "203.0.113.9/32", "dev", "lo"]);
    expect(await connect(world, a.namespace, "203.0.113.9", 8080)).toBe("silence");
    expect(await connect(world, undefined, "203.0.113.9", 8080)).toContain("connected");
  });

  test("the host is as before after closing, and after a kill", async () => {
    const host = await TestWorld.start(machines.tree());
    worlds.push(host);
    const before = await host.host();
    for (const way of ["close", "kill"] as const) {
      const world = await TestWorld.start(machines.tree(), host);
      worlds.push(world);
      await world.open();
      const network = await createNetwork(world);
      const a = await createServer(world, "a", { networks: [network] });
      expect(await connect(host, undefined, a.ip)).toContain("connected");
      const during = await host.host();
      expect(during).toContain("198.18.0.0/15");
      const [device] = /svlab\d+/.exec(during) ?? [];
      expect(during.split("\n").filter((line) => !/svlab|198\.19\.255/.test(line))).toEqual(before.split("\n"));
      if (way === "close") {
        await world.network("close");
        expect(await world.run(undefined, ["ls", "/run/netns"])).toBe("");
        expect(await host.host()).toBe(before);
      } else {
        await world.kill();
        await expect.poll(() => host.host(), { timeout: 10_000 }).toBe(before);
      }
      expect(device).toBe("svlab0");
    }
  });

  test("a second lab is refused and told which one is in its way; a route of somebody else's too", async () => {
    const first = await openWorld(machines.tree(), { lab: "first" });
    const second = await TestWorld.start(machines.tree(), first);
    worlds.push(second);
    const before = await first.host();
    await expect(second.open({ lab: "second" })).rejects.toThrow(
      /198\.18\.0\.0\/15.*another lab \(lab first\), at its device svlab0: stop that lab first/,
    );
    expect(await first.host()).toBe(before);
    await first.network("close");
    await first.run(undefined, ["ip", "route", "add", "198.19.0.0/16", "dev", "lo"]);
    await expect(second.open({ lab: "second" })).rejects.toThrow("198.19.0.0/16 already, to its device lo");
    expect(await second.run(undefined, ["ls", "/run/netns"])).toBe("");
    await first.run(undefined, ["ip", "route", "delete", "198.19.0.0/16", "dev", "lo"]);
    await second.open({ lab: "second" });
  });

  test("packets between locations take their time, each way, and only those", async () => {
    const world = await openWorld(machines.tree(), {
      delays: [{ between: ["fsn1", "hel1"], roundTripMs: 60 }],
    });
    const network = await createNetwork(world);
    const a = await createServer(world, "a", { networks: [network] });
    const b = await createServer(world, "b", { networks: [network] });
    const far = await createServer(world, "far", { networks: [network], location: "hel1" });
    const other = await createServer(world, "other", { networks: [network], location: "nbg1" });
    const time = async (from: Created, to: Created) =>
      Number(await world.python(from.namespace, fastestConnect, to.privateIp, 80));
    // Bounds from below only: how quick the rest is depends on the machine. What has no delay, the tests of the plan say.
    expect(await time(a, far)).toBeGreaterThanOrEqual(60);
    expect(await time(far, b)).toBeGreaterThanOrEqual(60);
    expect(await connect(world, a.namespace, other.privateIp)).toContain("connected");
    // More than any buffer on the way holds.
    expect(await world.python(a.namespace, sendMuch, far.privateIp, 80, 20_000_000)).toBe("20000000 back as sent");
    await world.network("cut", far.id);
    expect(await connect(world, a.namespace, far.privateIp)).toBe("silence");
    await world.network("heal", far.id);
    expect(await connect(world, a.namespace, far.privateIp)).toBe(`connected from ${a.privateIp} hello`);
    expect((await world.network("reconcile")).commands).toBe(0);
  });

  test("nothing of a lab outlives its first process", async () => {
    const world = await openWorld(machines.tree(), {
      delays: [{ between: ["fsn1", "hel1"], roundTripMs: 10 }],
    });
    const network = await createNetwork(world);
    await createServer(world, "a", { networks: [network] });
    await createServer(world, "b", { networks: [network], location: "hel1" });
    const mounts = await world.run(undefined, ["readlink", "/proc/self/ns/mnt"]);
    const mine = () => processesIn(mounts);
    // The lab's process, the delay line and two servers.
    expect(mine().length).toBeGreaterThanOrEqual(4);
    await world.kill();
    await expect.poll(mine, { timeout: 10_000 }).toEqual([]);
  });
});

const fastestConnect = `
import socket, sys, time
def once():
    start = time.monotonic()
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5).close()
    return (time.monotonic() - start) * 1000
print(min(once() for _ in range(5)))
`;

const sendMuch = `
import hashlib, os, socket, sys, threading
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
block = os.urandom(1 << 16)
total = int(sys.argv[3])
threading.Thread(target=lambda: peer.sendall((block * (total // len(block) + 1))[:total])).start()
expected, got = hashlib.sha256((block * (total // len(block) + 1))[:total]), hashlib.sha256()
count = 0
while count < total:
    data = peer.recv(1 << 16)
    if not data: break
    got.update(data); count += len(data)
print(count, "back as sent" if got.digest() == expected.digest() else "back, but changed")
`;

/** Processes of this machine that are in a mount namespace. */
function processesIn(mounts: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/ns/mnt`) === mounts;
    } catch {
      return false;
    }
  });
}
