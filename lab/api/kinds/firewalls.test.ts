import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const http = { direction: "in", protocol: "tcp", port: "80", source_ips: ["0.0.0.0/0"] };
const codeOf = ({ body }: { body: { error?: { code: string } } }) => body.error?.code;
const toServer = (id: number) => ({ type: "server", server: { id } });
const toLabels = (selector: string) => ({ type: "label_selector", label_selector: { selector } });
const act = (id: number, action: string, body: object) => lab.post(`/firewalls/${id}/actions/${action}`, body);

async function createServer(name: string, more: object = {}) {
  const body = { name, server_type: "cpx22", image: "debian-13", location: "fsn1", ...more };
  return (await lab.post("/servers", body)).body.server;
}
async function createFirewall(name = "f", more: object = {}) {
  return (await lab.post("/firewalls", { name, ...more })).body.firewall;
}
const firewallsOf = async (server: number) =>
  (await lab.get(`/servers/${server}`)).body.server.public_net.firewalls.map((one: { id: number }) => one.id);

test("rules are kept in canonical form", async () => {
  const rule = { direction: "in", protocol: "icmp", source_ips: ["2001:0DB8:0:0::/64", "10.0.0.0/8"] };
  const { rules } = await createFirewall("f", { rules: [rule] });
  expect(rules).toEqual([
    {
      direction: "in",
      protocol: "icmp",
      port: null,
      source_ips: ["2001:db8::/64", "10.0.0.0/8"],
      destination_ips: [],
      description: null,
    },
  ]);
});

test.each([
  ["rules.0.port", { ...http, port: undefined }],
  ["rules.0.port", { ...http, port: "0" }],
  ["rules.0.port", { ...http, port: "90-80" }],
  ["rules.0.port", { ...http, port: "65536" }],
  ["rules.0.port", { ...http, protocol: "icmp" }],
  ["rules.0.source_ips", { ...http, source_ips: [] }],
  ["rules.0.source_ips.0", { ...http, source_ips: ["10.0.0.1/8"] }],
  ["rules.0.source_ips.0", { ...http, source_ips: ["10.0.0.1"] }],
  ["rules.0.source_ips.0", { ...http, source_ips: ["2001:db8::1/64"] }],
  ["rules.0.source_ips.0", { ...http, source_ips: ["10.0.0.0/33"] }],
  ["rules.0.destination_ips", { ...http, destination_ips: ["10.0.0.0/8"] }],
  ["rules.0.destination_ips", { ...http, direction: "out", source_ips: [] }],
  ["rules.0.direction", { ...http, direction: "both" }],
  ["rules.0.description", { ...http, description: "x".repeat(256) }],
])("a rule that does not fit is invalid_input in %s", async (field, rule) => {
  const answer = await lab.post("/firewalls", { name: "f", rules: [rule] });
  expect([codeOf(answer), answer.body.error.details.fields[0].name]).toEqual(["invalid_input", field]);
});

test("50 rules fit, 51 do not", async () => {
  const { id } = await createFirewall();
  expect((await act(id, "set_rules", { rules: Array(50).fill(http) })).status).toBe(201);
  expect(codeOf(await act(id, "set_rules", { rules: Array(51).fill(http) }))).toBe("invalid_input");
});

test("applied to servers and by labels, it shows on both sides, and is in use until removed", async () => {
  const web = await createServer("web", { labels: { role: "web" } });
  const db = await createServer("db");
  const { id } = await createFirewall("f", { apply_to: [toServer(db.id), toLabels("role=web")] });
  expect(await firewallsOf(web.id)).toEqual([id]);
  expect(await firewallsOf(db.id)).toEqual([id]);
  expect((await lab.get(`/firewalls/${id}`)).body.firewall.applied_to).toEqual([
    { type: "server", server: { id: db.id } },
    { ...toLabels("role=web"), applied_to_resources: [{ type: "server", server: { id: web.id } }] },
  ]);
  expect(codeOf(await act(id, "apply_to_resources", { apply_to: [toServer(db.id)] }))).toBe("firewall_already_applied");
  expect(codeOf(await act(id, "remove_from_resources", { remove_from: [toServer(web.id)] }))).toBe(
    "firewall_managed_by_label_selector",
  );
  const deletion = await lab.delete(`/firewalls/${id}`);
  expect([deletion.status, codeOf(deletion)]).toEqual([422, "resource_in_use"]);
  await lab.put(`/servers/${web.id}`, { labels: {} });
  expect(await firewallsOf(web.id)).toEqual([]);
  await act(id, "remove_from_resources", { remove_from: [toServer(db.id), toLabels("role=web")] });
  expect(await firewallsOf(db.id)).toEqual([]);
  expect((await lab.delete(`/firewalls/${id}`)).status).toBe(204);
});

test("nothing is half applied: one unknown server undoes the rest of the request", async () => {
  const db = await createServer("db");
  const { id } = await createFirewall();
  const answer = await act(id, "apply_to_resources", { apply_to: [toServer(db.id), toServer(4711)] });
  expect([answer.status, codeOf(answer)]).toEqual([404, "firewall_resource_not_found"]);
  expect(await firewallsOf(db.id)).toEqual([]);
});

test("a server has at most five, label selectors included", async () => {
  const server = await createServer("s", { labels: { a: "b" } });
  await createFirewall("f0", { apply_to: [toLabels("a=b")] });
  for (let i = 1; i < 5; i++) await createFirewall(`f${i}`, { apply_to: [toServer(server.id)] });
  const sixth = await lab.post("/firewalls", { name: "f5", apply_to: [toServer(server.id)] });
  expect(codeOf(sixth)).toBe("resource_limit_exceeded");
  expect((await lab.get("/firewalls?name=f5")).body.firewalls).toEqual([]);
});

test("a server without public addresses cannot have one", async () => {
  const server = await createServer("s", {
    public_net: { enable_ipv4: false, enable_ipv6: false },
    start_after_create: false,
  });
  const { id } = await createFirewall();
  expect(codeOf(await act(id, "apply_to_resources", { apply_to: [toServer(server.id)] }))).toBe(
    "private_net_only_server",
  );
});
