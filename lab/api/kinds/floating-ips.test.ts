import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answered, openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

function refusal({ status, body }: Answered): [number, string, string | undefined] {
  return [status, body.error.code, body.error.details?.fields?.[0]?.name];
}
const newServer = async (name: string): Promise<number> => {
  const { body } = await lab.post("/servers", { name, server_type: "cpx22", image: "debian-13", location: "nbg1" });
  return body.server.id;
};
const ofServer = async (id: number) => (await lab.get(`/servers/${id}`)).body.server.public_net.floating_ips;

test("an address moves between servers and goes with none of them", async () => {
  const [a, b] = [await newServer("a"), await newServer("b")];
  const { status, body } = await lab.post("/floating_ips", { type: "ipv4", name: "entry", server: a });
  expect(status).toBe(201);
  expect(body.action).toMatchObject({ command: "assign_floating_ip", status: "success" });
  expect(body.floating_ip).toMatchObject({ server: a, home_location: { name: "nbg1" }, type: "ipv4", blocked: false });
  const { id } = body.floating_ip;
  expect(await ofServer(a)).toEqual([id]);
  const act = (name: string, given?: object) => lab.post(`/floating_ips/${id}/actions/${name}`, given);
  expect((await act("assign", { server: b })).body.action.resources).toContainEqual({ type: "server", id: b });
  expect([await ofServer(a), await ofServer(b)]).toEqual([[], [id]]);
  expect(refusal(await act("assign", { server: b })).slice(0, 2)).toEqual([422, "floating_ip_assigned"]);
  expect(refusal(await act("assign", { server: 1 }))).toEqual([422, "invalid_input", "server"]);
  expect(refusal(await lab.delete(`/floating_ips/${id}`)).slice(0, 2)).toEqual([422, "must_be_unassigned"]);
  await lab.delete(`/servers/${b}`);
  expect((await lab.get(`/floating_ips/${id}`)).body.floating_ip.server).toBeNull();
  await act("assign", { server: a });
  await act("unassign");
  expect(await ofServer(a)).toEqual([]);
  expect((await lab.delete(`/floating_ips/${id}`)).status).toBe(204);
});

test("an assignment holds once its action is over, and not when it fails", async () => {
  lab.close();
  lab = openTestLab({ actionDuration: 1000 });
  const server = await newServer("a");
  lab.pass(5000);
  const { body } = await lab.post("/floating_ips", { type: "ipv4", home_location: "fsn1" });
  const path = `/floating_ips/${body.floating_ip.id}`;
  await lab.post("/_lab/faults", { type: "action_error", command: "assign_floating_ip", count: 1 });
  for (const expected of [null, server]) {
    await lab.post(`${path}/actions/assign`, { server });
    expect((await lab.get(path)).body.floating_ip.server).toBeNull();
    expect((await lab.post(`${path}/actions/unassign`)).body.error.code).toBe("locked");
    lab.pass(1000);
    expect((await lab.get(path)).body.floating_ip.server).toBe(expected);
  }
});

test("places, names and protection are checked", async () => {
  const post = (body: object) => lab.post("/floating_ips", body);
  expect(refusal(await post({ type: "ipv4" }))).toEqual([422, "invalid_input", "home_location"]);
  expect(refusal(await post({ type: "ipv4", home_location: "mars" }))).toEqual([422, "invalid_input", "home_location"]);
  expect(refusal(await post({ type: "ipv5", home_location: "fsn1" }))).toEqual([422, "invalid_input", "type"]);
  const { body } = await post({ type: "ipv4", name: "a", home_location: "hel1", description: "x" });
  expect(refusal(await post({ type: "ipv4", name: "a", home_location: "hel1" }))).toEqual([
    409,
    "uniqueness_error",
    "name",
  ]);
  const path = `/floating_ips/${body.floating_ip.id}`;
  expect((await lab.put(path, { name: "b" })).body.floating_ip).toMatchObject({ name: "b", description: "x" });
  await lab.post(`${path}/actions/change_protection`, { delete: true });
  expect(refusal(await lab.delete(path)).slice(0, 2)).toEqual([423, "protected"]);
});

test("reverse DNS: a name for the IPv4, single addresses of the IPv6 network", async () => {
  const made = await Promise.all(
    ["ipv4", "ipv6"].map((type) => lab.post("/floating_ips", { type, home_location: "fsn1" })),
  );
  const [v4, v6] = made.map((answer) => answer.body.floating_ip);
  expect(v4.dns_ptr).toEqual([{ ip: v4.ip, dns_ptr: expect.stringContaining("your-server.de") }]);
  expect(v6.ip).toMatch(/::\/64$/);
  const address = v6.ip.replace("/64", "5");
  const set = (ip: { id: number }, body: object) => lab.post(`/floating_ips/${ip.id}/actions/change_dns_ptr`, body);
  expect((await set(v6, { ip: address, dns_ptr: "five.example.com" })).status).toBe(201);
  expect((await lab.get(`/floating_ips/${v6.id}`)).body.floating_ip.dns_ptr).toEqual([
    { ip: address, dns_ptr: "five.example.com" },
  ]);
  expect(refusal(await set(v4, { ip: address, dns_ptr: "x.example.com" }))).toEqual([422, "invalid_input", "ip"]);
});
