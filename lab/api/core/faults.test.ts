import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";
import { Faults } from "./faults.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const fault = (spec: object) => lab.post("/_lab/faults", spec);

test("a fault hits the requests that it names, as often as it says", async () => {
  await fault({ type: "server_error", status: 503, method: "GET", path: "/servers", count: 2 });
  const statuses = [];
  for (const path of ["/volumes", "/servers", "/servers/1", "/servers"]) statuses.push((await lab.get(path)).status);
  expect(statuses).toEqual([200, 503, 503, 200]);
  await fault({ type: "server_error", method: "GET", path: "/servers" });
  expect((await lab.post("/servers", {})).status).toBe(422);
  expect((await lab.get("/_lab/faults")).body.faults).toMatchObject([{ hits: 2 }, { hits: 0 }]);
});

test("a path with * names one segment", async () => {
  await fault({ type: "server_error", path: "/servers/*/actions" });
  expect((await lab.get("/servers/1")).status).toBe(404);
  expect((await lab.get("/servers/1/actions")).status).toBe(500);
});

test("502 and 504 look like a proxy's, not like the API's", async () => {
  await fault({ type: "server_error", status: 502 });
  const response = await lab.app.request("/v1/servers", {
    headers: { Authorization: `Bearer ${"test-token-".repeat(5)}test-token` },
  });
  expect([response.status, response.headers.get("Content-Type")]).toEqual([502, expect.stringMatching(/^text\/plain/)]);
});

test("rate_limit answers 429 with an empty account", async () => {
  await fault({ type: "rate_limit", count: 1 });
  const { status, headers, body } = await lab.get("/servers");
  expect([status, body.error.code, headers.get("RateLimit-Remaining")]).toEqual([429, "rate_limit_exceeded", "0"]);
  expect((await lab.get("/servers")).status).toBe(200);
});

test("action_duration and action_error concern the command that they name", async () => {
  await fault({ type: "action_duration", command: "create_volume", ms: 500 });
  await fault({ type: "action_error", command: "resize_volume" });
  const { volume, action } = (await lab.post("/volumes", { name: "v", size: 10, location: "fsn1" })).body;
  expect([action.status, volume.status]).toEqual(["running", "creating"]);
  expect((await lab.post(`/volumes/${volume.id}/actions/resize`, { size: 20 })).body.error.code).toBe("locked");
  lab.pass(250);
  expect((await lab.get(`/actions/${action.id}`)).body.action).toMatchObject({ status: "running", progress: 50 });
  lab.pass(250);
  expect((await lab.get(`/actions/${action.id}`)).body.action.status).toBe("success");
  const resized = await lab.post(`/volumes/${volume.id}/actions/resize`, { size: 20 });
  expect(resized.body.action).toMatchObject({ status: "error", error: { code: "action_failed" } });
});

test("a timeout drops the request before it is carried out, or only its answer", async () => {
  const body = { name: "g", type: "spread" };
  await fault({ type: "timeout", ms: 0, count: 1 });
  expect((await lab.post("/placement_groups", body)).status).toBe(504);
  expect((await lab.get("/placement_groups")).body.placement_groups).toEqual([]);
  await fault({ type: "timeout", ms: 0, count: 1, performed: true, method: "POST" });
  expect((await lab.post("/placement_groups", body)).status).toBe(504);
  expect((await lab.get("/placement_groups")).body.placement_groups).toHaveLength(1);
});

test("faults are listed, removed one by one and all at once; what does not fit is named", async () => {
  const { id } = (await fault({ type: "latency", ms: 0 })).body.fault;
  await fault({ type: "rate_limit", path: "/nothing" });
  expect((await lab.delete(`/_lab/faults/${id}`)).status).toBe(204);
  expect((await lab.delete(`/_lab/faults/${id}`)).status).toBe(404);
  expect((await lab.get("/_lab/faults")).body.faults).toHaveLength(1);
  await lab.delete("/_lab/faults");
  expect((await lab.get("/_lab/faults")).body.faults).toEqual([]);
  for (const bad of [{ type: "flood" }, { type: "latency" }, { type: "latency", ms: 1, extra: 1 }, "{"]) {
    expect((await fault(bad as object)).status).toBeGreaterThanOrEqual(400);
  }
});

test("a probability is drawn from the seed: the same seed hits the same requests", () => {
  const draw = (seed: number) => {
    const faults = new Faults([{ type: "rate_limit", probability: 0.3 }], seed);
    return Array.from({ length: 1000 }, () => faults.hit("rate_limit") !== undefined);
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const share = draw(7).filter(Boolean).length / 1000;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.35);
});
