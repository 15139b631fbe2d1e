import { describe, expect, test } from "vitest";
import { addFile, CatalogueError, digestOf, parseFiles, renderCompiled, type SourceFile } from "./files.ts";
import { createCatalogue } from "./lookup.ts";

const provenance = "source: https://example.com/legal\n  read: 2026-01-31";

const acme = `- id: acme
  name: ACME GmbH
  seat: DE
  purposes: [CDN]
  domains: [acme.de, { name: cdn.acme.com, purpose: fonts }]
  ${provenance}
`;
const other = `- id: other
  name: Other Inc.
  seat: US
  purposes: [CDN]
  domains: [other.com]
  alternatives: [acme]
  ${provenance}
`;
const cloudy = `- package: cloudy
  name: Cloudy
  vendor: acme
  unset: { note: nobody knows }
  regions: [{ name: one, countries: [DE], aliases: [uno] }, { name: two, countries: [US] }]
  regionProperties: [{ type: "*", properties: [region] }]
  ${provenance}
`;
const addresses = `- cidr: 192.0.2.0/24
  vendor: acme
  purpose: resolver
  ${provenance}
`;

function files(changes: Readonly<Record<string, string>> = {}): SourceFile[] {
  const all: Record<string, string> = {
    "vendors/acme.yaml": acme,
    "vendors/other.yaml": other,
    "providers/cloudy.yaml": cloudy,
    "addresses.yaml": addresses,
    ...changes,
  };
  return Object.entries(all).map(([name, text]) => ({ name, text }));
}

function problems(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof CatalogueError) return error.problems;
    throw error;
  }
  return [];
}

const ofVendors = (text: string) => problems(() => parseFiles(files({ "vendors/acme.yaml": text })));

describe("the catalogue's own files", () => {
  test("good ones are read, plain domains as well as those with more to say", () => {
    const data = parseFiles(files());
    expect(data.vendors.map(({ id }) => id)).toEqual(["acme", "other"]);
    expect(data.vendors[0]!.domains).toEqual([{ name: "acme.de" }, { name: "cdn.acme.com", purpose: "fonts" }]);
    expect(data.vendors[0]!.alternatives).toEqual([]);
    expect(data.providers[0]!.zones).toEqual([]);
  });

  test.each<[string, (text: string) => string, string]>([
    [
      "an unknown key",
      (t) => t.replace("seat:", "seta: DE\n  seat:"),
      'vendors/acme.yaml: acme: Unrecognized key: "seta"',
    ],
    [
      "no source",
      (t) => t.replace(/source.*/, ""),
      "vendors/acme.yaml: acme: source: the URL of the page it was read on",
    ],
    [
      "a source that is no page",
      (t) => t.replace("https://example.com/legal", "ask Bob"),
      "vendors/acme.yaml: acme: source: ",
    ],
    [
      "a day that does not exist",
      (t) => t.replace("2026-01-31", "2026-02-31"),
      "vendors/acme.yaml: acme: read: a day that exists",
    ],
    [
      "a seat that is no country",
      (t) => t.replace("seat: DE", "seat: UK"),
      "vendors/acme.yaml: acme: seat: an ISO 3166-1",
    ],
    [
      "NO, which YAML must not take for false",
      (t) => t.replace("seat: DE", "seat: NO").replace("purposes: [CDN]", "purposes: [x]"),
      "vendors/acme.yaml: acme: purposes[0]: ",
    ],
    ["upper case", (t) => t.replace("[acme.de", "[Acme.de"), "vendors/acme.yaml: acme: domains[0]: "],
    ["Unicode instead of punycode", (t) => t.replace("[acme.de", "[acmé.de"), "vendors/acme.yaml: acme: domains[0]: "],
    ["a URL", (t) => t.replace("[acme.de", "['https://acme.de/']"), "vendors/acme.yaml:5: no YAML"],
    ["a trailing dot", (t) => t.replace("[acme.de,", "[acme.de.,"), "vendors/acme.yaml: acme: domains[0]: "],
    ["a public suffix", (t) => t.replace("[acme.de", "[co.uk"), "vendors/acme.yaml: acme: domains[0]: "],
    ["no public suffix at all", (t) => t.replace("[acme.de", "[acme.cluster"), "vendors/acme.yaml: acme: domains[0]: "],
    [
      "a domain of another vendor",
      (t) => t.replace("[acme.de", "[other.com"),
      'vendors/other.yaml: other: domains[0]: "other.com" is there already',
    ],
    ["an id twice", (t) => t + t.replaceAll("acme.", "acne."), 'vendors/acme.yaml: acme: id: "acme" is there already'],
    [
      "a parent that is not there",
      (t) => t.replace("seat: DE", "seat: DE\n  parent: nobody"),
      'vendors/acme.yaml: acme: parent: no vendor "nobody"',
    ],
    [
      "its own parent",
      (t) => t.replace("seat: DE", "seat: DE\n  parent: acme"),
      "vendors/acme.yaml: acme: parent: the chain of owners does not end",
    ],
    ["a list that is none", () => "acme: { id: acme }", "vendors/acme.yaml: Invalid input: expected array"],
    [
      "a region pattern without the group",
      (t) => t.replace("purpose: fonts", "region: '(.*)'"),
      "vendors/acme.yaml: acme: domains[1].region: ",
    ],
    [
      "a broken region pattern",
      (t) => t.replace("purpose: fonts", "region: '(?<region>['"),
      "vendors/acme.yaml: acme: domains[1].region: ",
    ],
    ["no YAML", () => "- id: [", "vendors/acme.yaml:"],
  ])("%s is refused, with file, entry and path", (_, change, expected) => {
    const found = ofVendors(change(acme));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]!.slice(0, expected.length)).toBe(expected);
  });

  test("an alternative has to be in the EU all the way up", () => {
    const owned = acme.replace("seat: DE", "seat: DE\n  parent: other");
    expect(ofVendors(owned)).toEqual([
      "vendors/other.yaml: other: alternatives[0]: not in the EU all the way up: ACME GmbH (DE), owned by Other Inc. (US)",
    ]);
    expect(ofVendors(acme.replace("seat: DE", "seat: CH"))).toEqual([
      "vendors/other.yaml: other: alternatives[0]: not in the EU all the way up: ACME GmbH (CH)",
    ]);
  });

  test("a private suffix may be a vendor's domain", () => {
    expect(ofVendors(acme.replace("[acme.de", "[herokuapp.com"))).toEqual([]);
  });

  test("regions are unique with their aliases, however they are spelt", () => {
    const twice = cloudy.replace("name: two", "name: U No");
    expect(problems(() => parseFiles(files({ "providers/cloudy.yaml": twice })))).toEqual([
      'providers/cloudy.yaml: cloudy: regions[1]: a region "uno" is there already',
    ]);
  });

  test("an address range has its host bits clear", () => {
    const slip = addresses.replace("192.0.2.0/24", "192.0.2.1/24");
    expect(problems(() => parseFiles(files({ "addresses.yaml": slip })))[0]).toMatch(
      /^addresses.yaml: 192.0.2.1\/24: cidr: a network/,
    );
  });

  test("all problems of all files come at once", () => {
    const found = problems(() =>
      parseFiles(files({ "vendors/acme.yaml": acme.replace("DE", "XX"), "vendors/other.yaml": "- id: [" })),
    );
    expect(found.map((problem) => problem.split(":")[0])).toEqual(["vendors/acme.yaml", "vendors/other.yaml"]);
  });

  test("what is compiled is what is in the files, and says of which", () => {
    const { digest, ...data } = JSON.parse(renderCompiled(files()));
    expect(data).toEqual(parseFiles(files()));
    expect(digest).toBe(digestOf(files()));
    expect(digestOf(files({ "addresses.yaml": "[]" }))).not.toBe(digest);
  });
});

describe("a file of one's own", () => {
  const base = parseFiles(files());
  const add = (text: string) => addFile(base, { name: "/etc/own.yaml", text });

  test("adds vendors, and takes over their domains", () => {
    const data = add(`vendors:
${acme.replaceAll("acme.de", "own.de").replace("id: acme", "id: own").replace("cdn.acme.com", "other.com").replaceAll(/^/gm, "  ")}`);
    const catalogue = createCatalogue(data);
    expect(catalogue.host("x.other.com").vendor?.id).toBe("own");
    expect(catalogue.vendors.get("other")?.domains).toEqual([]);
    expect(base.vendors.find(({ id }) => id === "other")?.domains.length).toBe(1);
  });

  test("replaces a vendor of the same id, also one that others give as an alternative", () => {
    const data = add(`vendors:\n${acme.replace("seat: DE", "seat: DE\n  parent: other").replaceAll(/^/gm, "  ")}`);
    expect(createCatalogue(data).ownerStanding("acme").standing).toBe("outside");
  });

  test("adds and corrects regions of a listed provider, with their own source", () => {
    const data = add(`providers:
  - package: cloudy
    regions: [{ name: three, countries: [FR], aliases: [uno] }, { name: two, countries: [ES] }]
    zones: ["^(?<region>[a-z]+)-[0-9]$"]
    source: https://example.com/own
    read: 2026-03-01
`);
    const [provider] = data.providers;
    const catalogue = createCatalogue(data);
    expect(provider!.regions.map(({ name, countries, read }) => [name, countries[0], read])).toEqual([
      ["one", "DE", undefined],
      ["three", "FR", "2026-03-01"],
      ["two", "ES", "2026-03-01"],
    ]);
    expect(catalogue.region(provider!, "UNO")?.name).toBe("three");
    expect(catalogue.region(provider!, "two-7")?.name).toBe("two");
    expect([provider!.name, provider!.read, catalogue.regionProperties("cloudy:x:Y")]).toEqual([
      "Cloudy",
      "2026-01-31",
      ["region"],
    ]);
  });

  test("has to say everything of a provider that is not listed", () => {
    const found = problems(() =>
      add(
        `providers:\n${cloudy.replace("package: cloudy", "package: rainy").replace("  name: Cloudy\n", "").replaceAll(/^/gm, "  ")}`,
      ),
    );
    expect(found).toEqual(["/etc/own.yaml: rainy: name: Invalid input: expected string, received undefined"]);
  });

  test.each([
    ["vendor: []", '/etc/own.yaml: Unrecognized key: "vendor"'],
    ["[]", "/etc/own.yaml: Invalid input: expected object, received array"],
    ["", "/etc/own.yaml: Invalid input: expected object, received null"],
    ["a: &a [*a]", "/etc/own.yaml"],
    [
      `addresses:\n${addresses.replace("acme", "nobody").replaceAll(/^/gm, "  ")}`,
      '/etc/own.yaml: 192.0.2.0/24: vendor: no vendor "nobody"',
    ],
    [`vendors:\n${(acme + acme).replaceAll(/^/gm, "  ")}`, '/etc/own.yaml: acme: id: "acme" is there already'],
  ])("%j is refused", (text, expected) => {
    expect(problems(() => add(text))[0]!.slice(0, expected.length)).toBe(expected);
  });

  test("cannot make a circle of owners", () => {
    const found = problems(() =>
      add(`vendors:
${acme.replace("seat: DE", "seat: DE\n  parent: other").replaceAll(/^/gm, "  ")}
${other.replace("seat: US", "seat: US\n  parent: acme").replace("alternatives: [acme]", "alternatives: []").replaceAll(/^/gm, "  ")}`),
    );
    expect(found.every((problem) => problem.endsWith("the chain of owners does not end"))).toBe(true);
    expect(found.length).toBe(2);
  });
});
