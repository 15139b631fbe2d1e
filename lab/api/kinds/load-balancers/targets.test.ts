import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../../testing.ts";
import { labView } from "../../view.ts";
import { balancersOf, code, refusal, toLabel, toServer } from "./testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());
const { newBalancer, newServer, newNetwork, act, read } = balancersOf(() => lab);

describe("targets", () => {
  test("servers: reached over their public address or the network, once each", async () => {
    const id = await newBalancer();
    const network = await newNetwork();
    const bare = await newServer("bare", {
      public_net: { enable_ipv4: false, enable_ipv6: false },
      networks: [network],
    });
    const open = await newServer("open");
    expect(code(await act(id, "add_target", toServer(bare)))).toBe("missing_ipv4");
    expect(code(await act(id, "add_target", toServer(bare, true)))).toBe("load_balancer_not_attached_to_network");
    await act(id, "attach_to_network", { network });
    expect(code(await act(id, "add_target", toServer(open, true)))).toBe("server_not_attached_to_network");
    expect(code(await act(id, "add_target", toServer(bare, true)))).toBe(201);
    expect(code(await act(id, "add_target", toServer(open)))).toBe(201);
    expect(code(await act(id, "add_target", toServer(open)))).toBe("target_already_defined");
    expect((await lab.get(`/servers/${open}`)).body.server.load_balancers).toEqual([id]);
    expect(code(await act(id, "disable_public_interface"))).toBe("targets_without_use_private_ip");
    expect(code(await act(id, "remove_target", { type: "server", server: { id: open } }))).toBe(201);
    expect(code(await act(id, "remove_target", { type: "server", server: { id: open } }))).toBe("not_found");
    expect(code(await act(id, "disable_public_interface"))).toBe(201);
    expect((await read(id)).public_net.enabled).toBe(false);
    expect(code(await act(id, "add_target", toServer(open)))).toBe("load_balancer_public_interface_disabled");
    await lab.delete(`/servers/${bare}`);
    expect((await read(id)).targets).toEqual([]);
  });

  test("label selectors follow the servers' labels", async () => {
    const id = await newBalancer({ services: [{ protocol: "http" }] });
    const [a, b] = [await newServer("a", { labels: { role: "app" } }), await newServer("b")];
    expect(refusal(await act(id, "add_target", toLabel("role=(")))[2]).toBe("label_selector.selector");
    await act(id, "add_target", toLabel("role=app"));
    const resolved = async () =>
      (await read(id)).targets[0].targets.map((target: { server: { id: number } }) => target.server.id);
    expect(await resolved()).toEqual([a]);
    await lab.put(`/servers/${b}`, { labels: { role: "app" } });
    expect(await resolved()).toEqual([a, b]);
    await lab.put(`/servers/${a}`, { labels: {} });
    expect(await resolved()).toEqual([b]);
    expect((await read(id)).targets[0]).toMatchObject({
      type: "label_selector",
      label_selector: { selector: "role=app" },
      targets: [{ type: "server", health_status: [{ listen_port: 80, status: "healthy" }], use_private_ip: false }],
    });
    expect(code(await act(id, "remove_target", toLabel("role=app")))).toBe(201);
  });

  test("addresses: not those of the cloud, private ones only behind a vSwitch", async () => {
    const id = await newBalancer();
    const server = await newServer("a");
    const cloudIp = (await lab.get(`/servers/${server}`)).body.server.public_net.ipv4.ip;
    const add = (ip: string) => act(id, "add_target", { type: "ip", ip: { ip } });
    expect(code(await add(cloudIp))).toBe("cloud_resource_ip_not_allowed");
    expect(code(await add("10.0.1.5"))).toBe("ip_not_owned");
    expect(refusal(await add("nonsense"))).toEqual([422, "invalid_input", "ip.ip"]);
    expect(code(await add("203.0.113.7"))).toBe(201);
    expect((await read(id)).targets[0]).toMatchObject({ type: "ip", ip: { ip: "203.0.113.7" } });
  });

  test("are limited by the type, each server of a selector counted", async () => {
    const id = await newBalancer();
    for (let i = 0; i < 25; i++) await newServer(`s${i}`, { labels: { role: "app" } });
    expect(code(await act(id, "add_target", toLabel("role")))).toBe(201);
    const more = await act(id, "add_target", { type: "ip", ip: { ip: "203.0.113.7" } });
    expect(refusal(more).slice(0, 2)).toEqual([403, "resource_limit_exceeded"]);
  });

  test("health follows the servers where no machines stand behind the API, and the driver's reports", async () => {
    const id = await newBalancer({ services: [{ protocol: "http" }] });
    const server = await newServer("a");
    await act(id, "add_target", toServer(server));
    const health = async () => (await read(id)).targets[0].health_status;
    expect(await health()).toEqual([{ listen_port: 80, status: "healthy" }]);
    await lab.post(`/servers/${server}/actions/poweroff`);
    expect(await health()).toEqual([{ listen_port: 80, status: "unhealthy" }]);
    const report = { loadBalancer: id, listenPort: 80, target: { server }, status: "unknown" } as const;
    labView(lab.lab).reportTargetHealth(report);
    expect(await health()).toEqual([{ listen_port: 80, status: "unknown" }]);
  });

  test("of a lab with machines are unknown until the driver reports", async () => {
    lab.close();
    lab = openTestLab({ driver: { name: "machines" } });
    const id = await newBalancer({ services: [{ protocol: "http" }] });
    const server = await newServer("a");
    lab.pass(1);
    await act(id, "add_target", toServer(server));
    expect((await read(id)).targets[0].health_status).toEqual([{ listen_port: 80, status: "unknown" }]);
  });
});
