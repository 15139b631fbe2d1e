import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const codeOf = ({ body }: { body: { error?: { code: string } } }) => body.error?.code;
const act = (id: number, action: string, body: object = {}) => lab.post(`/volumes/${id}/actions/${action}`, body);
const read = async (id: number) => (await lab.get(`/volumes/${id}`)).body.volume;
async function createVolume(more: object = {}) {
  return (await lab.post("/volumes", { name: "v", size: 10, location: "fsn1", ...more })).body.volume;
}
async function createServer(name = "s", location = "fsn1") {
  return (await lab.post("/servers", { name, server_type: "cpx22", image: "debian-13", location })).body.server;
}

test("a volume is created, becomes available and has its device", async () => {
  const slow = openTestLab({ actionDuration: 100 });
  const { body } = await slow.post("/volumes", { name: "v", size: 10, location: 1, format: "ext4" });
  expect(body.volume).toMatchObject({ status: "creating", location: { name: "fsn1" }, format: "ext4", server: null });
  expect(body.volume.linux_device).toBe(`/dev/disk/by-id/scsi-0HC_Volume_${body.volume.id}`);
  slow.pass(100);
  expect((await slow.get(`/volumes/${body.volume.id}`)).body.volume.status).toBe("available");
  slow.close();
});

test.each([
  ["size", { size: 9 }],
  ["size", { size: 10_241 }],
  ["size", { size: 10.5 }],
  ["name", { name: "-v" }],
  ["name", { name: "x".repeat(65) }],
  ["location", { location: "mars" }],
  ["location", { location: undefined }],
  ["format", { format: "ntfs" }],
  ["automount", { automount: true }],
  ["server", { location: undefined, server: 4711 }],
])("what does not fit is invalid_input in %s", async (field, more) => {
  const answer = await lab.post("/volumes", { name: "v", size: 10, location: "fsn1", ...more });
  expect([codeOf(answer), answer.body.error.details.fields[0].name]).toEqual(["invalid_input", field]);
});

test("with a server it goes to the server's location and is attached by a next action", async () => {
  const server = await createServer("s", "hel1");
  const { body } = await lab.post("/volumes", { name: "v", size: 10, server: server.id });
  expect(body.next_actions).toMatchObject([{ command: "attach_volume" }]);
  expect(body.volume).toMatchObject({ server: server.id, location: { name: "hel1" } });
});

test("attach and detach: one server at a time, in its own location", async () => {
  const [here, there] = [await createServer("a"), await createServer("b", "nbg1")];
  const { id } = await createVolume();
  expect(codeOf(await act(id, "attach", { server: there.id }))).toBe("invalid_input");
  expect((await act(id, "attach", { server: here.id })).status).toBe(201);
  expect(codeOf(await act(id, "attach", { server: here.id }))).toBe("volume_already_attached");
  expect(codeOf(await lab.delete(`/volumes/${id}`))).toBe("resource_in_use");
  await act(id, "detach");
  expect((await read(id)).server).toBeNull();
  expect(codeOf(await act(id, "detach"))).toBe("invalid_input");
  expect((await lab.delete(`/volumes/${id}`)).status).toBe(204);
});

test("sixteen volumes fit on a server", async () => {
  const server = await createServer();
  for (let i = 0; i < 16; i++) {
    expect((await lab.post("/volumes", { name: `v${i}`, size: 10, server: server.id })).status).toBe(201);
  }
  expect(codeOf(await lab.post("/volumes", { name: "v16", size: 10, server: server.id }))).toBe(
    "resource_limit_exceeded",
  );
  expect((await lab.get("/volumes?name=v16")).body.volumes).toEqual([]);
});

test("a volume only grows", async () => {
  const { id } = await createVolume({ size: 20 });
  expect(codeOf(await act(id, "resize", { size: 20 }))).toBe("invalid_input");
  await act(id, "resize", { size: 30 });
  expect((await read(id)).size).toBe(30);
});

test("a protected volume is not deleted", async () => {
  const { id } = await createVolume();
  await act(id, "change_protection", { delete: true });
  expect(codeOf(await lab.delete(`/volumes/${id}`))).toBe("protected");
});
