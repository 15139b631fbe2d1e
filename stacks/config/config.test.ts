import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStackConfig } from "./parse.ts";

const minimal = {
  topology: "single-region",
  domain: "shop.example.eu",
  admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }] },
  app: { workload: { kind: "service", command: ["/usr/bin/node", "/opt/app/shop.mjs"] } },
  postgres: { backup: false },
};

/** The minimal configuration with the value at a dotted path replaced; undefined takes the key away. */
function edited(path: string, value: unknown): unknown {
  const copy = structuredClone(minimal) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop()!;
  let at = copy;
  for (const key of keys) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const problems = (input: unknown): readonly string[] => {
  const parsed = parseStackConfig(input);
  return parsed.ok ? [] : parsed.problems;
};

describe("stack configuration", () => {
  it("needs little, and fills in the rest", () => {
    const parsed = parseStackConfig(minimal);
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        app: { servers: 2 },
        postgres: { durability: "zero-loss" },
        redis: { nodes: 3, engine: "valkey" },
      },
    });
  });

  it.each(["203.0.113.0/24", "198.51.100.7/32", "2a02:db8::/64", "2A02:DB8:0::/48", "2a02:db8::1/128"])(
    "takes administrators from %s",
    (cidr) => expect(problems(edited("admin.cidrs", [{ cidr, country: "AT" }]))).toEqual([]),
  );

  const syntax = "is not a range such as 203.0.113.10/32";
  const notPublic = "is no range of the internet: use the public address that your connections come from";
  it.each([
    ["10/16", syntax],
    ["0x7f.1/16", syntax],
    ["010.0.0.1/32", syntax],
    ["203.0.113.10", syntax],
    ["203.0.113.10/032", syntax],
    ["203.0.113.10/32/32", syntax],
    ["fe80::1%eth0/64", syntax],
    ["10.0.0.0/16", notPublic],
    ["192.168.1.7/32", notPublic],
    ["127.0.0.1/32", notPublic],
    ["169.254.0.0/16", notPublic],
    ["100.64.0.0/16", notPublic],
    ["::1/128", notPublic],
    ["fe80::/64", notPublic],
    ["fd00::/48", notPublic],
  ])("takes no administrators from %s", (cidr, message) => {
    const expected = [`admin.cidrs[0].cidr: ${cidr} ${message}`];
    expect(problems(edited("admin.cidrs", [{ cidr, country: "DE" }]))).toEqual(expected);
  });

  it("takes one generation for all nodes, or one for each", () => {
    expect(problems(edited("redis.generation", [2, 1, 1]))).toEqual([]);
    expect(problems(edited("redis", { nodes: 1, generation: [2] }))).toEqual([]);
    expect(problems(edited("redis.generation", 2))).toEqual([]);
  });

  it.each([
    ["app.servers", 0, "app.servers: 0 is less than 1"],
    ["app.servers", 41, "app.servers: 41 is more than 40"],
    ["app.servers", 2.5, "app.servers: 2.5 is not a whole number"],
    ["app.servers", "3", "app.servers: 3 is not a number"],
    ["app.maxServers", 1, "app.maxServers: 1 is less than servers (2)"],
    ["app.minServers", 3, "app.minServers: 3 is more than servers (2)"],
    ["app.servres", 3, "app.servres: is not a known key; did you mean servers?"],
    ["app.workload.comand", "/x", "app.workload.comand: is not a known key; did you mean command?"],
    ["app.workload.kind", "lambda", "app.workload.kind: lambda is not one of container, service"],
    [
      "app.workload",
      { kind: "container", image: "shop:latest" },
      /app\.workload\.image: shop:latest is not an image with its registry and digest/,
    ],
    [
      "app.workload.archive",
      { url: "http://user:hunter2@store.example.eu/a.tar.gz" },
      "app.workload.archive.url: [secret] is not encrypted: use https",
    ],
    ["app.workload.archive", { sha256: "abc" }, /archive\.sha256: abc is not a SHA-256 of 64 hexadecimal digits/],
    ["app.workload.archive", { country: "US" }, /archive\.country: US is not the ISO code of an EU member state/],
    ["app.workload.archive", { sha256: "0".repeat(64) }, "app.workload.archive.url: is missing; expected a string"],
    [
      "app.workload",
      {
        kind: "service",
        command: ["/usr/bin/node", "/opt/app/shop.mjs"],
        archive: { url: "https://store.example.eu/shop.tar.gz", sha256: "0".repeat(64) },
        files: [{ path: "/opt/app/shop.mjs", source: "examples/shop/main.ts" }],
      },
      "app.workload.files[0].path: /opt/app/shop.mjs is in /opt/app, which is the archive's: put it into the archive, or elsewhere below /opt/",
    ],
    ["location", "ash", "location: ash is in Ashburn, VA, US, outside the EU: use one of fsn1, nbg1, hel1"],
    ["location", "eu-west-1", /location: eu-west-1 is no location known to be in the EU/],
    ["topology", undefined, "topology: is missing; one of single-region, multi-region-eu, hybrid"],
    ["admin.cidrs", [], "admin.cidrs: a list of 0 has fewer than 1 entry"],
    [
      "admin.cidrs",
      [{ cidr: "0.0.0.0/0", country: "DE" }],
      /admin\.cidrs\[0\]\.cidr: 0\.0\.0\.0\/0 is open to the whole internet/,
    ],
    ["admin.cidrs", [{ cidr: "::/0", country: "DE" }], /is open to the whole internet/],
    ["admin.cidrs", [{ cidr: "10.0.0.0/8", country: "DE" }], /far too many machines/],
    [
      "admin.cidrs",
      [{ cidr: "203.0.113.10/32", country: "US" }],
      /admin\.cidrs\[0\]\.country: US is not the ISO code of an EU member state/,
    ],
    [
      "admin.cidrs",
      [{ cidr: "203.0.113.10/24", country: "DE" }],
      /10\/24 is an address with a mask beside it: the range is 203\.0\.113\.0\/24, the address alone 203\.0\.113\.10\/32$/,
    ],
    ["admin.cidrs", [{ cidr: "2a02:db8::1/64", country: "DE" }], /the range is 2a02:db8::\/64, .* 2a02:db8::1\/128$/],
    ["postgres.backup", { endpoint: "x.example.eu" }, "postgres.backup.country: is missing; expected a string"],
    ["postgres.backup", { country: "US" }, /backup\.country: .* is not the ISO code of an EU member state/],
    ["admin.cidrs", [{ cidr: "203.0.113.10/32" }], /admin\.cidrs\[0\]\.country: is missing/],
    ["network.cidr", "10.0.0.0/24", /network\.cidr: 10\.0\.0\.0\/24 is too small/],
    ["postgres.nodes", 7, /^postgres\.nodes: 7 is neither a number from 1 to 5 nor one for each location/],
    ["postgres.backup", true, /postgres\.backup: true is neither a store for backups nor false/],
    ["postgres.backup", undefined, /postgres\.backup: is missing/],
    ["postgres.backup", { endpoint: "x.example.eu" }, "postgres.backup.bucket: is missing; expected a string"],
    ["postgres.generation", [1, 2], "postgres.generation: a list of 2 is for another number of nodes than 3"],
    ["postgres.parameters", { Work_Mem: 1 }, "postgres.parameters.Work_Mem: is not the name of a PostgreSQL parameter"],
    ["postgres.parameters", { work_mem: null }, /parameters\.work_mem: null is neither a text, a number nor true/],
    ["postgres.parameters", { work_mem: "a\nb" }, /work_mem: a\?b is not right: expected at most 1000 printable/],
    [
      "postgres.parameters",
      { archive_command: "x" },
      /^postgres\.parameters\.archive_command: x is set by the cluster/,
    ],
    ["postgres.parameters", { max_connections: 5 }, /max_connections: 5 is not right: expected a whole number from 25/],
    [
      "postgres.parameters",
      Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`a.b${i}`, 1])),
      /has more than 100 entries/,
    ],
    ["postgres.restore", {}, "postgres.restore: an object needs backup, the store to restore from"],
    ["postgres.restore", { target: "yesterday" }, /postgres\.restore\.target: yesterday is not a point in time/],
    ["postgres.restore", { target: "2026-02-30 14:30:00+00" }, /is not a point in time/],
    ["postgres.restore", { target: "2026-11-20 14:30:00" }, /is not a point in time with its offset/],
    ["monitoring.probes", ["http://shop.example.eu/"], /monitoring\.probes\[0\]: http.* is not an https URL/],
    ["monitoring.probes", ["https://a@shop.example.eu/"], /is not an https URL/],
    ["monitoring.receivers", [{ kind: "webhook", url: "https://a:b@c.eu/" }], /url: \[secret\] has a user or password/],
    [
      "monitoring.receivers",
      [{ kind: "webhook", url: "https://c.eu/", severities: ["none"] }],
      "monitoring.receivers[0].severities[0]: none is not one of critical, warning, info",
    ],
    ["pki.generation", 0, "pki.generation: 0 is less than 1"],
    ["redis.generation", [1, 2], "redis.generation: a list of 2 is for another number of nodes than 3"],
    ["redis.generation", [1, 1, 1, 1], /redis\.generation: a list of 4 is neither .* list of up to 3 of them/],
    ["redis.generation", [1, 0, 1], "redis.generation[1]: 0 is less than 1"],
    ["domain", "Shop.example.eu", /domain: Shop\.example\.eu is not a domain name/],
  ])("%s = %j", (path, value, message) => {
    expect(
      problems(edited(path, value)).some((line) =>
        typeof message === "string" ? line === message : message.test(line),
      ),
    ).toBe(true);
  });

  it("reports everything that is wrong at once", () => {
    expect(problems({ ...minimal, domain: 5, location: "sin", extra: 1, app: { servers: 0 } })).toHaveLength(5);
  });

  it("never shows a secret", () => {
    const certificate = { kind: "uploaded", certificate: "x", privateKey: "hunter2" };
    const text = problems(edited("loadBalancer.certificate", certificate)).join("\n");
    expect(text).toContain("loadBalancer.certificate.privateKey: [secret]");
    expect(text).not.toContain("hunter2");
  });

  const planted = "sk_live_51Hx7planted";
  const pem = `-----BEGIN PRIVATE KEY-----\n${planted}`;
  it.each([
    ["app.workload.secretEnvironment", `STRIPE_KEY=${planted}`],
    ["app.workload.secretEnvironment", [planted]],
    ["app.workload.secretEnvironment", { [planted]: "x" }],
    ["app.workload.secretEnvironment", { [`STRIPE_KEY=${planted}`]: { a: planted } }],
    ["app.workload.secretEnvironment.STRIPE_KEY", planted.repeat(1000)],
    ["app.workload.environment.STRIPE_KEY", planted.repeat(1000)],
    ["app.workload", planted],
    ["loadBalancer.certificate", pem],
    ["loadBalancer.certificate", { kind: "uploaded", certificate: pem, privateKey: pem }],
    ["loadBalancer", planted],
    ["postgres.backup", planted],
    ["postgres.backup", { [planted]: 1 }],
    ["postgres.backup", { accessKey: { [planted]: 1 } }],
    ["postgres.backup", { authority: pem }],
    ["monitoring.receivers", [planted]],
    ["monitoring.receivers", { [planted]: { password: planted } }],
    ["monitoring.receivers", [{ kind: "webhook", url: `hooks.example.eu/${planted}` }]],
    [planted, 5],
  ])("shows no secret that was put at %s", (path, value) => {
    const lines = problems(path === planted ? { ...minimal, [planted]: 5 } : edited(path, value));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toMatch(/sk_live|planted/);
  });

  it("answers any input with messages of one line, never with an exception", () => {
    const keys = fc.constantFrom(
      "topology",
      "domain",
      "location",
      "admin",
      "cidrs",
      "app",
      "workload",
      "kind",
      "postgres",
      "backup",
      "redis",
      "__proto__",
      "constructor",
      "toString",
      "",
    );
    const hostile = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.constantFrom("service", "container", "single-region", null, Number.NaN, -0, Number.POSITIVE_INFINITY),
        fc.string({ unit: "binary" }),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(keys, tie("value")),
      ),
    })).value;
    const paths = fc.constantFrom(
      "app",
      "app.workload",
      "app.workload.kind",
      "admin",
      "admin.cidrs",
      "postgres",
      "postgres.backup",
      "redis",
      "loadBalancer.certificate",
      "monitoring.receivers",
      "network",
      "protection",
      "extra",
    );
    const check = (input: unknown) => {
      const lines = problems(input);
      for (const line of lines) {
        expect([...line].every((character) => character >= " ")).toBe(true);
        expect(line).not.toMatch(/undefined is|\[object|at .*\.ts:/);
        expect(line.length).toBeLessThan(700);
      }
      return lines.length;
    };
    fc.assert(
      fc.property(hostile, (input) => {
        expect(check(input)).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(paths, hostile, (path, value) => void check(edited(path, value))),
      { numRuns: 500 },
    );
  });
});
