import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locationNames } from "../../catalogue/hetzner/locations.ts";
import { nearestFirst, renderAnswer, renderStatus } from "./entrances.ts";
import { isHostName, isRecordName, isWithin, relativeName } from "./names.ts";
import { type DnsRecord, recordProblems, renderRecord } from "./records.ts";
import { testEntrances, testSpec } from "./testing.ts";
import { renderZone, serialOf } from "./zone.ts";

const around = { zone: "example.eu", servedNames: ["www.example.eu"], ownNames: ["ns1.example.eu"] };

describe("the zone", () => {
  test("is rendered whole", () => {
    expect(renderZone(testSpec)).toMatchSnapshot();
  });

  test("checks are the same in every record, so that each entrance is asked once", () => {
    const code = [
      renderAnswer(testEntrances, testSpec.near, testSpec.health, "ipv4"),
      renderStatus(testEntrances, testSpec.health),
    ];
    const checks = code.map((text) =>
      [...text.matchAll(/ifurlup\('([^']*)',.*?(\{selector[^}]*\})/g)].map((m) => m.slice(1)),
    );
    const [ready, healthy] = checks[0]!;
    expect(ready![0]).toBe(testSpec.health.readyUrl);
    expect(ready![1]).toBe(healthy![1]);
    expect(checks[1]).toEqual([healthy]);
  });

  test("has no AAAA record where no entrance has IPv6", () => {
    const entrances = testEntrances.map((entrance) => ({ ...entrance, ipv6: undefined }));
    expect(renderZone({ ...testSpec, entrances })).not.toContain("LUA AAAA");
  });

  test("its serial follows from its content", () => {
    const serial = (text: string) => serialOf(text);
    expect(serial("a")).toBe(serial("a"));
    expect(serial("a")).not.toBe(serial("b"));
    fc.assert(
      fc.property(fc.string(), (text) => Number.isInteger(serial(text)) && serial(text) > 0 && serial(text) < 2 ** 32),
    );
  });
});

test("locations are ordered by their distance, the own one first", () => {
  expect(nearestFirst("nbg1", ["hel1", "fsn1", "nbg1"])).toEqual(["nbg1", "fsn1", "hel1"]);
  expect(nearestFirst("hel1", ["nbg1", "fsn1", "hel1"])).toEqual(["hel1", "fsn1", "nbg1"]);
  fc.assert(
    fc.property(fc.constantFrom(...locationNames), fc.subarray([...locationNames]), (from, all) => {
      const ordered = nearestFirst(from, all);
      expect([...ordered].sort()).toEqual([...all].sort());
      if (all.includes(from)) expect(ordered[0]).toBe(from);
    }),
  );
});

describe("names", () => {
  test.each([
    ["example.eu", true, true],
    ["a-b.example.eu", true, true],
    ["_dmarc.example.eu", false, true],
    ["*.example.eu", false, true],
    ["a.*.example.eu", false, false],
    ["example", false, false],
    ["Example.eu", false, false],
    ["example.eu.", false, false],
    ["-a.example.eu", false, false],
    ["a..eu", false, false],
    ["a b.eu", false, false],
    [`${"a".repeat(64)}.eu`, false, false],
    [`${"a.".repeat(127)}eu`, false, false],
    ["bücher.eu", false, false],
    ["a.eu\nb.eu", false, false],
    ["", false, false],
  ])("%j", (name, host, record) => {
    expect([isHostName(name), isRecordName(name)]).toEqual([host, record]);
  });

  test.each([
    ["example.eu", "@"],
    ["a.b.example.eu", "a.b"],
    ["notexample.eu", undefined],
    ["eu", undefined],
  ])("within a zone is its name and what is below, as it stands there: %s", (name, relative) => {
    expect(relativeName(name, "example.eu")).toBe(relative);
    expect(isWithin(name, "example.eu")).toBe(relative !== undefined);
  });
});

describe("records", () => {
  const wrong: readonly [DnsRecord, RegExp][] = [
    [{ name: "a.example.eu", type: "A", address: "::1" }, /records\[0\]\.address: "::1" is not an address for A$/],
    [{ name: "a.example.eu", type: "AAAA", address: "192.0.2.1" }, /not an address for AAAA/],
    [{ name: "a.example.eu", type: "A", address: "192.0.2.1\n$INCLUDE /etc/shadow" }, /not an address/],
    [
      { name: "a.example.org", type: "A", address: "192.0.2.1" },
      /name: "a.example.org" is not a whole name in example\.eu/,
    ],
    [{ name: "a.example.eu", type: "CNAME", target: "b" }, /target: "b" is not a whole domain name/],
    [{ name: "example.eu", type: "CNAME", target: "b.example.eu" }, /a zone's own name cannot be an alias/],
    [{ name: "example.eu", type: "NS", target: "b.example.org" }, /name servers of example\.eu itself/],
    [{ name: "www.example.eu", type: "A", address: "192.0.2.1" }, /a served name, whose addresses follow/],
    [{ name: "ns1.example.eu", type: "TXT", text: "" }, /is the name servers' own/],
    [{ name: "a.example.eu", type: "TXT", text: 'new\nline"' }, /text: is not printable ASCII/],
    [{ name: "a.example.eu", type: "TXT", text: "ü" }, /text: is not printable ASCII/],
    [{ name: "a.example.eu", type: "TXT", text: "a".repeat(4001) }, /text: is not printable ASCII of at most 4000/],
    [{ name: "a.example.eu", type: "MX", preference: 65_536, exchange: "b.example.eu" }, /preference: 65536/],
    [{ name: "a.example.eu", type: "SRV", priority: 0, weight: 0, port: -1, target: "." }, /port: -1/],
    [{ name: "a.example.eu", type: "CAA", tag: "other" as "issue", value: "" }, /tag: "other" is not one of/],
    [{ name: "a.example.eu", type: "SPF" as "TXT", text: "" }, /records\[0\]\.type: "SPF" is not one of/],
    [{ name: "a.example.eu", type: "TXT", text: "", ttl: 5 }, /ttl: 5 is not a whole number of seconds from 30/],
  ];
  test.each(wrong)("number %# of the wrong ones is refused", (record, message) => {
    expect(recordProblems([record], around).join("; ")).toMatch(message);
  });

  test("an alias stands alone", () => {
    const alias: DnsRecord = { name: "a.example.eu", type: "CNAME", target: "b.example.eu" };
    const text: DnsRecord = { name: "a.example.eu", type: "TXT", text: "x" };
    expect(recordProblems([alias], around)).toEqual([]);
    for (const pair of [
      [alias, text],
      [text, alias],
      [alias, alias],
    ]) {
      expect(recordProblems(pair, around).join("; ")).toMatch(/an alias can have no other record/);
    }
  });

  test("whatever a text is, it stays on its line and within its quotes", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
      maxLength: 600,
    });
    fc.assert(
      fc.property(printable, (text) => {
        const record: DnsRecord = { name: "a.example.eu", type: "TXT", text };
        expect(recordProblems([record], around)).toEqual([]);
        const line = renderRecord(record);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        const parts = [...line.slice("a.example.eu. 300 IN TXT ".length).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(
          (match) => match[1]!.replace(/\\(.)/g, "$1"),
        );
        expect(parts.join("")).toBe(text);
        expect(parts.every((part) => part.length <= 255)).toBe(true);
      }),
    );
  });

  test("no record whose parts come from anywhere adds a line to the zone", () => {
    const anything = fc.oneof(
      fc.string(),
      fc.constantFrom("a.example.eu", "192.0.2.1", "a.example.eu\nb", '"', ";", "\\"),
    );
    const record = fc.oneof(
      fc.record({ name: anything, type: fc.constantFrom("A" as const, "AAAA" as const), address: anything }),
      fc.record({ name: anything, type: fc.constantFrom("CNAME" as const, "NS" as const), target: anything }),
      fc.record({ name: anything, type: fc.constant("MX" as const), preference: fc.integer(), exchange: anything }),
      fc.record({
        name: anything,
        type: fc.constant("CAA" as const),
        tag: fc.constantFrom("issue" as const),
        value: anything,
      }),
      fc.record({ name: anything, type: fc.constant("TXT" as const), text: anything }),
    );
    fc.assert(
      fc.property(record, (one) => {
        if (recordProblems([one], around).length === 0) expect(renderRecord(one).match(/\n/g)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
