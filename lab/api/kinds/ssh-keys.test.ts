import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

// Fingerprints as `ssh-keygen -l -E md5` prints them for these keys.
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f someone@example";
const OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4g";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

test("a key is created with its real fingerprint, read, renamed and deleted", async () => {
  const created = await lab.post("/ssh_keys", { name: "a", public_key: KEY, labels: { team: "ops" } });
  expect(created.status).toBe(201);
  expect(created.body.ssh_key).toMatchObject({
    name: "a",
    fingerprint: "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba",
    labels: { team: "ops" },
  });
  const { id } = created.body.ssh_key;
  expect((await lab.get(`/ssh_keys/${id}`)).body.ssh_key).toEqual(created.body.ssh_key);
  expect((await lab.put(`/ssh_keys/${id}`, { name: "b" })).body.ssh_key).toMatchObject({
    name: "b",
    labels: { team: "ops" },
  });
  expect((await lab.delete(`/ssh_keys/${id}`)).status).toBe(204);
  expect((await lab.get(`/ssh_keys/${id}`)).body.error.code).toBe("not_found");
});

test("the same name or key twice is a uniqueness_error", async () => {
  await lab.post("/ssh_keys", { name: "a", public_key: KEY });
  const sameKey = await lab.post("/ssh_keys", { name: "b", public_key: KEY });
  const sameName = await lab.post("/ssh_keys", { name: "a", public_key: OTHER });
  expect([sameKey.status, sameKey.body.error.code]).toEqual([409, "uniqueness_error"]);
  expect([sameName.status, sameName.body.error.code]).toEqual([409, "uniqueness_error"]);
  expect(sameKey.body.error.details.fields[0].name).toBe("fingerprint");
});

test.each(["", "ssh-ed25519", "ssh-ed25519 AAAA", `ssh-rsa ${KEY.split(" ")[1]}`, "x".repeat(20_000)])(
  "what is not an OpenSSH key is invalid_input: %.30s",
  async (public_key) => {
    const { status, body } = await lab.post("/ssh_keys", { name: "a", public_key });
    expect([status, body.error.code, body.error.details.fields[0].name]).toEqual([422, "invalid_input", "public_key"]);
  },
);

test("keys are found by name and by fingerprint", async () => {
  const { body } = await lab.post("/ssh_keys", { name: "a", public_key: KEY });
  await lab.post("/ssh_keys", { name: "b", public_key: OTHER });
  const found = await lab.get(`/ssh_keys?fingerprint=${body.ssh_key.fingerprint}`);
  expect(found.body.ssh_keys.map((key: { name: string }) => key.name)).toEqual(["a"]);
  expect((await lab.get("/ssh_keys?name=b")).body.meta.pagination.total_entries).toBe(1);
});
