import { describe, expect, test } from "vitest";
import { applyExemptions, parseExemptions, reviewExemptions } from "./exemptions.ts";
import { fingerprint } from "./fingerprint.ts";
import { resource } from "./testing.ts";
import type { Finding, Report } from "./types.ts";

const entry = {
  rule: "sovereignty/endpoints",
  resource: "web",
  justification: "Until the move in spring",
  owner: "platform team",
  approvedBy: "the board",
  expiresAt: "2026-12-31",
};
const read = (over: object) => parseExemptions({ exemptions: [{ ...entry, ...over }] }, "exemptions.yaml");
const wrong = (over: object) => read(over).problems.map(({ message }) => message);

describe("an entry", () => {
  test.each([
    [
      { rule: "sovereignty/*" },
      /^rule: one rule by its id, for instance sovereignty\/endpoints; wildcards would silence more/,
    ],
    [{ rule: "xsovereignty/endpoints" }, /^rule: one rule/],
    [{ rule: "operations/cost " }, /^rule: one rule/],
    [{ rule: "operations/" }, /^rule: one rule/],
    [{ resource: "*" }, /^resource: a pattern that says which resources/],
    [{ resource: "**:?/" }, /^resource: a pattern that says which resources/],
    [{ resource: "" }, /^resource: /],
    [{ resource: "a".repeat(1001) }, /^resource: /],
    [{ subject: "" }, /^subject: /],
    [{ subject: "a".repeat(254) }, /^subject: /],
    [{ subject: "*.example.eu" }, /^subject: one host, address, region or vendor/],
    [{ justification: "too short" }, /^justification: in words that an auditor understands/],
    [{ justification: "          x" }, /^justification: /],
    [{ justification: "a".repeat(1001) }, /^justification: /],
    [{ owner: "ab" }, /^owner: who: a name or an address$/],
    [{ owner: "  a " }, /^owner: /],
    [{ approvedBy: "a".repeat(201) }, /^approvedBy: /],
    [{ expiresAt: "2026-02-30" }, /^expiresAt: a day that exists/],
    [{ until: "2026-12-31" }, /until/],
  ])("with %j is broken, and says why", (over, message) => {
    expect(wrong(over)).toEqual([expect.stringMatching(message)]);
    expect(read(over).entries).toEqual([]);
  });

  test.each([
    [{ rule: "operations/public-database" }],
    [{ resource: "a".repeat(1000) }],
    [{ resource: "*a" }],
    [{ subject: "a".repeat(253) }],
    [{ justification: "a".repeat(1000), owner: "a".repeat(200), approvedBy: "Ada" }],
    [{ justification: "ten letter" }],
  ])("with %j is in order", (over) => {
    expect(wrong(over)).toEqual([]);
  });

  test("is read beside others that are wrong, and keeps its position; a wrong file is an error", () => {
    const exemptions = parseExemptions({ exemptions: [{}, entry] }, "e.yaml");
    expect(exemptions).toMatchObject({ name: "e.yaml", positions: [1], entries: [entry], problems: [{ index: 0 }] });
    expect(() => parseExemptions({ exemption: [] }, "e.yaml")).toThrow("exemptions");
  });
});

const finding = (over: Partial<Finding> = {}): Finding => ({
  rule: "sovereignty/endpoints",
  pack: "sovereignty",
  severity: "refuse",
  outcome: "violation",
  controls: [],
  fingerprint: "0",
  message: "",
  why: "",
  fix: "",
  resource: resource({ type: "x:y:Z", name: "web-1" }),
  ...over,
});
const covers = (over: object, about: Partial<Finding> = {}, today = "2026-12-31") =>
  applyExemptions([finding(about)], read(over), today).findings[0]!.exemption !== undefined;

describe("what an exemption covers", () => {
  test.each([
    ["web-1", true],
    ["web-*", true],
    ["*-1", true],
    ["w*b*1", true],
    ["web-1*", true],
    ["*web-1", true],
    ["w*e*b*-*1", true],
    ["web", false],
    ["web-11", false],
    ["*web", false],
    ["web*web-1", false],
    ["web-1*1", false],
    ["w*x*1", false],
    ["we*eb-1", false],
    ["w*b-*-1", false],
    ["w*1*1", false],
    ["web?1", false],
    ["urn:pulumi:test::test::x:y:Z::web-1", true],
    ["urn:*::web-1", true],
    ["urn:*::web-2", false],
  ])("%s: %s", (pattern, expected) => {
    expect(covers({ resource: pattern })).toBe(expected);
  });

  test("its rule alone, until its last day", () => {
    expect(covers({ resource: "web-1", rule: "sovereignty/owner" })).toBe(false);
    expect(covers({ resource: "web-1" }, {}, "2027-01-01")).toBe(false);
  });

  test("its subject, whatever kind that is", () => {
    for (const kind of ["host", "address", "region", "vendor"]) {
      expect(covers({ resource: "web-1", subject: "x" }, { subject: { [kind]: "x" } })).toBe(true);
      expect(covers({ resource: "web-1", subject: "x" }, { subject: { [kind]: "y" } })).toBe(false);
    }
    expect(covers({ resource: "web-1", subject: "x" })).toBe(false);
    expect(covers({ resource: "web-1", subject: "x" }, { subject: { owner: "x" } })).toBe(false);
  });

  test("says who decided what until when, and which entries were of use", () => {
    const exemptions = parseExemptions(
      {
        exemptions: [
          { ...entry, resource: "db" },
          { ...entry, resource: "web-1" },
        ],
      },
      "e.yaml",
    );
    const { findings, used } = applyExemptions(
      [finding(), finding({ rule: "sovereignty/owner" })],
      exemptions,
      "2026-11-22",
    );
    expect(findings.map(({ exemption }) => exemption)).toEqual([
      { justification: "Until the move in spring", approvedBy: "the board", expiresAt: "2026-12-31" },
      undefined,
    ]);
    expect([...used]).toEqual([exemptions.entries[1]]);
  });
});

test("the review: broken, expired and unused ones, each with its place in the file", () => {
  const list = [
    { rule: "x" },
    { ...entry, expiresAt: "2026-11-21" },
    entry,
    { ...entry, expiresAt: "2026-11-22", resource: "db" },
  ];
  const exemptions = parseExemptions({ exemptions: list }, "e.yaml");
  const used = new Set([exemptions.entries[2]!]);
  const said = [...reviewExemptions(exemptions, used, "2026-11-22")].map(({ about, report }) => [
    about,
    report.resource.urn,
    report.resource.name,
    `${report.severity} ${report.outcome} ${report.resource.type}`,
    report.message,
  ]);
  expect(said).toEqual([
    [
      undefined,
      "e.yaml#exemptions[0]",
      "exemption 1",
      "refuse violation exemption",
      expect.stringMatching(/^Exemption 1 of e\.yaml is broken and holds for nothing: rule: /),
    ],
    [
      "sovereignty/endpoints",
      "e.yaml#exemptions[1]",
      "exemption 2",
      "undefined violation exemption",
      "The exemption of web from sovereignty/endpoints expired on 2026-11-21.",
    ],
    [
      "sovereignty/endpoints",
      "e.yaml#exemptions[2]",
      "exemption 3",
      "undefined violation exemption",
      "The exemption of web from sovereignty/endpoints is not used.",
    ],
  ]);
});

describe("a fingerprint", () => {
  const base: Report = {
    resource: resource({ type: "x:y:Z" }),
    outcome: "violation",
    property: "a[1].b",
    message: "m",
    why: "w",
    fix: "f",
  };
  const of = (over: Partial<Report> = {}, rule = "sovereignty/location") => fingerprint(rule, { ...base, ...over });

  test("is sixteen hexadecimal digits that stay", () => {
    expect(of()).toMatch(/^[0-9a-f]{16}$/);
    expect(of({ message: "other", why: "other", fix: "other", severity: "warn" })).toBe(of());
    expect(of({ property: "a[12].b" })).toBe(of());
    expect(of({ place: ["runcmd[3]"] })).toBe(of({ place: ["runcmd[4]"] }));
  });

  test("differs by rule, outcome, resource, property, place and subject", () => {
    const all = [
      of(),
      of({}, "sovereignty/owner"),
      of({ outcome: "not-established" }),
      of({ resource: resource({ type: "x:y:Z", name: "other" }) }),
      of({ property: "a.b" }),
      of({ property: undefined }),
      of({ place: ["part 1"] }),
      of({ place: ["part 1", "runcmd[0]"] }),
      of({ subject: { host: "h" } }),
      of({ subject: { address: "a" } }),
      of({ subject: { region: "r" } }),
      of({ subject: { vendor: "v" } }),
      of({ subject: { country: "c" } }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(of({ subject: { host: "h", vendor: "v" } })).toBe(of({ subject: { host: "h" } }));
    expect(of({ subject: { owner: "o" } })).toBe(of());
  });
});
