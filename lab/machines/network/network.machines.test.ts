import { expect, test } from "vitest";
import { describeWithMachines } from "../testing.ts";
import { echoServer } from "./test-programs.ts";
import { connect, createNetwork, createServer, useWorlds } from "./test-servers.ts";

const worlds = useWorlds();

describeWithMachines("the lab's network", (machines) => {
  test("servers reach one another by private and by public addresses, with their own as the sender", async () => {
    const world = await worlds.open(machines.tree());
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
    const world = await worlds.open(machines.tree());
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
    const world = await worlds.open(machines.tree());
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

  test("networks, aliases, floating addresses and routes follow the API while machines run", async () => {
    const world = await worlds.open(machines.tree());
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
    const world = await worlds.open(machines.tree());
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
    const world = await worlds.open(machines.tree());
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
});
