import { afterEach, describe, expect, test } from "vitest";
import type { LabDriver, LabView } from "../api/driver.ts";
import { openTestLab, TEST_TOKEN, type TestLab } from "../api/testing.ts";
import type { PageView } from "./model.ts";
import { buildShop, type Post, TSIG_SECRET, USER_DATA_SECRET } from "./testing.ts";

let lab: TestLab;
afterEach(() => lab.close());

const post: Post = async (path, body) => {
  const answer = await lab.post(path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const view = async (): Promise<PageView> => (await lab.get("/_lab/view")).body;

async function shop(servers: number, options: Parameters<typeof openTestLab>[0] = {}): Promise<PageView> {
  lab = openTestLab({ name: "trial", ...options });
  await buildShop(post, servers);
  return view();
}

const serverCalled = ({ servers }: PageView, name: string) => servers.rows.find((server) => server.name === name);

describe("a shop without machines", () => {
  test("servers come by name as people count, with what belongs to them", async () => {
    const seen = await shop(20);
    const names = seen.servers.rows.map(({ name }) => name);
    expect(seen.servers.total).toBe(20);
    expect(names.indexOf("shop-app-fsn1-7")).toBeLessThan(names.indexOf("shop-app-fsn1-13"));
    expect(serverCalled(seen, "shop-postgres-fsn1-4")).toMatchObject({
      status: "running",
      level: "good",
      machine: null,
      action: null,
      type: "cpx22",
      location: "fsn1",
      role: "postgres",
      privateIps: [expect.stringMatching(/^10\.0\.16\.\d+$/)],
      publicIps: [expect.stringMatching(/^[\d.]+$/), expect.stringMatching(/::\/64$/)],
      volumes: ["shop-postgres-fsn1-4-data"],
      firewalls: ["shop-public"],
    });
  });

  test("locations count their servers by role; empty ones are left out", async () => {
    const seen = await shop(20);
    expect(seen.locations.map(({ name }) => name)).toEqual(["fsn1", "nbg1", "hel1"]);
    expect(seen.locations[0]).toMatchObject({ city: "Falkenstein", country: "DE", eu: true, loadBalancers: 1 });
    expect(seen.locations[0]?.roles).toEqual([
      { role: "app", well: 4, changing: 0, off: 0 },
      { role: "postgres", well: 2, changing: 0, off: 0 },
      { role: "redis", well: 1, changing: 0, off: 0 },
    ]);
  });

  test("networks, volumes, firewalls and zones", async () => {
    const seen = await shop(5);
    expect(seen.networks.rows).toMatchObject([
      { name: "shop-1", range: "10.0.0.0/16", subnets: [{ range: "10.0.16.0/20", attached: 6 }, { attached: 0 }] },
    ]);
    expect(seen.volumes.rows).toMatchObject([{ size: 50, format: "ext4", server: "shop-postgres-fsn1-4" }]);
    expect(seen.firewalls.rows).toMatchObject([
      {
        servers: 5,
        selectors: ["stack=shop"],
        rules: ["in tcp 443 from 0.0.0.0/0, ::/0", "in tcp 80 from 0.0.0.0/0, ::/0"],
      },
    ]);
    expect(seen.zones.rows).toMatchObject([
      { name: "old-example.eu", mode: "secondary", total: 0 },
      { name: "shop-example.eu", mode: "primary", total: 5 },
    ]);
    expect(seen.zones.rows[1]?.records).toContainEqual({ name: "@", type: "A", ttl: 3600, values: ["203.0.113.7"] });
  });

  test("a server that is off is bad in its row and its location, and no healthy target", async () => {
    const before = await shop(5);
    const { id } = serverCalled(before, "shop-app-fsn1-1")!;
    await post(`/servers/${id}/actions/poweroff`, {});
    const after = await view();
    expect(serverCalled(after, "shop-app-fsn1-1")).toMatchObject({ status: "off", level: "bad" });
    expect(after.locations[0]?.roles[0]).toEqual({ role: "app", well: 0, changing: 0, off: 1 });
    expect(after.loadBalancers.rows[0]?.services).toMatchObject([
      { listenPort: 80, check: "http :8080/ every 15 s", healthy: 2, unhealthy: 1, total: 3 },
      { listenPort: 443, check: "http :8080/readyz every 3 s", healthy: 2, unhealthy: 1, total: 3 },
    ]);
    expect(after.loadBalancers.rows[0]?.services[0]?.targets[0]).toEqual({
      name: "shop-app-fsn1-1",
      health: "unhealthy",
    });
  });

  test("an action that runs is told with its server", async () => {
    await shop(1, { actionDuration: 1000 });
    expect((await view()).servers.rows[0]).toMatchObject({ level: "busy", action: "create_server" });
    expect((await view()).lab.actions.running).toBeGreaterThan(0);
    lab.pass(10_000);
    expect((await view()).servers.rows[0]).toMatchObject({ level: "good", action: null });
  });

  test("facts, faults and calls", async () => {
    await shop(1);
    await lab.post("/_lab/faults", { type: "server_error", status: 503, path: "/zones", count: 3 });
    expect((await lab.get("/zones")).status).toBe(503);
    const seen = await view();
    expect(seen.faults).toEqual([
      { id: 1, type: "server_error", settings: "status=503, path=/zones", hits: 1, left: 2 },
    ]);
    expect(seen.calls[0]).toMatchObject({ method: "GET", path: "/v1/zones", status: 503 });
    expect(seen.lab).toMatchObject({ name: "trial", driver: "none", machines: null, calls: seen.calls.length });
    expect(seen.lab.records).toContainEqual({ kind: "servers", count: 1 });
  });

  test("holds no user data, no token, no key, no query", async () => {
    await shop(5);
    await lab.get("/servers?name=hunter2-query");
    await lab.post("/servers", { name: "hunter2-body" });
    const [balancer] = (await view()).loadBalancers.rows;
    await post(`/load_balancers/${balancer?.id}/actions/add_service`, {
      protocol: "http",
      listen_port: 81,
      destination_port: 81,
      health_check: { protocol: "http", port: 81, interval: 3, timeout: 2, retries: 2, http: { path: "/h?k=hunter2" } },
    });
    const text = JSON.stringify(await view());
    expect(text).toContain("shop-app-fsn1-1");
    for (const secret of [USER_DATA_SECRET, TSIG_SECRET, TEST_TOKEN, "hunter2", "password"]) {
      expect(text).not.toContain(secret);
    }
  });

  test("very many rows: the total tells, the first ones are shown", async () => {
    lab = openTestLab();
    for (let i = 0; i < 2100; i++) await post("/volumes", { name: `v${i}`, size: 10, location: "fsn1" });
    const { volumes } = await view();
    expect(volumes.total).toBe(2100);
    expect(volumes.rows).toHaveLength(2000);
    expect(volumes.rows[10]?.name).toBe("v10");
  });
});

test("an empty lab is empty", async () => {
  lab = openTestLab();
  const seen = await view();
  expect(seen).toMatchObject({ locations: [], calls: [], faults: [], servers: { total: 0, rows: [] } });
  expect(seen.lab).toMatchObject({ name: "local", records: [], actions: { running: 0, kept: 0 } });
});

test("with machines a server is well once it has booted", async () => {
  const machines: { server: number; booted: boolean }[] = [];
  const driver: LabDriver = { name: "nspawn", start: (_: LabView) => undefined, machines: () => machines };
  const before = await shop(2, { driver });
  expect(serverCalled(before, "shop-app-fsn1-1")).toMatchObject({ status: "running", level: "busy", machine: null });
  const [one, two] = before.servers.rows;
  machines.push({ server: one!.id, booted: true }, { server: two!.id, booted: false });
  const after = await view();
  expect(after.servers.rows).toMatchObject([
    { level: "good", machine: "booted" },
    { level: "busy", machine: "booting" },
  ]);
  expect(after.lab.machines).toEqual({ booted: 1, booting: 1 });
});
