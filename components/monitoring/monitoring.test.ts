import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { appServerRoles } from "../app/roles.ts";
import { testApp } from "../app/testing.ts";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import { redisRole } from "../redis/role.ts";
import { testSpec as testRedis } from "../redis/testing.ts";
import type { MonitoringArgs } from "./monitoring.ts";
import { ruledJobs } from "./rules/all.ts";
import { grafanaImage, testHosts } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});

async function create(name: string, changes: Partial<MonitoringArgs> = {}) {
  const { Monitoring } = await import("./monitoring.ts");
  const platform = platformWithoutProvider(name, ["app", "postgres", "redis", "monitoring"]);
  return new Monitoring(`${name}-monitoring`, {
    platform,
    hosts: testHosts,
    minAppServers: 2,
    postgres: { members: 3, zeroLoss: true, backupMaxAgeHours: 26 },
    redis: { nodes: 3 },
    ...changes,
  });
}

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("Monitoring", () => {
  it("is one protected host on its planned address with a volume for metrics and journals", async () => {
    const monitoring = await create("one");
    expect(monitoring.address).toBe("10.0.4.4");
    expect(monitoring.prometheusUrl).toBe("http://10.0.4.4:9090");
    expect(monitoring.grafanaPassword).toBeUndefined();
    await pulumi.runtime.disconnect();
    const of = (type: string) =>
      made.filter((r) => r.type.startsWith(`hcloud:index/${type}`) && r.name.startsWith("one-"));
    expect(of("server:Server").map((r) => [r.name, r.inputs.serverType, r.inputs.deleteProtection])).toEqual([
      ["one-monitoring-fsn1-1", "cpx22", true],
    ]);
    expect(of("volume:Volume").map((r) => r.inputs.size)).toEqual([40]);
  });

  it("keeps tokens and passwords of receivers out of what can be read", async () => {
    const monitoring = await create("two", {
      grafanaImage,
      receivers: [
        { kind: "webhook", url: "https://alerts.example.eu/", token: "t0psecret" },
        {
          kind: "email",
          to: "ops@example.eu",
          from: "shop@example.eu",
          smarthost: "mail.example.eu:587",
          username: "shop",
          password: pulumi.output("als0secret"),
        },
      ],
    });
    expect(await value(monitoring.grafanaPassword!)).toBe("secret-of-two-monitoring-fsn1-1-grafana");
    expect(await pulumi.isSecret(monitoring.grafanaPassword!)).toBe(true);
    const files = monitoring.host.machine.cloudConfig.files;
    expect(JSON.stringify(files)).not.toMatch(/t0psecret|als0secret|secret-of/);
    expect(files.filter((file) => file.path.startsWith("/etc/prometheus/receivers/")).map((file) => file.path)).toEqual(
      ["/etc/prometheus/receivers/webhook-1", "/etc/prometheus/receivers/email-2"],
    );
  });

  it("names every wrong argument at once, and no secret", async () => {
    const failing = create("three", {
      minAppServers: -1,
      storageGb: 5,
      retentionDays: 1.5,
      probes: ["https://shop.example.eu/", "ftp://shop.example.eu/", 'http://a/"b'],
      queueMetric: "a b",
      grafanaImage: "grafana:latest",
      receivers: [
        { kind: "webhook", url: "https://user:t0psecret@a.example.eu/" },
        { kind: "email", to: "a@example.eu", from: "b@example.eu", smarthost: "m:587", password: "t0psecret" },
      ],
    });
    const message = await failing.then(
      () => "nothing was wrong",
      (error: Error) => error.message,
    );
    for (const part of [
      "minAppServers: -1",
      "storageGb: 5",
      "retentionDays: 1.5",
      "probes[1]",
      "probes[2]",
      "queueMetric",
      "grafanaImage",
      "receivers[0].url",
      "receivers[1]: username and password",
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain("probes[0]");
    expect(message).not.toContain("t0psecret");
  });
});

describe("rules and roles", () => {
  it("every job of the app servers and of Redis has rules, but the workload's own", () => {
    const jobs = [...appServerRoles(testApp), redisRole(testRedis("valkey", 1))].flatMap((role) =>
      role.scrape.map((target) => target.job),
    );
    expect(jobs).toContain("redis-sentinel");
    expect(jobs.filter((job) => job !== "workload" && !ruledJobs.has(job))).toEqual([]);
  });
});
