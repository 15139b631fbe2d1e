import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const codeOf = ({ body }: { body: { error?: { code: string } } }) => body.error?.code;
const act = (id: number, action: string, body: object = {}) => lab.post(`/primary_ips/${id}/actions/${action}`, body);
async function createIp(more: object = {}) {
  const { body } = await lab.post("/primary_ips", { name: "ip", type: "ipv4", location: "fsn1", ...more });
  return body.primary_ip;
}
async function createServer(more: object = {}) {
  const body = { name: "s", server_type: "cpx22", image: "debian-13", location: "fsn1", ...more };
  return (await lab.post("/servers", body)).body.server;
}

test("servers get their own addresses, distinct ones, which go with them", async () => {
  const servers = [await createServer(), await createServer({ name: "t" })];
  const ips = (await lab.get("/primary_ips")).body.primary_ips;
  expect(ips).toHaveLength(4);
  expect(new Set(ips.map((ip: { ip: string }) => ip.ip)).size).toBe(4);
  expect(ips.every((ip: { auto_delete: boolean }) => ip.auto_delete)).toBe(true);
  for (const server of servers) await lab.delete(`/servers/${server.id}`);
  expect((await lab.get("/primary_ips")).body.primary_ips).toEqual([]);
});

test("assigning and unassigning need the server off", async () => {
  const server = await createServer({ public_net: { enable_ipv4: false, enable_ipv6: true } });
  const { id, ip } = await createIp();
  expect(codeOf(await act(id, "assign", { assignee_id: server.id }))).toBe("server_not_stopped");
  await lab.post(`/servers/${server.id}/actions/poweroff`);
  expect((await act(id, "assign", { assignee_id: server.id, assignee_type: "server" })).status).toBe(201);
  expect((await lab.get(`/servers/${server.id}`)).body.server.public_net.ipv4).toMatchObject({ id, ip });
  expect(codeOf(await act(id, "assign", { assignee_id: server.id }))).toBe("primary_ip_already_assigned");
  const deletion = await lab.delete(`/primary_ips/${id}`);
  expect([deletion.status, codeOf(deletion)]).toEqual([422, "must_be_unassigned"]);
  await lab.post(`/servers/${server.id}/actions/poweron`);
  expect(codeOf(await act(id, "unassign"))).toBe("server_not_stopped");
  await lab.post(`/servers/${server.id}/actions/poweroff`);
  expect((await act(id, "unassign")).status).toBe(201);
  expect((await lab.delete(`/primary_ips/${id}`)).status).toBe(204);
});

test("one address of each type, of the right type, in the server's location", async () => {
  const server = await createServer({ start_after_create: false });
  const { id } = await createIp();
  expect(codeOf(await act(id, "assign", { assignee_id: server.id }))).toBe("server_has_ipv4");
  const six = await createIp({ name: "six", type: "ipv6" });
  expect(codeOf(await act(six.id, "assign", { assignee_id: server.id }))).toBe("server_has_ipv6");
  const wrong = { name: "t", server_type: "cpx22", image: "debian-13", location: "fsn1", public_net: { ipv4: six.id } };
  expect(codeOf(await lab.post("/servers", wrong))).toBe("primary_ip_version_mismatch");
  const bare = await createServer({
    name: "u",
    location: "nbg1",
    start_after_create: false,
    public_net: { enable_ipv4: false },
  });
  expect(codeOf(await act(id, "assign", { assignee_id: bare.id }))).toBe("invalid_input");
});

test("an address is created with its assignee, renamed, protected, and stays when its server goes", async () => {
  const server = await createServer({ start_after_create: false, public_net: { enable_ipv4: false } });
  const { id } = await createIp({ location: undefined, assignee_id: server.id, assignee_type: "server" });
  await lab.put(`/primary_ips/${id}`, { name: "new", auto_delete: false });
  await act(id, "change_protection", { delete: true });
  await lab.delete(`/servers/${server.id}`);
  const { primary_ip } = (await lab.get(`/primary_ips/${id}`)).body;
  expect(primary_ip).toMatchObject({ name: "new", assignee_id: null, location: { name: "fsn1" } });
  expect(codeOf(await lab.delete(`/primary_ips/${id}`))).toBe("protected");
});

test("found by address; reverse DNS of an address in the IPv6 network", async () => {
  const { id, ip } = await createIp({ type: "ipv6" });
  expect((await lab.get(`/primary_ips?ip=${ip.replace("/64", "")}`)).body.primary_ips).toMatchObject([{ id }]);
  const address = ip.replace("::/64", "::25");
  await act(id, "change_dns_ptr", { ip: address, dns_ptr: "mail.example.com" });
  expect((await lab.get(`/primary_ips/${id}`)).body.primary_ip.dns_ptr).toEqual([
    { ip: address, dns_ptr: "mail.example.com" },
  ]);
  expect(codeOf(await act(id, "change_dns_ptr", { ip: "2001:db8:ffff::1", dns_ptr: "x.example.com" }))).toBe(
    "invalid_input",
  );
});

test("the same name, and a missing location", async () => {
  await createIp();
  expect(codeOf(await lab.post("/primary_ips", { name: "ip", type: "ipv4", location: "fsn1" }))).toBe(
    "uniqueness_error",
  );
  expect(codeOf(await lab.post("/primary_ips", { name: "x", type: "ipv4" }))).toBe("invalid_input");
});
