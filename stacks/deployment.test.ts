import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { watchFiles } from "../components/monitoring/watch.ts";
import { type PlannedResource, planWithoutProvider } from "../components/nothing-exists.ts";
import { parseStackConfig } from "./config/parse.ts";
import { createDeployment, type Deployment } from "./deployment.ts";

let planned: PlannedResource[];
let shop: Deployment;

beforeAll(async () => {
  planned = await planWithoutProvider("sovereign", "shop");
  const parsed = parseStackConfig({
    topology: "single-region",
    domain: "shop.example.eu",
    dns: { zone: "example.eu", create: true },
    admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
    app: { workload: { kind: "service", command: ["/usr/bin/shop"] } },
    pki: { generation: 2 },
    monitoring: {
      probes: ["https://shop.example.eu/healthz"],
      receivers: [
        { kind: "webhook", url: "https://alerts.example.eu/hook", token: "the-token", severities: ["critical"] },
        { kind: "webhook", url: "https://alive.example.eu/ping", heartbeat: true },
      ],
    },
    postgres: {
      parameters: { random_page_cost: 1.25 },
      restore: { target: "2026-11-20 14:30:00+00" },
      backup: {
        endpoint: "s3.example.eu",
        country: "DE",
        region: "eu",
        bucket: "backups",
        accessKey: "the-access-key",
        secretKey: "the-secret-key",
      },
    },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  shop = createDeployment(parsed.config, "shop");
  // Servers come after everything that their user data is made of, attachments after the servers.
  const made = (type: string) => planned.filter((r) => r.type.endsWith(`:${type}`)).length;
  await vi.waitUntil(() => made("Server") === 9 && made("VolumeAttachment") === 7, { timeout: 30_000, interval: 50 });
});

describe("single-region", () => {
  it("opens to each other just what must talk: a change here is a change of who reaches data", () => {
    const matrix = new Map<string, Set<string>>();
    for (const host of shop.hosts) {
      for (const { port, from } of host.machine.openings) {
        const key = `${host.role}:${port}`;
        matrix.set(key, new Set([...(matrix.get(key) ?? []), ...from]));
      }
    }
    const lines = [...matrix].map(([to, from]) => `${to} <- ${[...from].sort().join(", ")}`);
    expect(lines.filter((line) => !/ <- monitoring$/.test(line)).sort()).toMatchInlineSnapshot(`
      [
        "app:80 <- load-balancer",
        "monitoring:19532 <- app, etcd, gateway, monitoring, postgres, redis",
        "monitoring:9095 <- redis",
        "postgres:2379 <- etcd, postgres",
        "postgres:2380 <- etcd, postgres",
        "postgres:5432 <- app, postgres",
        "postgres:8008 <- app, monitoring, postgres",
        "redis:26379 <- app, redis",
        "redis:6379 <- app, redis",
        "redis:6380 <- app, redis",
      ]
    `);
  });

  it("opens nothing to the outside but SSH for administrators", () => {
    const firewalls = planned.filter((r) => r.type === "hcloud:index/firewall:Firewall");
    expect(
      firewalls.map((f) => (f.inputs.rules as { port?: string; sourceIps: string[] }[]).filter((r) => r.port)),
    ).toEqual([[expect.objectContaining({ port: "22", sourceIps: ["203.0.113.10/32"] })]]);
    const servers = planned.filter((r) => r.type === "hcloud:index/server:Server");
    expect(servers).toHaveLength(9);
    for (const server of servers) expect(server.inputs.firewallIds).toHaveLength(1);
  });

  it("shows what will be on each machine, and no secret with it", () => {
    const hosts = planned.filter((r) => r.type === "sovereign:host:Host");
    expect(hosts).toHaveLength(9);
    for (const host of hosts) {
      const text = gunzipSync(Buffer.from(String(host.inputs.userData), "base64")).toString();
      expect(text.startsWith("#cloud-config\n")).toBe(true);
      expect(text).not.toMatch(/secret-of-|the-access-key|the-secret-key|the-token|PRIVATE KEY/);
    }
  });

  it("carries the configuration to the machines", () => {
    const filesOf = (role: string) =>
      shop.hosts
        .filter((host) => host.role === role)
        .map(({ machine }) => machine.cloudConfig.files.map((file) => file.content).join("\n"));
    for (const text of filesOf("postgres")) {
      expect(text).toMatch(/random_page_cost\W+1\.25/);
      expect(text).toContain("2026-11-20 14:30:00+00");
    }
    const [monitoring] = filesOf("monitoring");
    for (const part of [
      "https://shop.example.eu/healthz",
      "https://alive.example.eu/ping",
      "alert-receiver.webhook-1",
    ]) {
      expect(monitoring).toContain(part);
    }
    expect(monitoring).toMatch(/webhook-1\s+matchers:\s+- severity =~ "critical"/);
    expect(monitoring).toMatch(/webhook-2\s+matchers:\s+- alertname = "Watchdog"/);
  });

  it("watches the monitoring host from the first Redis host, which can tell those who take critical alerts", () => {
    const watchers = shop.hosts.filter((host) =>
      host.machine.cloudConfig.files.some((file) => file.path === watchFiles.settings),
    );
    expect(watchers.map((host) => host.hostname)).toEqual(["shop-redis-fsn1-1"]);
    const [{ machine }] = watchers as [(typeof watchers)[number]];
    expect(machine.egress.map((need) => need.host)).toContain("alerts.example.eu");
    expect(machine.egress.map((need) => need.host)).not.toContain("alive.example.eu");
    expect(machine.cloudConfig.files.map((file) => file.path)).toContain("/etc/sovereign/watch/webhook-1");
  });

  it("keeps what holds data from being deleted, at the provider too", () => {
    const held = planned
      .filter((r) => r.inputs.deleteProtection === true)
      .map((r) => `${r.type.split(":").at(-1)} ${r.name}`);
    expect(held.filter((name) => !name.startsWith("Server ") && !name.startsWith("Volume ")).sort()).toEqual([
      "LoadBalancer shop-load-balancer-fsn1",
      "Network shop",
      "Zone shop-zone",
    ]);
    expect(held.filter((name) => name.startsWith("Volume "))).toHaveLength(7);
    expect(held.filter((name) => name.startsWith("Server "))).toHaveLength(7);
  });
});
