import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../../testing.ts";
import { balancersOf, code, refusal, toServer } from "./testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());
const { newBalancer, newServer, newNetwork, newCertificate, act, read } = balancersOf(() => lab);

describe("a load balancer", () => {
  test("is created with everything at once, found, renamed and deleted", async () => {
    const network = await newNetwork();
    const server = await newServer("a", { networks: [network] });
    const certificate = await newCertificate("a");
    const { status, body } = await lab.post("/load_balancers", {
      name: "web",
      load_balancer_type: "lb21",
      network_zone: "eu-central",
      algorithm: { type: "least_connections" },
      labels: { tier: "edge" },
      network,
      public_interface: false,
      services: [{ protocol: "https", http: { certificates: [certificate], redirect_http: true } }],
      targets: [toServer(server, true)],
    });
    expect(status).toBe(201);
    expect(body.action.command).toBe("create_load_balancer");
    expect(body.load_balancer).toMatchObject({
      name: "web",
      location: { name: "fsn1", network_zone: "eu-central" },
      load_balancer_type: { name: "lb21", max_services: 15, max_targets: 75 },
      algorithm: { type: "least_connections" },
      public_net: { enabled: false },
      private_net: [{ network, ip: expect.stringMatching(/^10\.0\.1\./) }],
      services: [{ listen_port: 443, destination_port: 80, protocol: "https" }],
      targets: [{ type: "server", server: { id: server }, use_private_ip: true }],
      protection: { delete: false },
    });
    const { id } = body.load_balancer;
    expect((await lab.get(`/networks/${network}`)).body.network.load_balancers).toEqual([id]);
    expect((await lab.get("/load_balancers?label_selector=tier=edge&name=web")).body.load_balancers).toHaveLength(1);
    expect((await lab.put(`/load_balancers/${id}`, { name: "edge" })).body.load_balancer.name).toBe("edge");
    expect((await lab.delete(`/load_balancers/${id}`)).status).toBe(204);
    expect((await lab.get(`/networks/${network}`)).body.network.load_balancers).toEqual([]);
  });

  test("is refused with the field named", async () => {
    const post = (more: object) =>
      lab.post("/load_balancers", { name: "x", load_balancer_type: "lb11", location: "fsn1", ...more });
    await newBalancer();
    const none = { location: undefined };
    expect(refusal(await post({ name: "web" }))).toEqual([409, "uniqueness_error", "name"]);
    expect(refusal(await post({ load_balancer_type: "lb99" }))).toEqual([422, "invalid_input", "load_balancer_type"]);
    expect(refusal(await post(none))).toEqual([422, "invalid_input", "location"]);
    expect(refusal(await post({ network_zone: "eu-central" }))).toEqual([422, "invalid_input", "location"]);
    expect(refusal(await post({ ...none, network_zone: "x" }))).toEqual([422, "invalid_input", "network_zone"]);
    expect(refusal(await post({ network: 1 }))).toEqual([422, "invalid_input", "network"]);
    expect(code(await post({ public_interface: false }))).toBe("load_balancer_not_attached_to_network");
    const services = [{ protocol: "http" }, { protocol: "tcp", listen_port: 81 }];
    expect(refusal(await post({ services }))).toEqual([422, "invalid_input", "services.1.destination_port"]);
    expect(code(await post({ services: [{ protocol: "http" }, { protocol: "http" }] }))).toBe(
      "source_port_already_used",
    );
    expect(refusal(await post({ targets: [toServer(1)] }))).toEqual([422, "invalid_input", "targets.0.server.id"]);
    expect((await lab.get("/load_balancers")).body.load_balancers).toHaveLength(1);
  });

  test("an account has at most 20", async () => {
    for (let i = 0; i < 20; i++) await newBalancer({ name: `lb-${i}` });
    const answer = await lab.post("/load_balancers", { name: "x", load_balancer_type: "lb11", location: "fsn1" });
    expect(refusal(answer).slice(0, 2)).toEqual([403, "resource_limit_exceeded"]);
  });

  test("protection, reverse DNS and metrics", async () => {
    const id = await newBalancer();
    await act(id, "change_protection", { delete: true });
    expect(code(await lab.delete(`/load_balancers/${id}`))).toBe("protected");
    const { public_net } = await read(id);
    expect(public_net.ipv6.ip).toMatch(/::1$/);
    await act(id, "change_dns_ptr", { ip: public_net.ipv4.ip, dns_ptr: "web.example.com" });
    expect((await read(id)).public_net.ipv4.dns_ptr).toBe("web.example.com");
    await act(id, "change_dns_ptr", { ip: public_net.ipv4.ip, dns_ptr: null });
    expect((await read(id)).public_net.ipv4.dns_ptr).toBe(public_net.ipv4.dns_ptr);
    expect(refusal(await act(id, "change_dns_ptr", { ip: "192.0.2.1", dns_ptr: "a" }))[2]).toBe("ip");
    const range = "start=2026-11-01T00:00:00Z&end=2026-11-01T01:00:00Z";
    const { metrics } = (await lab.get(`/load_balancers/${id}/metrics?type=bandwidth&${range}`)).body;
    expect(metrics).toMatchObject({ step: 18, time_series: { "bandwidth.in": { values: [] } } });
    expect(refusal(await lab.get(`/load_balancers/${id}/metrics?type=cpu&${range}`))[2]).toBe("type");
    expect(refusal(await lab.get(`/load_balancers/${id}/metrics?type=bandwidth`))[2]).toBe("start");
  });
});

describe("services", () => {
  test("are added, changed and deleted; ports and certificates do not clash", async () => {
    const id = await newBalancer();
    const certificate = await newCertificate("a");
    const https = { protocol: "https", http: { certificates: [certificate], redirect_http: true } };
    expect((await act(id, "add_service", https)).body.action).toMatchObject({
      command: "add_service",
      status: "success",
    });
    expect(code(await act(id, "add_service", { protocol: "http" }))).toBe("source_port_already_used");
    expect(code(await act(id, "update_service", { listen_port: 443, http: { redirect_http: false } }))).toBe(201);
    expect(code(await act(id, "add_service", { protocol: "http", destination_port: 8080 }))).toBe(201);
    expect(code(await act(id, "update_service", { listen_port: 443, http: { redirect_http: true } }))).toBe(
      "source_port_already_used",
    );
    const { services } = await read(id);
    expect(services.map((one: { listen_port: number }) => one.listen_port)).toEqual([443, 80]);
    expect(refusal(await act(id, "update_service", { listen_port: 443, http: { certificates: [1] } }))).toEqual([
      422,
      "invalid_input",
      "http.certificates.0",
    ]);
    const path = `/certificates/${certificate}`;
    expect((await lab.get(path)).body.certificate.used_by).toEqual([{ id, type: "load_balancer" }]);
    expect(code(await lab.delete(path))).toBe("resource_in_use");
    expect(code(await act(id, "delete_service", { listen_port: 443 }))).toBe(201);
    expect(code(await act(id, "delete_service", { listen_port: 443 }))).toBe("not_found");
    expect((await lab.delete(path)).status).toBe(204);
  });

  test("are limited by the type, and so is changing it", async () => {
    const id = await newBalancer();
    const tcp = (port: number) => act(id, "add_service", { protocol: "tcp", listen_port: port, destination_port: 80 });
    for (let port = 1; port <= 5; port++) expect(code(await tcp(port))).toBe(201);
    expect(refusal(await tcp(6)).slice(0, 2)).toEqual([403, "resource_limit_exceeded"]);
    expect(code(await act(id, "change_type", { load_balancer_type: "lb21" }))).toBe(201);
    expect(code(await tcp(6))).toBe(201);
    expect(code(await act(id, "change_type", { load_balancer_type: "lb11" }))).toBe("invalid_load_balancer_type");
    expect((await read(id)).load_balancer_type.name).toBe("lb21");
    await act(id, "change_algorithm", { type: "least_connections" });
    expect((await read(id)).algorithm).toEqual({ type: "least_connections" });
  });
});

describe("networks", () => {
  test("addresses are shared with servers, wanted ones given, zones respected", async () => {
    const network = await newNetwork();
    const [id, other] = [await newBalancer(), await newBalancer({ name: "other" })];
    const server = await newServer("a", { networks: [network] });
    const serverIp = (await lab.get(`/servers/${server}`)).body.server.private_net[0].ip;
    expect(code(await act(id, "attach_to_network", { network, ip: serverIp }))).toBe("ip_not_available");
    expect(code(await act(id, "attach_to_network", { network, ip: "10.0.2.5" }))).toBe("no_subnet_available");
    expect(code(await act(id, "attach_to_network", { network, ip: "10.0.1.77" }))).toBe(201);
    expect((await read(id)).private_net).toEqual([{ network, ip: "10.0.1.77" }]);
    expect(code(await act(other, "attach_to_network", { network, ip: "10.0.1.77" }))).toBe("ip_not_available");
    expect(code(await act(id, "attach_to_network", { network }))).toBe("load_balancer_already_attached");
    const far = await newNetwork("us-east", "far");
    expect(code(await act(other, "attach_to_network", { network: far }))).toBe("no_subnet_available");
    expect(code(await act(id, "detach_from_network", { network: far }))).toBe("not_found");
    expect(code(await act(id, "detach_from_network", { network }))).toBe(201);
    expect((await read(id)).private_net).toEqual([]);
    expect(code(await act(other, "attach_to_network", { network, ip: "10.0.1.77" }))).toBe(201);
  });

  test("a network that is deleted lets go of its load balancer", async () => {
    const network = await newNetwork();
    const id = await newBalancer({ network });
    await lab.delete(`/networks/${network}`);
    expect((await read(id)).private_net).toEqual([]);
    expect(code(await act(id, "attach_to_network", { network: await newNetwork() }))).toBe(201);
  });
});

describe("while an action runs", () => {
  beforeEach(() => {
    lab.close();
    lab = openTestLab({ actionDuration: 1000 });
  });

  test("other changes are a conflict, and a change holds only when its action succeeds", async () => {
    const id = await newBalancer();
    expect(refusal(await act(id, "add_service", { protocol: "http" })).slice(0, 2)).toEqual([409, "conflict"]);
    expect(code(await lab.delete(`/load_balancers/${id}`))).toBe("conflict");
    lab.pass(1000);
    await lab.post("/_lab/faults", { type: "action_error", command: "add_target", count: 1 });
    for (const expected of [0, 1]) {
      expect(code(await act(id, "add_target", { type: "ip", ip: { ip: "203.0.113.7" } }))).toBe(201);
      expect((await read(id)).targets).toHaveLength(0);
      lab.pass(1000);
      expect((await read(id)).targets).toHaveLength(expected);
    }
  });

  test("a service is there even when adding it fails, so that the provider can go on with it", async () => {
    const id = await newBalancer();
    lab.pass(1000);
    await lab.post("/_lab/faults", { type: "action_error", command: "add_service", count: 1 });
    const { body } = await act(id, "add_service", { protocol: "http" });
    lab.pass(1000);
    expect((await lab.get(`/actions/${body.action.id}`)).body.action.status).toBe("error");
    expect(code(await act(id, "update_service", { listen_port: 80, destination_port: 8080 }))).toBe(201);
    lab.pass(1000);
    expect((await read(id)).services).toMatchObject([{ listen_port: 80, destination_port: 8080 }]);
  });

  test("a server that is deleted meanwhile does not become a target", async () => {
    const id = await newBalancer();
    const server = await newServer("a");
    lab.pass(10_000);
    expect(code(await act(id, "add_target", toServer(server)))).toBe(201);
    expect((await lab.delete(`/servers/${server}`)).status).toBe(200);
    lab.pass(1000);
    expect((await read(id)).targets).toEqual([]);
  });

  test("a certificate that a running change will use is not deleted", async () => {
    const id = await newBalancer();
    const [before, after] = [await newCertificate("a"), await newCertificate("b")];
    lab.pass(1000);
    await act(id, "add_service", { protocol: "https", http: { certificates: [before] } });
    lab.pass(1000);
    await act(id, "update_service", { listen_port: 443, http: { certificates: [after] } });
    expect(code(await lab.delete(`/certificates/${after}`))).toBe("resource_in_use");
    lab.pass(1000);
    expect((await lab.delete(`/certificates/${before}`)).status).toBe(204);
  });
});

test("types come from the catalogue; an unknown price is no price", async () => {
  const { load_balancer_types: types } = (await lab.get("/load_balancer_types")).body;
  expect(types.map((type: { name: string; prices: unknown[] }) => [type.name, type.prices.length > 0])).toEqual([
    ["lb11", true],
    ["lb21", true],
    ["lb31", false],
  ]);
  expect((await lab.get("/load_balancer_types?name=lb21")).body.load_balancer_types).toHaveLength(1);
  expect((await lab.get(`/load_balancer_types/${types[0].id}`)).body.load_balancer_type.name).toBe("lb11");
});
