import { describe, expect, test } from "vitest";
import { explain } from "./explain.ts";
import { allOrigins, daysBetween, originOf } from "./freshness.ts";
import { createCatalogue } from "./lookup.ts";
import type { Vendor } from "./types.ts";

const from = { source: "https://example.com/", read: "2026-01-01" };
const firm = { purposes: ["CDN"], domains: [], alternatives: [], ...from };
const vendors: Vendor[] = [
  { ...firm, id: "big", name: "Big Inc.", seat: "US", read: "2024-01-01", note: "the parent" },
  {
    ...firm,
    id: "cloudy",
    name: "Cloudy Ltd",
    seat: "IE",
    parent: "big",
    purposes: ["CDN", "fonts"],
    domains: [
      { name: "cloudy.com", region: "\\.(?<region>one)\\." },
      { name: "fonts.cloudy.com", purpose: "fonts" },
    ],
    alternatives: ["euro", "letters"],
  },
  { ...firm, id: "euro", name: "Euro SA", seat: "FR" },
  { ...firm, id: "letters", name: "Letters GmbH", seat: "DE", purposes: ["fonts"], confidence: "recalled" },
];
const provider = {
  package: "cloudy",
  name: "Cloudy",
  vendor: "cloudy",
  regions: [
    { name: "one", countries: ["IE"], city: "Dublin", note: "old" },
    { name: "two", countries: ["US"], source: "https://example.com/two", read: "2026-02-01" },
  ],
  zones: [],
  unset: { note: "who knows" },
  regionProperties: [],
  global: [],
  ...from,
};
const catalogue = createCatalogue({
  vendors,
  providers: [provider, { ...provider, package: "runny", vendor: undefined }],
  addresses: [{ cidr: "192.0.2.0/24", vendor: "euro", purpose: "resolver", note: "a test", ...from }],
});
const ask = (query: string) => explain(catalogue, query, "2026-03-01");

describe("an explanation", () => {
  test("of a host: its domain, the chain, where it is, what else there is, and from where that is known", () => {
    const found = ask("x.one.cloudy.com");
    expect(found).toMatchObject({ kind: "host", known: true, matched: "cloudy.com", registrable: "cloudy.com" });
    expect(found.owner).toEqual({ standing: "outside", jurisdiction: "US", country: "United States" });
    expect(found.owners.map(({ id }) => id)).toEqual(["cloudy", "big"]);
    expect(found.places).toEqual([
      { provider: "cloudy", region: "one", city: "Dublin", countries: ["IE"], standing: "eu" },
    ]);
    expect(found.alternatives.map(({ id }) => id)).toEqual(["euro", "letters"]);
    expect(found.origins.map(({ what, days, old }) => [what, days, old])).toEqual([
      ["vendor cloudy", 59, false],
      ["vendor big", 790, true],
    ]);
  });

  test("of a host with a purpose of its own gives only alternatives for that", () => {
    const found = ask("https://user:secret@fonts.cloudy.com/css?key=1");
    expect([found.matched, found.purposes, found.alternatives.map(({ id }) => id)]).toEqual([
      "fonts.cloudy.com",
      ["fonts"],
      ["letters"],
    ]);
  });

  test.each([
    ["nobody.example.org", "host", false],
    ["", "host", false],
    ["192.0.2.7", "address", true],
    ["[::1]", "address", true],
    ["198.51.100.0/28", "address", true],
    ["5.6.7.8", "address", false],
    ["cloudy/two", "region", true],
    ["cloudy/three", "region", false],
    ["two", "region", true],
    ["cloudy", "provider", true],
    ["runny", "provider", true],
    ["letters", "vendor", true],
  ])("%j is a %s, known: %s", (query, kind, known) => {
    const found = ask(query);
    expect([found.kind, found.known]).toEqual([kind, known]);
  });

  test("of a region: its own source before the provider's, and the owner", () => {
    const found = ask("cloudy/two");
    expect(found.origins[0]).toMatchObject({ source: "https://example.com/two", read: "2026-02-01", days: 28 });
    expect(found.owner?.jurisdiction).toBe("US");
    expect(ask("two").places.map(({ provider }) => provider)).toEqual(["cloudy", "runny"]);
  });

  test("of an address: the range's note and purpose, not those of its vendor", () => {
    const found = ask("192.0.2.7");
    expect([found.matched, found.purposes, found.notes, found.owner?.standing]).toEqual([
      "192.0.2.0/24",
      ["resolver"],
      ["a test"],
      "eu",
    ]);
    expect(ask("10.0.0.1")).toMatchObject({ special: "private", owners: [] });
  });
});

describe("age", () => {
  test("an entry is old after a year, counted in days", () => {
    expect(daysBetween("2025-11-22", "2026-11-22")).toBe(365);
    expect(originOf("x", { ...from, read: "2025-11-22" }, "2026-11-22").old).toBe(false);
    expect(originOf("x", { ...from, read: "2025-11-21" }, "2026-11-22").old).toBe(true);
  });

  test("every entry has one, regions where they have a source of their own", () => {
    const origins = allOrigins(catalogue, "2026-03-01");
    expect(origins.map(({ what }) => what)).toEqual([
      "vendor big",
      "vendor cloudy",
      "vendor euro",
      "vendor letters",
      "provider cloudy",
      "region cloudy/two",
      "provider runny",
      "region runny/two",
      "address 192.0.2.0/24",
    ]);
    expect(origins.filter(({ old }) => old).map(({ what }) => what)).toEqual(["vendor big"]);
    expect(origins.filter(({ confidence }) => confidence === "recalled").map(({ what }) => what)).toEqual([
      "vendor letters",
    ]);
  });
});

describe("alternatives", () => {
  const mail = { ...firm, purposes: ["e-mail delivery"] };
  const more = createCatalogue({
    vendors: [
      {
        ...firm,
        id: "giant",
        name: "Giant Inc.",
        seat: "US",
        purposes: ["cloud", "object storage"],
        alternatives: ["cloudling"],
        domains: [
          {
            name: "giant.com",
            purpose: "cloud",
            services: { s3: "object storage", email: "e-mail delivery", maps: "maps" },
          },
        ],
      },
      { ...firm, id: "cloudling", name: "Cloudling SA", seat: "FR", purposes: ["cloud", "e-mail delivery"] },
      { ...mail, id: "both", name: "Both AG", seat: "DE", purposes: ["CDN", "e-mail delivery"] },
      { ...mail, id: "letters", name: "Letters GmbH", seat: "DE" },
      { ...mail, id: "abroad", name: "Abroad Ltd", seat: "GB" },
      { ...mail, id: "owned", name: "Owned BV", seat: "NL", parent: "giant" },
    ],
    providers: [],
    addresses: [],
  });
  const of = (query: string) => {
    const { purposes, alternatives } = explain(more, query, "2026-03-01");
    return [purposes.join(), ...alternatives.map(({ id }) => id)];
  };

  test("follow the purpose of the service that the host names: those of the entry first, then who does it first of all", () => {
    expect(of("email.eu-west-1.giant.com")).toEqual(["e-mail delivery", "cloudling", "letters", "both"]);
    expect(of("email-smtp.giant.com")).toEqual(["e-mail delivery", "cloudling", "letters", "both"]);
  });

  test("where nobody serves the purpose, everyone whom the entry names", () => {
    expect(of("maps.giant.com")).toEqual(["maps", "cloudling"]);
    expect(of("x.s3.giant.com")).toEqual(["object storage", "cloudling"]);
  });

  test("of a host that names no service, and of the vendor itself, those that the entry names", () => {
    expect(of("www.giant.com")).toEqual(["cloud", "cloudling"]);
    expect(of("giant.com")).toEqual(["cloud", "cloudling"]);
    expect(of("giant")).toEqual(["cloud,object storage", "cloudling"]);
  });

  test("the label nearest the domain names the service, and only a whole word does", () => {
    expect(of("email.s3.giant.com")[0]).toBe("object storage");
    expect(of("s3x.giant.com")[0]).toBe("cloud");
    expect(of("xs3.giant.com")[0]).toBe("cloud");
  });
});
