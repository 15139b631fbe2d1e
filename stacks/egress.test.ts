import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import type { Host } from "../components/host/host.ts";
import { planWithoutProvider } from "../components/nothing-exists.ts";
import { parseStackConfig } from "./config/parse.ts";
import { createDeployment } from "./deployment.ts";
import { egressOf } from "./egress.ts";

const folder = mkdtempSync(join(tmpdir(), "egress-"));
afterAll(async () => {
  // What is still being made would load modules of an environment that is gone.
  await pulumi.runtime.disconnect();
  rmSync(folder, { recursive: true });
});

const service = (endpoint: string, more: object = {}) => ({
  endpoint,
  purpose: "card payments",
  provider: "Example Payments",
  jurisdiction: "NL",
  dataClasses: ["financial"],
  retention: "10 years",
  legalBasis: "GDPR Art. 28 contract",
  contractDate: "2026-03-01",
  reviewDate: "2027-03-01",
  ...more,
});
const write = (name: string, content: unknown) => {
  writeFileSync(join(folder, name), typeof content === "string" ? content : stringify(content));
  return name;
};
const register = (name: string | undefined) =>
  egressOf({ mode: "register", ...(name === undefined ? {} : { register: name }) }, folder)!;

describe("egressOf", () => {
  it("limits nothing unless it is asked for", () => {
    expect(egressOf({ mode: "open", register: "missing.yaml" }, folder)).toBeUndefined();
  });

  it("gives each role what the register says it reaches, and by default app servers alone", () => {
    const services = [
      service("pay.example.eu"),
      service("*.push.example.eu", { reachedFrom: ["app", "monitoring"] }),
      service("state.example.eu", { reachedFrom: [] }),
    ];
    const approved = register(write("some.yaml", { services }));
    expect(approved("app").approved).toEqual(["pay.example.eu", "*.push.example.eu"]);
    expect(approved("monitoring").approved).toEqual(["*.push.example.eu"]);
    expect(approved("postgres").approved).toEqual([]);
    expect(approved("app").resolvers).toContain("185.12.64.1");
  });

  it("approves nothing where no file is named and none is there", () => {
    expect(register(undefined)("app").approved).toEqual([]);
  });

  it("refuses a file that is named and missing, and one that is wrong in any part, without what stands in it", () => {
    expect(() => register("missing.yaml")).toThrow("egress.register: missing.yaml is not there");
    const half = write("half.yaml", { services: [service("pay.example.eu"), service("https://s3cret.example.eu")] });
    expect(() => register(half)).toThrow(/half\.yaml services\[1\]: endpoint/);
    expect(() => register(half)).not.toThrow(/s3cret/);
    expect(() => register(write("list.yaml", [1]))).toThrow(/list\.yaml cannot be used/);
    expect(() => register(write("broken.yaml", "services: [\n"))).toThrow(/broken\.yaml cannot be used/);
    expect(() => register(write("two.yaml", "services: []\n---\nservices: []\n"))).toThrow(
      /more than one YAML document/,
    );
    expect(() => register(write("large.yaml", `# ${"x".repeat(1_000_000)}`))).toThrow(/larger than/);
  });
});

describe("a stack with limited egress", () => {
  let hosts: readonly Host[];
  beforeAll(async () => {
    const planned = await planWithoutProvider("sovereign", "shop");
    write("shop.yaml", { services: [service("pay.example.eu")] });
    const parsed = parseStackConfig({
      topology: "single-region",
      domain: "shop.example.eu",
      admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
      app: { workload: { kind: "service", command: ["/usr/bin/shop"] } },
      egress: { mode: "register", register: join(folder, "shop.yaml") },
      monitoring: {
        probes: ["https://shop.example.eu/healthz"],
        receivers: [
          { kind: "webhook", url: "https://alerts.example.eu/hook" },
          { kind: "email", to: "a@example.eu", from: "b@example.eu", smarthost: "mail.example.eu:587" },
        ],
      },
      postgres: {
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
    hosts = createDeployment(parsed.config, "shop").hosts;
    // User data of every machine, made and found small enough.
    const made = () => planned.filter((resource) => resource.type.endsWith(":Server")).length;
    await vi.waitUntil(() => made() === hosts.length, { timeout: 30_000, interval: 50 });
  });

  it("lets each machine out to just what it needs: a change here is a change of who reaches what", () => {
    const names = (host: Host) =>
      host.machine.cloudConfig.files
        .find((file) => file.path === "/etc/sovereign/egress/names")!
        .content.trim()
        .split("\n")
        .join(" ");
    const lines = hosts.map((host) => `${host.hostname.replace(/^shop-|-fsn1/g, "")}: ${names(host)}`);
    expect(lines.sort()).toMatchInlineSnapshot(`
      [
        "app-1: pay.example.eu:443 pay.example.eu:80",
        "app-2: pay.example.eu:443 pay.example.eu:80",
        "monitoring-1: alerts.example.eu:443 shop.example.eu:443",
        "postgres-1: s3.example.eu:443",
        "postgres-2: s3.example.eu:443",
        "postgres-3: s3.example.eu:443",
        "redis-1: alerts.example.eu:443",
        "redis-2: ",
        "redis-3: ",
      ]
    `);
  });

  it("is watched on every machine, the monitoring's own too", () => {
    const monitoring = hosts.find((host) => host.role === "monitoring")!;
    const file = (path: string) => monitoring.machine.cloudConfig.files.find((f) => f.path === path)!.content;
    const targets = file("/etc/prometheus/prometheus.yml");
    const job = targets.slice(targets.indexOf("job_name: egress")).split("job_name:")[1]!;
    for (const host of hosts.filter(({ plannedAddress }) => plannedAddress)) {
      expect(job).toContain(`${host.plannedAddress}:8406`);
    }
    expect(job).toContain("file_sd_configs");
    expect(file("/etc/prometheus/rules/sovereign.yml")).toContain("EgressRefused");
  });

  it("keeps the mail server's port for the mail server", () => {
    const rules = (role: string) =>
      hosts
        .find((host) => host.role === role)!
        .machine.cloudConfig.files.find((file) => file.path === "/etc/nftables.conf")!.content;
    expect(rules("monitoring")).toContain("tcp dport 587 redirect");
    expect(rules("app")).not.toContain("587");
  });
});

it("the entry in docs/components/egress.md is one", () => {
  const page = readFileSync(new URL("../docs/components/egress.md", import.meta.url), "utf8");
  const example = page.match(/```yaml\n(services:[^`]*)```/)?.[1];
  expect(register(write("page.yaml", example ?? ""))("app").approved).toEqual(["api.payments.example.eu"]);
});
