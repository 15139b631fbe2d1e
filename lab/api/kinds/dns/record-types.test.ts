import { describe, expect, test } from "vitest";
import { rrsetNameError, zoneNameError } from "./names.ts";
import { type RecordType, recordError } from "./record-types.ts";

const good: [RecordType, string][] = [
  ["A", "192.0.2.1"],
  ["AAAA", "2001:db8::1"],
  ["CAA", '0 issue "letsencrypt.org"'],
  ["CNAME", "www.example.com."],
  ["CNAME", "www"],
  ["DS", `12345 13 2 ${"ab".repeat(32)}`],
  ["HINFO", '"x86" "Debian 13"'],
  ["HTTPS", '1 . alpn="h2,h3" ipv4hint=192.0.2.1'],
  ["MX", "10 mail"],
  ["NS", "hydrogen.ns.hetzner.com."],
  ["PTR", "host.example.com."],
  ["RP", "admin.example.com. ."],
  ["SOA", "hydrogen.ns.hetzner.com. dns.hetzner.com. 2026010100 86400 10800 3600000 3600"],
  ["SRV", "0 5 5060 sip.example.com."],
  ["SVCB", "0 svc.example.com."],
  ["TLSA", `3 1 1 ${"0f".repeat(32)}`],
  ["TXT", '"v=spf1 -all"'],
  ["TXT", `"${"a".repeat(255)}" "b;c \\" d"`],
];

const bad: [RecordType, string, RegExp][] = [
  ["A", "192.0.2.256", /IPv4/],
  ["A", "192.0.2.1 192.0.2.2", /fields/],
  ["A", "", /fields/],
  ["AAAA", "192.0.2.1", /IPv6/],
  ["AAAA", "fe80::1%eth0", /IPv6/],
  ["CAA", "0 issue letsencrypt.org", /double quotes/],
  ["CAA", '256 issue "x"', /0 to 255/],
  ["CNAME", "-bad-.example.com.", /domain name/],
  ["CNAME", `${"a".repeat(64)}.example.com.`, /domain name/],
  ["DS", `1 13 2 ${"ab".repeat(20)}`, /64 hexadecimal/],
  ["HTTPS", "1", /fields/],
  ["MX", "mail.example.com.", /fields/],
  ["MX", "65536 mail", /0 to 65535/],
  ["MX", "010 mail", /0 to 65535/],
  ["SRV", "0 5 http sip.example.com.", /65535/],
  ["TLSA", "4 1 1 00", /0 to 3/],
  ["TLSA", "3 1 1 0", /hexadecimal/],
  ["TXT", "no quotes", /double quotes/],
  ["TXT", '"not closed', /unbalanced/],
  ["TXT", `"${"a".repeat(256)}"`, /at most 255/],
  ["TXT", `"${"ä".repeat(128)}"`, /256 bytes/],
];

describe("record values", () => {
  test.each(good)("%s %s is accepted", (type, value) => expect(recordError(type, value)).toBeUndefined());
  test.each(bad)("%s %s is refused", (type, value, why) => expect(recordError(type, value)).toMatch(why));
  test("a hostile value is answered quickly", () => {
    for (const evil of ['"'.repeat(60_000), `"${"\\".repeat(60_000)}`, `a"${'b"'.repeat(30_000)}`, " ".repeat(60_000)])
      expect(recordError("TXT", evil)).toBeDefined();
  });
});

describe("names", () => {
  test.each(["example.com", "xn--mnchen-3ya.de", "example.co.uk"])("zone %s is accepted", (name) =>
    expect(zoneNameError(name)).toBeUndefined(),
  );
  test.each([
    ["Example.com", /lower case/],
    ["example.com.", /dot/],
    ["www.example.com", /use example\.com/],
    ["com", /public suffix/],
    ["example.invalidtld", /public suffix/],
    ["münchen.de", /Punycode/],
    ["", /domain name/],
    ["192.0.2.1", /public suffix/],
    [`${"a.".repeat(130)}com`, /at most/],
  ])("zone %s is refused", (name, why) => expect(zoneNameError(name)).toMatch(why));

  test.each(["@", "*", "*.dev", "www", "_sip._tcp", "a.b.c"])("RRSet %s is accepted", (name) =>
    expect(rrsetNameError(name, "example.com")).toBeUndefined(),
  );
  test.each([
    ["WWW", /lower case/],
    ["www.", /dot/],
    ["www.example.com", /name of the zone/],
    ["example.com", /name of the zone/],
    ["a..b", /relative/],
    ["a.*", /relative/],
    ["", /relative/],
    [`${"a.".repeat(125)}a`, /at most/],
  ])("RRSet %s is refused", (name, why) => expect(rrsetNameError(name, "example.com")).toMatch(why));
});
