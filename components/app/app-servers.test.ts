import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Platform } from "../host/platform.ts";
import { planNetwork } from "../network/plan.ts";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import type { AppServersArgs } from "./app-servers.ts";
import { testContainer, testPostgres, testRedis, testService } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});
beforeEach(() => void made.splice(0));

const clientSecrets = (...names: string[]) => Object.fromEntries(names.map((name) => [name, `value-of-${name}`]));

async function create(changes: Partial<AppServersArgs> = {}) {
  const { AppServers } = await import("./app-servers.ts");
  const platform = platformWithoutProvider("shop", ["load-balancer", "app", "monitoring"]);
  const app = new AppServers("shop-app", {
    platform,
    servers: 12,
    workload: testService,
    postgres: {
      client: testPostgres,
      clientSecrets: clientSecrets("postgres-app-password", "postgres-owner-password"),
    },
    redis: {
      client: testRedis,
      clientSecrets: clientSecrets("redis-sessions-password", "redis-cache-password", "redis-monitor-password"),
    },
    ...changes,
  });
  await pulumi.runtime.disconnect();
  return app;
}

/** Text of user data, also where it is a secret, which the engine gets wrapped. */
function text(userData: unknown): string {
  const packed = typeof userData === "string" ? userData : (userData as { value: string }).value;
  return gunzipSync(Buffer.from(packed, "base64")).toString();
}

const servers = () => made.filter((r) => r.type === "hcloud:index/server:Server");

describe("AppServers", () => {
  test("makes stateless servers, spread over groups with room for successors, that the selector finds", async () => {
    const app = await create();
    expect(
      servers()
        .map((r) => r.name)
        .sort(),
    ).toEqual(Array.from({ length: 12 }, (_, index) => `shop-app-fsn1-${index + 1}`).sort());
    expect(made.filter((r) => r.type.includes("PlacementGroup") && r.type.startsWith("hcloud"))).toHaveLength(3);
    const labels = servers()[0]!.inputs.labels as Record<string, string>;
    const selected = Object.fromEntries(app.labelSelector.split(",").map((pair) => pair.split("=")));
    expect(selected).toEqual({ stack: "shop", role: "app", location: "fsn1" });
    expect(labels).toMatchObject(selected);
    // A name of its own would keep a successor from being created first.
    expect(servers()[0]!.inputs.name).toBeUndefined();
  });

  test("scaling changes no server that stays", async () => {
    await create({ servers: 2, maxServers: 6 });
    const two = servers().find((r) => r.name === "shop-app-fsn1-1")!.inputs;
    made.splice(0);
    await create({ servers: 4, maxServers: 6 });
    const four = servers().find((r) => r.name === "shop-app-fsn1-1")!.inputs;
    expect(four.userData).toEqual(two.userData);
  });

  test("opens nothing but nginx to the load balancer, and metrics to monitoring", async () => {
    const { hosts } = await create({ servers: 1 });
    const openings = hosts[0]!.machine.openings.map(({ port, from }) => `${port} ${from.join(" ")}`).sort();
    expect(openings).toEqual([
      "80 load-balancer",
      "8405 monitoring",
      "9113 monitoring",
      "9127 monitoring",
      "9180 monitoring",
    ]);
  });

  test("secrets reach the machine only, quoted, and never the inputs that people see", async () => {
    await create({ servers: 1, secretEnv: { API_KEY: 'a"b$c' } });
    const host = made.find((r) => r.type === "sovereign:host:Host")!;
    expect(text(host.inputs.userData)).toContain("%%secret:env.api-key%%");
    expect(JSON.stringify(made.filter((r) => r.type !== "hcloud:index/server:Server"))).not.toMatch(/value-of-|a"b/);
    const userData = text(servers()[0]!.inputs.userData);
    const environment = JSON.parse(userData.slice(userData.indexOf("{"))).write_files.find(
      (file: { path: string }) => file.path === "/etc/sovereign/workload.env",
    );
    expect(environment.content).toContain('API_KEY="a\\"b\\$c"\n');
    expect(environment.content).toContain(":value-of-redis-cache-password@");
    expect(environment.permissions).toBe("0600");
  });

  test("the login at the registry is one secret", async () => {
    await create({ servers: 1, workload: { ...testContainer, registryUser: "deploy" }, registryPassword: "pass" });
    const userData = text(servers()[0]!.inputs.userData);
    expect(userData).toContain(Buffer.from("deploy:pass").toString("base64"));
    expect(userData).not.toContain("deploy:pass");
  });

  test("says everything that is wrong at once", async () => {
    const wrong = {
      servers: 3,
      minServers: 4,
      maxServers: 2,
      serverType: "cx1" as "cpx32",
      maxBodyMb: 0.5,
      staticFiles: { urlPrefix: "assets", directory: "/srv/../etc" },
      workload: { ...testService, port: 22, secretEnv: ["API_KEY"] },
      registryPassword: "x",
    };
    await expect(create(wrong)).rejects.toThrow(
      "shop-app: minServers: 4 is not a whole number from 1 to 3; maxServers: 2 is not a whole number from 3 to 40; maxBodyMb: 0.5 is not a whole number from 1 to 10000; " +
        'serverType: "cx1" is not known; staticFiles.urlPrefix: "assets" is not a plain path such as /assets; staticFiles.directory: "/srv/../etc" is not a plain path such as /assets; ' +
        "workload.secretEnv: API_KEY has no value in secretEnv; registryPassword: goes together with workload.registryUser; workload.port: 22 is not between 1024 and 65535",
    );
  });

  test("more servers than a small network has addresses for during a release are refused", async () => {
    const { appServersProblems } = await import("./app-servers.ts");
    const args = { platform: {} as Platform, workload: testService };
    const { hostsPerSubnet } = planNetwork("10.0.0.0/20");
    expect(appServersProblems({ ...args, servers: 5, maxServers: 5 }, hostsPerSubnet)).toEqual([]);
    expect(appServersProblems({ ...args, servers: 5, maxServers: 6 }, hostsPerSubnet)).toEqual([
      "maxServers: 6 is not a whole number from 5 to 5",
      "the app servers' subnet has 11 addresses, and a release needs 2 for each server: 5 servers are the most; use a larger network range, or lower servers and maxServers",
    ]);
    expect(appServersProblems({ ...args, maxServers: 40 }, planNetwork("10.0.0.0/16").hostsPerSubnet)).toEqual([]);
  });

  test("more servers than the database has connections for are refused", async () => {
    await expect(
      create({ maxServers: 40, postgres: { client: { ...testPostgres, maxConnections: 50 }, clientSecrets: {} } }),
    ).rejects.toThrow("maxServers: 40 app servers and max_connections 50");
  });
});
