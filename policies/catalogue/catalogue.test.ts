import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { locations } from "../../catalogue/hetzner/locations.ts";
import { addFile, parseFiles } from "./files.ts";
import { loadCatalogue, sourceFiles } from "./load.ts";
import { createCatalogue } from "./lookup.ts";

const catalogue = loadCatalogue();

function placeOf(packageName: string, name: string) {
  const provider = catalogue.providers.get(packageName)!;
  const region = catalogue.region(provider, name);
  return region && [catalogue.regionStanding(region), ...region.countries];
}

describe("what is in the catalogue", () => {
  test("its files are good", () => {
    expect(parseFiles(sourceFiles()).vendors.length).toBe(catalogue.vendors.size);
  });

  test("it is large enough to be of use", () => {
    const vendors = [...catalogue.vendors.values()];
    expect(vendors.length).toBeGreaterThanOrEqual(250);
    expect(vendors.flatMap(({ domains }) => domains).length).toBeGreaterThanOrEqual(600);
  });

  test("every provider has a vendor and regions, but for Kubernetes, which runs anywhere", () => {
    for (const provider of catalogue.providers.values()) {
      const anywhere = provider.package === "kubernetes";
      expect([provider.package, provider.vendor === undefined, provider.regions.length === 0]).toEqual([
        provider.package,
        anywhere,
        anywhere,
      ]);
      expect(provider.regionProperties.length).toBeGreaterThan(0);
    }
    expect([...catalogue.providers.keys()].sort()).toEqual([
      "aws",
      "aws-native",
      "azure",
      "azure-native",
      "cloudflare",
      "digitalocean",
      "exoscale",
      "gcp",
      "google-native",
      "hcloud",
      "ionoscloud",
      "kubernetes",
      "linode",
      "opentelekomcloud",
      "ovh",
      "scaleway",
      "stackit",
      "upcloud",
      "vultr",
    ]);
  });

  test("Hetzner's locations are those that the stacks know", () => {
    const { regions } = catalogue.providers.get("hcloud")!;
    for (const { name, country, city, networkZone } of locations) {
      const region = regions.find((candidate) => candidate.name === name);
      expect([name, region?.countries]).toEqual([name, [country]]);
      expect(region?.city?.startsWith(city.split(",")[0]!)).toBe(true);
      expect(regions.find((zone) => zone.name === networkZone)?.countries).toContain(country);
    }
    expect(regions.length).toBe(new Set(locations.flatMap(({ name, networkZone }) => [name, networkZone])).size);
  });

  test.each([
    ["hcloud", "fsn1-dc14", ["eu", "DE"]],
    ["hcloud", "ash", ["outside", "US"]],
    ["hcloud", "eu-central", ["eu", "DE", "FI"]],
    ["scaleway", "nl-ams-2", ["eu", "NL"]],
    ["ovh", "GRA11", ["eu", "FR"]],
    ["ovh", "DE1", ["eu", "DE"]],
    ["ovh", "UK1", ["adequate", "GB"]],
    ["ovh", "EU-WEST-LZ-ZRH-A", ["adequate", "CH"]],
    ["ovh", "eu-west-par-b", ["eu", "FR"]],
    ["ovh", "US-EAST-VA-1", ["outside", "US"]],
    ["ovh", "eu-north-lz-osl", ["eea", "NO"]],
    ["exoscale", "ch-gva-2", ["adequate", "CH"]],
    ["exoscale", "hr-zag-1", ["eu", "HR"]],
    ["upcloud", "no-svg1", ["eea", "NO"]],
    ["ionoscloud", "de/txl", ["eu", "DE"]],
    ["ionoscloud", "gb/bhx", ["adequate", "GB"]],
    ["stackit", "eu02-m", ["eu", "AT"]],
    ["opentelekomcloud", "eu-de-03", ["eu", "DE"]],
    ["opentelekomcloud", "eu-ch2", ["adequate", "CH"]],
    ["aws", "eu-central-1b", ["eu", "DE"]],
    ["aws", "euw2-az1", ["adequate", "GB"]],
    ["aws", "eusc-de-east-1a", ["eu", "DE"]],
    ["aws", "eu-north-1-hel-1a", ["eu", "FI"]],
    ["aws", "us-east-1", ["outside", "US"]],
    ["aws", "aws-global", ["unknown"]],
    ["aws", "eu-west-4", undefined],
    ["azure", "West Europe", ["eu", "NL"]],
    ["azure-native", "norwayeast", ["eea", "NO"]],
    ["azure-native", "Global", ["unknown"]],
    ["azure-native", "Europe", ["unknown"]],
    ["gcp", "europe-west1-b", ["eu", "BE"]],
    ["gcp", "EU", ["eu", "BE", "DE", "ES", "FI", "FR", "IT", "NL", "PL", "SE"]],
    ["gcp", "EUR4", ["eu", "FI", "NL"]],
    ["gcp", "EUR5", ["adequate", "BE", "GB", "NL"]],
    ["gcp", "europe-west2", ["adequate", "GB"]],
    ["gcp", "regional-europe-west3", ["eu", "DE"]],
    ["gcp", "projects/p/locations/global/keyRings/k", ["unknown"]],
    ["google-native", "us-central1", ["outside", "US"]],
    ["cloudflare", "eu", ["unknown"]],
    ["digitalocean", "fra1", ["eu", "DE"]],
    ["vultr", "lhr", ["adequate", "GB"]],
    ["linode", "eu-west", ["adequate", "GB"]],
    ["linode", "eu-central", ["eu", "DE"]],
  ])("%s %s", (packageName, name, expected) => {
    expect(placeOf(packageName, name)).toEqual(expected);
  });

  test("American owners stay American in an EU region, the sovereign partition's too", () => {
    for (const packageName of ["aws", "azure-native", "gcp", "cloudflare", "digitalocean", "vultr", "linode"]) {
      const { vendor } = catalogue.providers.get(packageName)!;
      expect([packageName, catalogue.ownerStanding(vendor!).jurisdiction]).toEqual([packageName, "US"]);
    }
    expect(catalogue.region(catalogue.providers.get("aws")!, "eusc-de-east-1")?.note).toContain("owned by Amazon");
    for (const packageName of ["hcloud", "scaleway", "ovh", "upcloud", "ionoscloud", "stackit", "opentelekomcloud"]) {
      const { vendor } = catalogue.providers.get(packageName)!;
      expect([packageName, catalogue.ownerStanding(vendor!).standing]).toEqual([packageName, "eu"]);
    }
  });

  test.each([
    ["1.1.1.1", "resolver", "US"],
    ["8.8.8.8", "resolver", "US"],
    ["2001:4860:4860::8844", "resolver", "US"],
    ["9.9.9.9", "resolver", "CH"],
    ["86.54.11.100", "resolver", "CZ"],
    ["2a13:1001::86:54:11:1", "resolver", "CZ"],
    ["185.222.222.222", "resolver", "DE"],
    ["192.53.103.108", "NTP", "DE"],
    ["169.254.169.254", "metadata", undefined],
  ])("%s is a %s of %s", (literal, purpose, country) => {
    const facts = catalogue.address(literal);
    expect([facts.purpose, facts.country]).toEqual([purpose, country]);
  });

  test("nobody's alternative has an owner outside the EU", () => {
    for (const vendor of catalogue.vendors.values()) {
      for (const id of vendor.alternatives) {
        expect([vendor.id, id, catalogue.ownerStanding(id).standing]).toEqual([vendor.id, id, "eu"]);
      }
    }
  });
});

describe("reading it", () => {
  test("a file that cannot be read says which and why", () => {
    expect(() => loadCatalogue({ additions: ["/nowhere/own.yaml"] })).toThrow(
      "/nowhere/own.yaml: cannot be read: ENOENT",
    );
    expect(() => loadCatalogue({ additions: [tmpdir()] })).toThrow("cannot be read: EISDIR");
  });

  test("the documentation's example is a good one", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/catalogue.md"), "utf8");
    const text = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
    const own = createCatalogue(addFile(parseFiles(sourceFiles()), { name: "own.yaml", text }));
    expect(own.region(own.providers.get("hcloud")!, "new1")?.countries).toEqual(["PT"]);
    expect(own.host("mx.example-mail.de").standing).toBe("eu");
    expect(own.address("192.0.2.1").vendor?.id).toBe("example-mail");
  });

  test("files of one's own count in their order; too much of it is not read", () => {
    const folder = mkdtempSync(join(tmpdir(), "catalogue-"));
    const write = (name: string, text: string) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    };
    const own = (seat: string) => `vendors:
  - { id: own, name: Own, seat: ${seat}, purposes: [CDN], domains: [own-example.de], source: "https://own-example.de/", read: 2026-01-01 }
`;
    try {
      const additions = [write("a.yaml", own("US")), write("b.yaml", own("FR"))];
      expect(loadCatalogue({ additions }).host("x.own-example.de").jurisdiction).toBe("FR");
      expect(() => loadCatalogue({ additions: [write("big.yaml", "#".repeat(5_000_001))] })).toThrow("at most 5000000");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
