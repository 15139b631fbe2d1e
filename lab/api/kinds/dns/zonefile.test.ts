import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseZonefile, renderZonefile, ZonefileError, type ZonefileRecord } from "./zonefile.ts";

describe("reading a zone file", () => {
  test("owners, TTLs, classes, parentheses, quotes and comments", () => {
    const file = [
      "$ORIGIN example.com.",
      "$TTL 1h",
      "; a comment of its own is dropped",
      "@ IN SOA hydrogen.ns.hetzner.com. dns.hetzner.com. (",
      "  2026010100 ; serial",
      "  86400 10800 3600000 3600 )",
      "@  10800 IN NS hydrogen.ns.hetzner.com. ; first",
      "   IN 10800 NS oxygen.ns.hetzner.com.",
      "WWW.example.com. A 192.0.2.1",
      '_dmarc TXT "v=DMARC1; p=none" "more"',
    ].join("\r\n");
    const { ttl, records } = parseZonefile(file, "example.com");
    expect(ttl).toBe(3_600);
    expect(records).toEqual([
      {
        name: "@",
        type: "SOA",
        ttl: null,
        value: "hydrogen.ns.hetzner.com. dns.hetzner.com. 2026010100 86400 10800 3600000 3600",
        comment: "serial",
      },
      { name: "@", type: "NS", ttl: 10_800, value: "hydrogen.ns.hetzner.com.", comment: "first" },
      { name: "@", type: "NS", ttl: 10_800, value: "oxygen.ns.hetzner.com." },
      { name: "www", type: "A", ttl: null, value: "192.0.2.1" },
      { name: "_dmarc", type: "TXT", ttl: null, value: '"v=DMARC1; p=none" "more"' },
    ]);
  });

  test.each([
    ["www A 192.0.2.300", /line 1: A record: .*IPv4/],
    ["\nwww.example.org. A 192.0.2.1", /line 2: .*not in the zone/],
    ["$ORIGIN example.org.", /\$ORIGIN must be example\.com\./],
    ["$INCLUDE /etc/passwd", /\$INCLUDE is not supported/],
    ["www CH A 192.0.2.1", /class IN/],
    ["www NAPTR x", /not a supported record type/],
    ["www 30 A 192.0.2.1", /TTL 30/],
    ["@ SOA a. b. (", /never closed/],
    ["@ SOA a. b. )", /without/],
    ['@ TXT "open', /unbalanced quotes/],
    ["  A 192.0.2.1", /needs a name/],
    ["$TTL abc", /number of seconds/],
  ])("%j is refused", (text, why) => {
    expect(() => parseZonefile(text, "example.com")).toThrow(why);
    expect(() => parseZonefile(text, "example.com")).toThrow(ZonefileError);
  });

  test("any text gives records or a ZonefileError, nothing else", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("\n", " ", "@", "IN", "A", "TXT", '"', "(", ")", ";", "$TTL", "1.2.3.4"),
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join("")),
        (text) => {
          try {
            parseZonefile(text, "example.com");
          } catch (error) {
            if (!(error instanceof ZonefileError)) throw error;
          }
        },
      ),
    );
  });
});

test("what is written reads back the same", () => {
  const record: fc.Arbitrary<ZonefileRecord> = fc.record(
    {
      name: fc.constantFrom("@", "www", "*.dev", "_sip._tcp"),
      type: fc.constant("TXT" as const),
      ttl: fc.option(fc.integer({ min: 60, max: 2_147_483_647 }), { nil: null }),
      value: fc.stringMatching(/^[ -!#-[\]-~]{0,80}$/).map((text) => `"${text}"`),
      comment: fc.stringMatching(/^[a-z;"()][a-z ;"()]{0,20}[a-z]$/).map((text) => text.replace(/\s+/g, " ")),
    },
    { requiredKeys: ["name", "type", "ttl", "value"] },
  );
  fc.assert(
    fc.property(fc.array(record), fc.integer({ min: 60, max: 86_400 }), (records, ttl) => {
      expect(parseZonefile(renderZonefile("example.com", ttl, records), "example.com")).toEqual({ ttl, records });
    }),
  );
});
