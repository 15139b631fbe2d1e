import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { composeMachine, type MachineSpec } from "./machine.ts";
import type { Role } from "./role.ts";
import { fillSecrets, secretNames, secretToken } from "./secret-token.ts";
import { encodeUserData, filler, renderCloudConfig, userDataProblem } from "./user-data.ts";

const role = (over: Partial<Role> = {}): Role => ({
  name: "shop",
  packages: ["nginx"],
  files: [],
  units: [{ name: "nginx.service" }],
  openings: [{ port: 80, from: ["load-balancer"], purpose: "HTTP" }],
  scrape: [{ job: "nginx", port: 9113 }],
  ...over,
});

const machine = (roles: Role[], over: Partial<MachineSpec> = {}) =>
  composeMachine({
    hostname: "demo-app-fsn1-1",
    roles,
    privateRange: "10.0.0.0/16",
    privateAddress: "10.0.1.0/24",
    ranges: (name) => (name === "load-balancer" ? ["10.0.0.0/24"] : name === "monitoring" ? ["10.0.4.0/24"] : []),
    ...over,
  });

const file = (m: ReturnType<typeof machine>, path: string) =>
  m.cloudConfig.files.find((f) => f.path === path)?.content ?? "";

describe("composeMachine", () => {
  it("opens what roles ask for, metrics to monitoring, and SSH to the outside that the provider's firewall guards, and nothing else", () => {
    const rules = file(machine([role()]), "/etc/nftables.conf");
    expect(rules.split("\n").filter((line) => line.includes("dport"))).toMatchInlineSnapshot(`
      [
        "    udp sport { 67, 547 } udp dport { 68, 546 } accept comment "DHCP"",
        "    ip saddr != 10.0.0.0/16 tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"",
        "    meta nfproto ipv6 tcp dport 22 accept comment "SSH; who may is up to the provider's firewall"",
        "    ip saddr { 10.0.0.0/24 } tcp dport 80 accept comment "HTTP"",
        "    ip saddr { 10.0.4.0/24 } tcp dport 9113 accept comment "metrics: nginx"",
      ]
    `);
    expect(rules).toContain("policy drop;");
    expect(rules).toContain("ip daddr 169.254.169.254 meta skuid != 0 reject");
  });

  it("sums the data of all roles into one volume and lets their units wait for it", () => {
    const m = machine([
      role({ data: [{ path: "/var/lib/a", owner: "root:root", sizeGb: 7 }] }),
      role({ name: "other", units: [], data: [{ path: "/var/lib/b", owner: "root:root", sizeGb: 5 }] }),
    ]);
    expect(m.dataGb).toBe(12);
    expect(file(m, "/etc/systemd/system/nginx.service.d/data.conf")).toContain("RequiresMountsFor=/var/lib/a");
  });

  it("writes the kernel settings of all roles into one file, in force before any unit is started", () => {
    const m = machine([
      role({ kernelSettings: { "vm.overcommit_memory": 1, "net.core.somaxconn": 1024 } }),
      role({ name: "other", units: [], kernelSettings: { "net.core.somaxconn": 1024 } }),
    ]);
    expect(file(m, "/etc/sysctl.d/60-sovereign.conf")).toBe("net.core.somaxconn = 1024\nvm.overcommit_memory = 1\n");
    const boot = file(m, "/usr/local/sbin/sovereign-first-boot");
    expect(boot.split("systemd-sysctl.service")).toHaveLength(2);
    expect(boot.indexOf("systemd-sysctl.service")).toBeLessThan(boot.indexOf('step "units"'));
    expect(JSON.stringify(machine([role()]).cloudConfig)).not.toContain("sysctl");
  });

  it("refuses two values for a setting of the kernel", () => {
    const roles = [1, 2].map((value) => role({ name: `role${value}`, kernelSettings: { "vm.swappiness": value } }));
    expect(() => machine(roles)).toThrow(/vm\.swappiness is to be 1 for role1 and 2 for role2/);
  });

  it("refuses a file that two roles write, a role given twice, and a secret that every user could read", () => {
    const clash = { path: "/etc/a", content: "x" };
    expect(() => machine([role({ files: [clash] }), role({ name: "b", files: [clash] })])).toThrow(
      "two roles write /etc/a",
    );
    expect(() => machine([role(), role()])).toThrow("role shop is given twice");
    expect(() => machine([role({ files: [{ path: "/etc/a", content: secretToken("x") }] })])).toThrow(
      /\/etc\/a holds a secret/,
    );
    expect(() => machine([role({ files: [{ path: "/etc/a", content: secretToken("x"), mode: "0604" }] })])).toThrow(
      /holds a secret/,
    );
    expect(() =>
      machine([role({ files: [{ path: "/etc/a", content: secretToken("x"), mode: "0640" }] })]),
    ).not.toThrow();
  });
});

describe("user data", () => {
  it("is a cloud-config that writes files of other users after the packages", () => {
    const text = renderCloudConfig(
      machine([role({ files: [{ path: "/etc/b", content: "x", owner: "app:app" }] })]).cloudConfig,
    );
    expect(text.startsWith("#cloud-config\n")).toBe(true);
    const config = JSON.parse(text.slice(text.indexOf("\n")));
    expect(config.write_files.find((f: { path: string }) => f.path === "/etc/b")).toMatchObject({
      owner: "app:app",
      defer: true,
    });
    expect(config.write_files.find((f: { path: string }) => f.path === "/etc/nftables.conf")).not.toHaveProperty(
      "defer",
    );
    expect(config.packages).toContain("nginx");
  });

  it("is packed as base64 of gzip, the same every time", () => {
    const packed = encodeUserData("#cloud-config\n{}\n");
    expect(packed).toBe(encodeUserData("#cloud-config\n{}\n"));
    expect(gunzipSync(Buffer.from(packed, "base64")).toString()).toBe("#cloud-config\n{}\n");
  });

  it("names the largest parts when 33 KiB would be sent", async () => {
    const { randomBytes } = await import("node:crypto");
    const big = { path: "/opt/app/big.bin", content: randomBytes(25_000).toString("base64") };
    const small = machine([role()]).cloudConfig;
    expect(userDataProblem(small)).toBeUndefined();
    const problem = userDataProblem(machine([role({ files: [big] })]).cloudConfig);
    expect(problem).toMatch(
      /user data of demo-app-fsn1-1 is \d{5} bytes.*at most 32768.*Largest parts: \/opt\/app\/big\.bin/,
    );
  });

  it("reckons with secrets that do not exist yet", () => {
    const content = Array.from({ length: 700 }, (_, i) => secretToken(`s${i}`)).join("\n");
    expect(
      userDataProblem(machine([role({ files: [{ path: "/etc/s", content, mode: "0600" }] })]).cloudConfig),
    ).toMatch(/\/etc\/s/);
  });
});

it("what stands in for certificates and keys takes no less room than they do", async () => {
  const name = `${"stack-with-a-long-name".repeat(2)}-postgres-fsn1-1`;
  const year = (number: number) => new Date(`${number}-01-01`);
  const authority = { seed: Buffer.alloc(32, 1), generation: 2, name, notBefore: year(2026), notAfter: year(2036) };
  const leaf = await createLeaf(authority, {
    commonName: name,
    dnsNames: [name, "localhost"],
    ipAddresses: ["10.0.2.4", "127.0.0.1"],
  });
  const real = {
    "tls.authority": (await createAuthority(authority)).certificate,
    "tls.certificate": leaf.certificate,
    "tls.key": leaf.privateKey,
  };
  for (const [secret, pem] of Object.entries(real)) {
    expect(encodeUserData(filler(secret)).length, secret).toBeGreaterThan(encodeUserData(pem).length);
  }
});

describe("secret tokens", () => {
  it("are found and filled, and a missing value names the secret alone", () => {
    const text = `a ${secretToken("db.password")} b ${secretToken("x")} ${secretToken("x")}`;
    expect(secretNames(text)).toEqual(["db.password", "x"]);
    expect(fillSecrets(text, { "db.password": "p$&1", x: "y" })).toBe("a p$&1 b y y");
    expect(() => fillSecrets(text, { x: "hunter2" })).toThrow(/^no value for secret "db.password"$/);
    expect(() => secretToken("no spaces")).toThrow();
  });
});
