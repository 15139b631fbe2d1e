import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { overlaps, parseCidr } from "../core/ipv4.ts";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const cloud = (ip_range?: string) => ({ type: "cloud", network_zone: "eu-central", ip_range });
const codeOf = ({ body }: { body: { error?: { code: string } } }) => body.error?.code;

async function createNetwork(more: object = {}) {
  const { body } = await lab.post("/networks", { name: "n", ip_range: "10.0.0.0/16", ...more });
  return body.network;
}
const act = (id: number, action: string, body: object) => lab.post(`/networks/${id}/actions/${action}`, body);
const read = async (id: number) => (await lab.get(`/networks/${id}`)).body.network;

async function createServer(network: number, name = "s") {
  const body = { name, server_type: "cpx22", image: "debian-13", location: "fsn1", networks: [network] };
  return (await lab.post("/servers", body)).body.server;
}

test("a network has its subnets, the first /24 unless one is asked for, and one gateway", async () => {
  const { id } = await createNetwork({ subnets: [cloud("10.0.0.0/24"), cloud()] });
  await act(id, "add_subnet", cloud());
  const { subnets } = await read(id);
  expect(subnets.map((subnet: { ip_range: string }) => subnet.ip_range)).toEqual([
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.0.2.0/24",
  ]);
  expect(new Set(subnets.map((subnet: { gateway: string }) => subnet.gateway))).toEqual(new Set(["10.0.0.1"]));
});

test.each(["10.0.0.0/25", "10.0.0.1/16", "8.8.0.0/16", "fd00::/16", "10.0.0.0", "10.0.0.0/016", "172.16.0.0/11"])(
  "%s is no range for a network",
  async (ip_range) => {
    expect(await lab.post("/networks", { name: "n", ip_range })).toMatchObject({
      status: 422,
      body: { error: { details: { fields: [{ name: "ip_range" }] } } },
    });
  },
);

test.each([
  ["outside of the network", cloud("10.1.0.0/24")],
  ["overlapping", cloud("10.0.1.128/25")],
  ["smaller than /30", cloud("10.0.3.0/31")],
  ["over a route", cloud("10.0.200.0/24")],
  ["with host bits", cloud("10.0.3.1/24")],
  ["in an unknown zone", { ...cloud("10.0.3.0/24"), network_zone: "mars" }],
  ["of a vSwitch without its id", { ...cloud("10.0.3.0/24"), type: "vswitch" }],
])("a subnet %s is invalid_input", async (_, subnet) => {
  const { id } = await createNetwork({
    subnets: [cloud("10.0.1.0/24")],
    routes: [{ destination: "10.0.200.0/24", gateway: "10.0.1.9" }],
  });
  expect(codeOf(await act(id, "add_subnet", subnet))).toBe("invalid_input");
});

test("subnets never overlap, whatever is added", async () => {
  const anyRange = fc.tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 20, max: 30 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(anyRange), { maxLength: 12 }), async (wishes) => {
      const { id } = await createNetwork({ name: `n${Math.random()}` });
      for (const wish of wishes) {
        await act(id, "add_subnet", cloud(wish ? `10.0.${wish[0]}.${wish[1]}/${wish[2]}` : undefined));
      }
      const ranges = (await read(id)).subnets.map((subnet: { ip_range: string }) => parseCidr(subnet.ip_range)!);
      for (const [i, a] of ranges.entries()) {
        for (const b of ranges.slice(i + 1)) expect(overlaps(a, b)).toBe(false);
      }
    }),
    { numRuns: 30 },
  );
});

test("a subnet with somebody in it stays; without, it goes", async () => {
  const { id } = await createNetwork({ subnets: [cloud("10.0.1.0/24")] });
  const server = await createServer(id);
  const refused = await act(id, "delete_subnet", { ip_range: "10.0.1.0/24" });
  expect([refused.status, codeOf(refused)]).toEqual([503, "service_error"]);
  expect(refused.body.error.message).toContain("servers are attached");
  await lab.delete(`/servers/${server.id}`);
  expect((await act(id, "delete_subnet", { ip_range: "10.0.1.0/24" })).status).toBe(201);
  expect(codeOf(await act(id, "delete_subnet", { ip_range: "10.0.1.0/24" }))).toBe("not_found");
});

test.each([
  ["10.0.1.0/24", "10.0.1.9"],
  ["8.8.8.0/24", "10.0.1.9"],
  ["10.9.0.0/24", "10.7.0.1"],
  ["10.9.0.0/24", "10.0.0.1"],
  ["172.31.0.0/16", "10.0.1.9"],
  ["10.8.0.0/24", "10.0.1.9"],
  ["10.9.0.0/24", "nowhere"],
])("a route to %s by %s is invalid_input", async (destination, gateway) => {
  const { id } = await createNetwork({
    subnets: [cloud("10.0.1.0/24")],
    routes: [{ destination: "10.8.0.0/16", gateway: "10.0.1.9" }],
  });
  expect(codeOf(await act(id, "add_route", { destination, gateway }))).toBe("invalid_input");
});

test("routes are added, the default one too, and deleted", async () => {
  const { id } = await createNetwork({ subnets: [cloud("10.0.1.0/24")] });
  const route = { destination: "0.0.0.0/0", gateway: "10.0.1.9" };
  expect((await act(id, "add_route", route)).body.action.command).toBe("add_route");
  expect((await read(id)).routes).toEqual([route]);
  await act(id, "delete_route", route);
  expect((await read(id)).routes).toEqual([]);
  expect(codeOf(await act(id, "delete_route", route))).toBe("not_found");
});

test("the range only grows, and only at its end", async () => {
  const { id } = await createNetwork();
  expect(codeOf(await act(id, "change_ip_range", { ip_range: "10.0.0.0/17" }))).toBe("invalid_input");
  expect(codeOf(await act(id, "change_ip_range", { ip_range: "10.2.0.0/15" }))).toBe("invalid_input");
  await act(id, "change_ip_range", { ip_range: "10.0.0.0/8" });
  expect((await read(id)).ip_range).toBe("10.0.0.0/8");
});

test("a protected network stays; one with servers goes and they are detached", async () => {
  const { id } = await createNetwork({ subnets: [cloud("10.0.1.0/24")] });
  const server = await createServer(id);
  await act(id, "change_protection", { delete: true });
  expect(codeOf(await lab.delete(`/networks/${id}`))).toBe("protected");
  await act(id, "change_protection", { delete: false });
  expect((await lab.delete(`/networks/${id}`)).status).toBe(204);
  expect((await lab.get(`/servers/${server.id}`)).body.server.private_net).toEqual([]);
});

test("a change while another one runs is a conflict", async () => {
  const slow = openTestLab({ actionDuration: 100 });
  const { id } = (await slow.post("/networks", { name: "n", ip_range: "10.0.0.0/16" })).body.network;
  await slow.post(`/networks/${id}/actions/add_subnet`, cloud());
  const second = await slow.post(`/networks/${id}/actions/add_subnet`, cloud());
  expect([second.status, codeOf(second)]).toEqual([409, "conflict"]);
  slow.pass(100);
  expect((await slow.post(`/networks/${id}/actions/add_subnet`, cloud())).status).toBe(201);
  slow.close();
});

test("names are unique, labels are replaced as a whole", async () => {
  const { id } = await createNetwork({ labels: { a: "1" } });
  expect(codeOf(await lab.post("/networks", { name: "n", ip_range: "10.0.0.0/16" }))).toBe("uniqueness_error");
  const { body } = await lab.put(`/networks/${id}`, { labels: { b: "2" }, expose_routes_to_vswitch: true });
  expect(body.network).toMatchObject({ name: "n", labels: { b: "2" }, expose_routes_to_vswitch: true });
  expect(body.network.labels).not.toHaveProperty("a");
});
