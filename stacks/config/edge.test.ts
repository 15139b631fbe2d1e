import { describe, expect, it } from "vitest";
import { parseStackConfig } from "./parse.ts";

const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)} somebody@example.eu`;

const site = {
  kind: "static-cache",
  location: "ash",
  domain: "static.example.eu",
  classes: ["public", "static"],
  paths: [{ path: "/assets/", class: "static" }],
  certificate: { kind: "none" },
};

const edge = {
  admin: { cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }], sshKeys: [{ name: "edge", publicKey: key("A") }] },
  sites: [site],
};

const hybrid = {
  topology: "hybrid",
  locations: ["fsn1"],
  domain: "shop.example.eu",
  admin: {
    cidrs: [{ cidr: "203.0.113.10/32", country: "DE" }],
    sshKeys: [{ name: "operations", publicKey: key("B") }],
  },
  app: {
    workload: { kind: "service", command: ["/usr/bin/node", "/opt/app/shop.mjs"], classes: ["personal", "public"] },
  },
  postgres: { backup: false, classes: ["personal", "financial"] },
  redis: { classes: ["personal"] },
  monitoring: { classes: ["personal"], receivers: [] as unknown[] },
  edge,
};

const problems = (input: unknown): readonly string[] => {
  const parsed = parseStackConfig(input);
  return parsed.ok ? [] : parsed.problems;
};
const withSite = (more: object) => ({ ...hybrid, edge: { ...edge, sites: [{ ...site, ...more }] } });

describe("a hybrid configuration", () => {
  it("with classes everywhere and a site outside the EU is taken", () => {
    expect(problems(hybrid)).toEqual([]);
    expect(parseStackConfig(hybrid)).toMatchObject({ config: { edge: { sites: [{ servers: 1, cacheGb: 20 }] } } });
  });

  it("says of everything that handles data what it lacks", () => {
    const webhook = { kind: "webhook", url: "https://alerts.example.eu/" };
    const backup = { endpoint: "hel1.your-objectstorage.com", country: "FI", region: "hel1", bucket: "backups" };
    const found = problems({
      ...hybrid,
      app: { workload: { kind: "service", command: ["/usr/bin/node"] } },
      postgres: { backup },
      redis: {},
      monitoring: { receivers: [webhook] },
    });
    expect(found.map((problem) => problem.split(":")[0])).toEqual([
      "app.workload.classes",
      "postgres.classes",
      "postgres.backup.classes",
      "redis.classes",
      "monitoring.classes",
      "monitoring.receivers[0].classes",
    ]);
    expect(found[0]).toContain("hybrid has to know what it handles");
  });

  it("asks for the classes of the database at its backups too", () => {
    const backup = { endpoint: "hel1.your-objectstorage.com", country: "FI", region: "hel1", bucket: "backups" };
    expect(
      problems({ ...hybrid, postgres: { ...hybrid.postgres, backup: { ...backup, classes: ["personal"] } } }),
    ).toEqual([expect.stringContaining("lacks financial, which postgres.classes has")]);
  });

  it.each([
    [withSite({ classes: ["static", "personal"] }), "edge.sites[0].classes[1]", "has to stay in the EU"],
    [withSite({ classes: ["static", "other"] }), "edge.sites[0].classes[1]", "is none of public, static"],
    [withSite({ classes: [] }), "edge.sites[0].classes", ""],
    [withSite({ classes: undefined }), "edge.sites[0].classes", ""],
    [withSite({ paths: [{ path: "/", class: "static" }] }), "edge.sites[0].paths[0].path", "is everything"],
    [withSite({ paths: [{ path: "/a/../b", class: "static" }] }), "edge.sites[0].paths[0].path", "is not a plain path"],
    [withSite({ classes: ["public"] }), "edge.sites[0].paths[0].class", "is none of the site's classes (public)"],
    [withSite({ domain: "shop.example.eu" }), "edge.sites[0].domain", "is the core's own name"],
    [withSite({ location: "moon" }), "edge.sites[0].location", ""],
    [{ ...hybrid, edge: { ...edge, sites: [site, site] } }, "edge.sites[1]", "is a second static-cache in ash"],
    [
      {
        ...hybrid,
        edge: { ...edge, admin: { ...edge.admin, sshKeys: [{ name: "mine", publicKey: `${key("B")}2` }] } },
      },
      "edge.admin.sshKeys[0].publicKey",
      "opens the core too",
    ],
    [{ ...hybrid, edge: undefined }, "edge", "is missing"],
    [{ ...hybrid, redis: { classes: ["personal", "personal"] } }, "redis.classes", "names one twice"],
  ])("refuses what would break the boundary, with its path (%#)", (input, path, why) => {
    const found = problems(input);
    expect(found).toHaveLength(1);
    expect(found[0]!.startsWith(`${path}:`), found[0]).toBe(true);
    expect(found[0]).toContain(why);
  });

  it("is the only topology with an edge; others need no classes", () => {
    const { edge: _, locations: __, ...core } = hybrid;
    const single = { ...core, topology: "single-region", redis: {}, monitoring: {} };
    expect(problems(single)).toEqual([]);
    expect(problems({ ...single, edge })).toEqual([expect.stringMatching(/^edge: .*for topology hybrid alone/)]);
  });
});
