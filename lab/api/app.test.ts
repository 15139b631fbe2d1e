import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestLab, TEST_TOKEN, type TestLab } from "./testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const raw = (path: string, init?: RequestInit) => lab.app.request(path, init);
const bearer = { Authorization: `Bearer ${TEST_TOKEN}` };

describe("the door", () => {
  test.each([undefined, "", "Bearer", "Bearer wrong", `Basic ${TEST_TOKEN}`, `Bearer ${TEST_TOKEN}x`])(
    "without the right token (%s) everything is 401, unknown paths too",
    async (Authorization) => {
      for (const path of ["/v1/servers", "/v1/nothing", "/_lab/state", "/_lab/faults"]) {
        const response = await raw(path, Authorization === undefined ? {} : { headers: { Authorization } });
        expect([path, response.status]).toEqual([path, 401]);
        expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
      }
    },
  );

  test("health needs no token and tells no secret", async () => {
    const text = await (await raw("/_lab/health")).text();
    expect(JSON.parse(text)).toMatchObject({ status: "ok" });
    expect(text).not.toContain(TEST_TOKEN);
  });

  test("unknown paths and methods are 404 not_found", async () => {
    expect(await lab.get("/nothing")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await lab.put("/servers")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await lab.get("/servers/1%20OR%201")).toMatchObject({ status: 404 });
  });

  test("datacenters are gone", async () => {
    expect(await lab.get("/datacenters")).toMatchObject({
      status: 410,
      body: { error: { code: "deprecated_api_endpoint" } },
    });
    expect((await lab.get("/datacenters/1")).status).toBe(410);
  });

  test("a body that is not JSON is json_error, one that is no object names what is wrong", async () => {
    expect(await lab.post("/networks", "{")).toMatchObject({ status: 400, body: { error: { code: "json_error" } } });
    for (const body of ["[]", "null", "7", "[".repeat(100_000) + "]".repeat(100_000)]) {
      expect((await lab.post("/networks", body)).status).toBe(422);
    }
  });

  test("all fields that do not fit are named at once", async () => {
    const { status, body } = await lab.post("/networks", { name: 7, ip_range: null, subnets: [{ type: "x" }] });
    expect(status).toBe(422);
    expect(body.error.details.fields.map((field: { name: string }) => field.name)).toEqual([
      "name",
      "ip_range",
      "subnets.0.type",
      "subnets.0.network_zone",
    ]);
  });

  test("a body of more than 1 MiB is refused", async () => {
    const response = await raw("/v1/networks", { method: "POST", headers: bearer, body: "x".repeat(1024 * 1024 + 1) });
    expect(response.status).toBe(413);
  });

  test("a bug in a handler is a plain server_error; its stack goes to the log only", async () => {
    const lines: string[] = [];
    const broken = openTestLab({ log: (line) => lines.push(line) });
    broken.lab.store.all = () => {
      throw new Error("secret detail");
    };
    const { status, body } = await broken.get("/servers");
    broken.close();
    expect([status, body.error.code]).toEqual([500, "server_error"]);
    expect(JSON.stringify(body)).not.toMatch(/secret|at .*\.ts/);
    expect(lines.join("\n")).toContain("secret detail");
  });

  test("the log has no query, no body and no token", async () => {
    const lines: string[] = [];
    const logging = openTestLab({ log: (line) => lines.push(line) });
    await logging.post("/servers?secret=query", {
      name: "a",
      server_type: "cpx22",
      image: "debian-13",
      user_data: "secret user data",
    });
    logging.close();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^POST \/v1\/servers 201 [\d.]+ ms$/);
  });
});

test("the state counts records per kind, and everything but actions", async () => {
  const empty = await lab.get("/_lab/state");
  expect(empty.body).toMatchObject({ resources: 0, driver: "none", counts: { servers: 0, zones: 0, actions: 0 } });
  await lab.post("/servers", { name: "a", server_type: "cpx22", image: "debian-13", location: "fsn1" });
  const { resources, counts } = (await lab.get("/_lab/state")).body;
  expect([resources, counts.servers, counts.primary_ips]).toEqual([3, 1, 2]);
  expect(counts.actions).toBeGreaterThan(0);
});

describe("lists", () => {
  beforeEach(async () => {
    for (let i = 0; i < 60; i++) {
      const labels = { parity: i % 2 ? "odd" : "even" };
      await lab.post("/placement_groups", { name: `g${String(59 - i).padStart(2, "0")}`, type: "spread", labels });
    }
  });
  const names = (body: { placement_groups: { name: string }[] }) => body.placement_groups.map((group) => group.name);

  test("pages: 25 unless asked, 50 at most, with meta and Link", async () => {
    // 50 groups are the project's limit, so 50 of the 60 exist.
    const first = await lab.get("/placement_groups");
    expect(first.body.placement_groups).toHaveLength(25);
    expect(first.body.meta.pagination).toEqual({
      page: 1,
      per_page: 25,
      previous_page: null,
      next_page: 2,
      last_page: 2,
      total_entries: 50,
    });
    expect(first.headers.get("Link")).toContain('/placement_groups?page=2>; rel="next"');
    expect((await lab.get("/placement_groups?per_page=1000")).body.placement_groups).toHaveLength(50);
    const third = (await lab.get("/placement_groups?per_page=20&page=3")).body;
    expect(third.placement_groups).toHaveLength(10);
    expect(third.meta.pagination).toMatchObject({ previous_page: 2, next_page: null, last_page: 3 });
    expect((await lab.get("/placement_groups?page=9")).body.placement_groups).toEqual([]);
  });

  test.each(["page=0", "page=x", "per_page=-1", "sort=color", "sort=name:up", "label_selector=%3D"])(
    "%s is invalid_input",
    async (query) => {
      expect(await lab.get(`/placement_groups?${query}`)).toMatchObject({
        status: 422,
        body: { error: { code: "invalid_input", details: { fields: [{ name: query.split("=")[0] }] } } },
      });
    },
  );

  test("sorting, label selectors and filters work together", async () => {
    const { body } = await lab.get("/placement_groups?label_selector=parity%3Dodd&sort=name:desc&per_page=3");
    expect(names(body)).toEqual(["g58", "g56", "g54"]);
    expect(names((await lab.get("/placement_groups?name=g58&name=g57&sort=name")).body)).toEqual(["g57", "g58"]);
  });
});

describe("the rate limit", () => {
  test("every answer carries the account, which refills", async () => {
    const limited = openTestLab({ rateLimit: 3600 });
    await limited.get("/locations");
    const { headers } = await limited.get("/locations");
    expect([headers.get("RateLimit-Limit"), headers.get("RateLimit-Remaining")]).toEqual(["3600", "3598"]);
    const reset = Number(headers.get("RateLimit-Reset")) - limited.lab.now() / 1000;
    expect(reset).toBe(2);
    limited.pass(1000);
    expect((await limited.get("/locations")).headers.get("RateLimit-Remaining")).toBe("3598");
    limited.close();
  });

  test("enforced, an empty account is 429", async () => {
    const limited = openTestLab({ rateLimit: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await limited.get("/locations")).status);
    expect(statuses).toEqual([200, 200, 429]);
    limited.pass(1_800_000);
    expect((await limited.get("/locations")).status).toBe(200);
    limited.close();
  });
});
