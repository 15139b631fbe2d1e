import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCatalogue } from "./lookup.ts";
import type { CatalogueData, Provider, Vendor } from "./types.ts";

const from = { source: "https://example.com/", read: "2026-01-01" };

function vendor(id: string, seat: string, domains: Vendor["domains"], parent?: string): Vendor {
  return { id, name: id, seat, parent, purposes: ["cloud"], domains, alternatives: [], ...from };
}

const cloud: Provider = {
  package: "cloudy",
  name: "Cloudy",
  vendor: "cloudy",
  regions: [
    { name: "eu-west-1", countries: ["IE"], aliases: ["euw1"] },
    { name: "westeurope", countries: ["NL"] },
    { name: "de/fra", countries: ["DE"] },
    { name: "europe", countries: ["BE", "CH"] },
    { name: "anywhere", countries: [] },
  ],
  zones: ["^(?<region>[a-z0-9-]+-[0-9])[a-z]$", "^(?<region>[a-z]+[0-9])-az[0-9]$"],
  unset: { note: "who knows" },
  regionProperties: [
    { type: "*", properties: ["region"], optional: true },
    { type: "cloudy:vm/vm:Vm", properties: ["zone", "region"] },
    { type: "cloudy:table/*", properties: ["replicas[*].region"], optional: true },
  ],
  global: [
    { type: "cloudy:iam/*", standing: "outside", note: "in the US" },
    { type: "cloudy:iam/eu:Eu", standing: "eu", note: "in the EU" },
  ],
  ...from,
};

const data: CatalogueData = {
  vendors: [
    vendor("big", "US", []),
    vendor("cloudy", "IE", [{ name: "cloudy.com", region: "\\.(?<region>[a-z0-9-]+)\\.cloudy\\.com$" }], "big"),
    vendor("sinch", "SE", [{ name: "sinch.com" }]),
    vendor("mailgun", "US", [{ name: "mailgun.org" }], "sinch"),
    vendor("pages", "DE", [{ name: "pages.co.uk" }, { name: "eu.pages.co.uk", purpose: "CDN" }]),
    vendor("chinese", "CN", [{ name: "chinese.cn" }], "big"),
    vendor("swiss", "CH", [{ name: "xn--mller-kva.ch" }]),
  ],
  providers: [cloud, { ...cloud, package: "azure-native", vendor: "big", regions: cloud.regions.slice(0, 1) }],
  addresses: [
    { cidr: "9.9.0.0/16", purpose: "network", vendor: "big", ...from },
    { cidr: "9.9.9.0/24", purpose: "resolver", vendor: "swiss", ...from },
    { cidr: "169.254.169.254/32", purpose: "metadata", ...from },
    { cidr: "2620:fe::/48", purpose: "resolver", vendor: "swiss", ...from },
  ],
};

const catalogue = createCatalogue(data);

describe("host names", () => {
  test.each([
    ["cloudy.com", "cloudy"],
    ["S3.EU-West-1.Cloudy.COM.", "cloudy"],
    ["*.cloudy.com", "cloudy"],
    ["notcloudy.com", undefined],
    ["cloudy.com.evil.net", undefined],
    ["com", undefined],
    ["", undefined],
    ["eu.pages.co.uk", "pages"],
    ["a.b.c.pages.co.uk", "pages"],
    ["co.uk", undefined],
    ["www.müller.ch", "swiss"],
    ["www.xn--mller-kva.ch", "swiss"],
    ["WWW.MÜLLER.CH", "swiss"],
  ])("%s is %s's", (host, vendor) => {
    expect(catalogue.host(host).vendor?.id).toBe(vendor);
  });

  test("the narrowest domain decides", () => {
    expect(catalogue.host("x.eu.pages.co.uk").domain).toEqual({ name: "eu.pages.co.uk", purpose: "CDN" });
    expect(catalogue.host("x.pages.co.uk").domain).toEqual({ name: "pages.co.uk" });
  });

  test("a name is registrable below private suffixes: one tenant's is not the next one's", () => {
    expect(catalogue.host("shop.github.io").registrable).toBe("shop.github.io");
    expect(catalogue.host("a.b.example.co.uk").registrable).toBe("example.co.uk");
    expect(catalogue.host("localhost").registrable).toBeUndefined();
  });

  test("the worst company of the chain decides, wherever it stands in it", () => {
    const irish = catalogue.host("api.cloudy.com");
    expect([irish.standing, irish.jurisdiction, irish.owners.map(({ id }) => id)]).toEqual([
      "outside",
      "US",
      ["cloudy", "big"],
    ]);
    const mailgun = catalogue.host("api.mailgun.org");
    expect([mailgun.standing, mailgun.jurisdiction]).toEqual(["outside", "US"]);
    // Two that are as bad: the one in control.
    expect(catalogue.host("chinese.cn").jurisdiction).toBe("US");
    expect(catalogue.ownerStanding("sinch")).toEqual({ standing: "eu", jurisdiction: "SE" });
    expect(catalogue.ownerStanding("nobody")).toEqual({ standing: "unknown", jurisdiction: undefined });
    expect(catalogue.host("example.org").standing).toBe("unknown");
  });

  test("a region is read from the name, by the vendor's provider", () => {
    expect(catalogue.host("s3.eu-west-1.cloudy.com").region?.countries).toEqual(["IE"]);
    expect(catalogue.host("s3.eu-west-9.cloudy.com").region).toBeUndefined();
  });

  test("whatever comes in, an answer comes out, also the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const facts = catalogue.host(text);
        expect(catalogue.host(text)).toBe(facts);
        expect(facts.vendor === undefined || facts.standing !== "unknown").toBe(true);
        catalogue.address(text);
        catalogue.region(cloud, text);
        catalogue.provider(text);
      }),
    );
    expect(catalogue.host("a.".repeat(5_000_000)).vendor).toBeUndefined();
  });
});

describe("owners", () => {
  test("a chain that bites its tail ends", () => {
    const looped = createCatalogue({
      vendors: [vendor("a", "DE", [], "b"), vendor("b", "US", [], "a")],
      providers: [],
      addresses: [],
    });
    expect(looped.owners("a").map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("an adequacy decision that has ended does not count", () => {
    const british = { vendors: [vendor("british", "GB", [])], providers: [], addresses: [] };
    expect(createCatalogue(british, { today: "2031-12-27" }).ownerStanding("british").standing).toBe("adequate");
    expect(createCatalogue(british, { today: "2031-12-28" }).ownerStanding("british").standing).toBe("outside");
  });
});

describe("addresses", () => {
  test.each([
    ["9.9.9.9", "resolver", "adequate", undefined],
    ["9.9.1.1", "network", "outside", undefined],
    ["9.9.9.0/25", "resolver", "adequate", undefined],
    ["9.9.8.0/22", "network", "outside", undefined],
    ["::ffff:9.9.9.9", "resolver", "adequate", undefined],
    ["64:ff9b::909:909", "resolver", "adequate", undefined],
    ["2002:909:909::1", "resolver", "adequate", undefined],
    ["[2620:fe::fe]", "resolver", "adequate", undefined],
    ["2620:00FE:0:0::9", "resolver", "adequate", undefined],
    ["5.6.7.8", undefined, "unknown", undefined],
    ["0.0.0.0/0", undefined, "unknown", undefined],
    ["::/0", undefined, "unknown", undefined],
    ["10.1.2.3", undefined, "unknown", "private"],
    ["10.0.0.0/8", undefined, "unknown", "private"],
    ["8.0.0.0/5", undefined, "unknown", undefined],
    ["127.0.0.1", undefined, "unknown", "loopback"],
    ["fe80::1%eth0", undefined, "unknown", "linkLocal"],
    ["fd00::/8", undefined, "unknown", "uniqueLocal"],
    ["169.254.169.254", "metadata", "unknown", "linkLocal"],
    ["169.254.169.254/31", undefined, "unknown", "linkLocal"],
    ["v1.2.3", undefined, "unknown", undefined],
    ["1.2.3", undefined, "unknown", undefined],
    ["300.1.1.1", undefined, "unknown", undefined],
    ["1.2.3.4/99", undefined, "unknown", undefined],
  ])("%s: %s, %s, %s", (literal, purpose, standing, special) => {
    const facts = catalogue.address(literal);
    expect([facts.purpose, facts.standing, facts.special]).toEqual([purpose, standing, special]);
  });
});

describe("providers and regions", () => {
  test.each([
    ["cloudy:s3/bucket:Bucket", "cloudy"],
    ["pulumi:providers:cloudy", "cloudy"],
    ["azure-native_storage_v20240101:storage:StorageAccount", "azure-native"],
    ["cloudyx:a:B", undefined],
    ["pulumi:pulumi:Stack", undefined],
    ["", undefined],
  ])("%s is %s's", (type, name) => {
    expect(catalogue.provider(type)?.package).toBe(name);
  });

  test.each([
    ["eu-west-1", "eu-west-1"],
    ["EU-WEST-1", "eu-west-1"],
    ["eu-west-1b", "eu-west-1"],
    ["euw1-az3", "eu-west-1"],
    ["West Europe", "westeurope"],
    ["de/fra", "de/fra"],
    ["projects/p/locations/europe/keyRings/k", "europe"],
    ["https://cloudy.example/v1/projects/p/zones/eu-west-1a", "eu-west-1"],
    ["eu-west-2", undefined],
    ["eu-west-1bb", undefined],
    ["", undefined],
    ["eu-west-1\n", "eu-west-1"],
  ])("%j is region %s", (name, region) => {
    expect(catalogue.region(cloud, name)?.name).toBe(region);
  });

  test("of several countries the worst counts, of none nothing is known", () => {
    const standing = (name: string) => catalogue.regionStanding(catalogue.region(cloud, name)!);
    expect([standing("de/fra"), standing("europe"), standing("anywhere")]).toEqual(["eu", "adequate", "unknown"]);
  });

  test("a bare region name is every provider's that has it", () => {
    expect(catalogue.regionsNamed("eu-west-1").map(({ provider }) => provider.package)).toEqual([
      "cloudy",
      "azure-native",
    ]);
    expect(catalogue.regionsNamed("West Europe").length).toBe(1);
  });

  test("properties of all patterns that fit count; a region is missed only where one of them asks for it", () => {
    expect(catalogue.regionProperties("cloudy:vm/vm:Vm")).toEqual(["region", "zone"]);
    expect(catalogue.regionProperties("cloudy:table/a:A")).toEqual(["region", "replicas[*].region"]);
    expect(catalogue.regionProperties("other:a:B")).toEqual([]);
    expect(["cloudy:vm/vm:Vm", "cloudy:table/a:A", "other:a:B"].map((type) => catalogue.needsRegion(type))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("the longest pattern says what a type without a place is", () => {
    expect(catalogue.globalType("cloudy:iam/role:Role")?.standing).toBe("outside");
    expect(catalogue.globalType("cloudy:iam/eu:Eu")?.standing).toBe("eu");
    expect(catalogue.globalType("cloudy:vm/vm:Vm")).toBeUndefined();
  });
});
