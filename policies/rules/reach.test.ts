import { describe, expect, test } from "vitest";
import { resource } from "../core/testing.ts";
import { isBelow, reach } from "./reach.ts";
import { type Beside, context } from "./testing.ts";

const hetzner = resource({ type: "hcloud:index/server:Server" });

function kind(host: string, beside: Beside = {}, resources = [hetzner]) {
  const is = /^[\d.]+(?:\/\d+)?$/.test(host) || host.includes(":") ? "address" : "name";
  return reach(
    { host, kind: is, property: "x", place: [], secret: false, form: "setting" } as never,
    context(resources, beside),
  );
}

describe("own names", () => {
  test.each([
    "localhost",
    "db.localhost",
    "db.local",
    "db.internal",
    "db.intranet",
    "db.lan",
    "db.home.arpa",
    "1.2.0.192.in-addr.arpa",
    "db.test",
    "db.invalid",
    "db.example",
    "www.example.com",
    "example.net",
    "www.example.org",
    "db.shop.svc.cluster.local",
    "db.shop.svc",
    "db.alt",
    "abc.onion",
    "db.localdomain",
    "db.corp",
    "db.private",
    "db",
  ])("%s resolves nowhere outside", (host) => {
    expect(kind(host).kind).toBe("own");
  });

  test.each(["notexample.com", "db.locale", "svc.de", "local.de", "internal.de"])("%s does", (host) => {
    expect(kind(host).kind).toBe("unknown");
  });

  test("own domains cover what is below them, whatever their case", () => {
    const settings = { ownDomains: ["Shop.DE"] };
    expect(kind("shop.de", { settings }).kind).toBe("own");
    expect(kind("a.b.shop.de", { settings }).kind).toBe("own");
    expect(kind("myshop.de", { settings }).kind).toBe("unknown");
    expect(isBelow("a.shop.de", "shop.de")).toBe(true);
    expect(isBelow("shop.de", "a.shop.de")).toBe(false);
    expect(isBelow("ashop.de", "shop.de")).toBe(false);
  });
});

describe("own addresses", () => {
  test.each([
    "10.0.0.1",
    "192.168.0.0/16",
    "127.0.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "0.0.0.0/0",
    "::/0",
    "fe80::1",
    "fd00::/8",
    "::1",
    "0.0.0.0",
    "::ffff:10.0.0.1",
  ])("%s is no machine outside", (host) => {
    expect(kind(host).kind).toBe("own");
  });

  test.each(["93.184.215.14", "2a01:4f8::1", "93.184.215.0/24"])("%s is somebody's", (host) => {
    expect(kind(host).kind).toBe("unknown");
  });

  test("own networks, by family", () => {
    const settings = { ownNetworks: ["93.184.215.0/24", "2a01:4f8::/32"] };
    expect(kind("93.184.215.14", { settings }).kind).toBe("own");
    expect(kind("93.184.216.14", { settings }).kind).toBe("unknown");
    expect(kind("2a01:4f8::1", { settings }).kind).toBe("own");
    expect(kind("2a01:4f9::1", { settings }).kind).toBe("unknown");
  });

  test("what is no address is not taken for one", () => {
    expect(reach({ host: "nonsense", kind: "address" } as never, context()).kind).toBe("unknown");
  });
});

describe("others", () => {
  test("an owner outside is blocked, with what is known of it", () => {
    expect(kind("o42.ingest.sentry.io")).toMatchObject({
      kind: "blocked",
      facts: { standing: "outside", jurisdiction: "US", purpose: "error tracking" },
    });
    expect(kind("8.8.8.8")).toMatchObject({
      kind: "blocked",
      facts: { standing: "outside", jurisdiction: "US", purpose: "resolver" },
    });
  });

  test("a purpose is the host's own, else the first of its vendor's", () => {
    const purpose = (host: string) => {
      const result = kind(host);
      return "facts" in result ? result.facts.purpose : undefined;
    };
    expect(purpose("bucket.s3.eu-west-1.amazonaws.com")).toBe("object storage");
    expect(purpose("email-smtp.eu-west-1.amazonaws.com")).toBe("e-mail delivery");
    expect(purpose("aws.amazon.com")).toBe("cloud");
  });

  test("the region that a host names is known too", () => {
    const { facts } = kind("s3.eu-west-1.amazonaws.com") as { facts: object };
    expect(facts).toMatchObject({ region: { name: "eu-west-1", standing: "eu" } });
    expect(kind("aws.amazon.com")).not.toHaveProperty("facts.region");
  });

  test("an owner in the EU is not approved by that, but for the platform's own", () => {
    expect(kind("s3.fr-par.scw.cloud")).toMatchObject({ kind: "unregistered", facts: { standing: "eu" } });
    expect(kind("fsn1.your-objectstorage.com").kind).toBe("own");
    expect(kind("fsn1.your-objectstorage.com", {}, []).kind).toBe("unregistered");
    expect(kind("s3.fr-par.scw.cloud", {}, [resource({ type: "scaleway:object/bucket:Bucket" })]).kind).toBe("own");
  });

  test("the platform is no way out of the EU: a blocked owner stays blocked on its own machines", () => {
    expect(kind("s3.eu-west-1.amazonaws.com", {}, [resource({ type: "aws:s3/bucket:Bucket" })]).kind).toBe("blocked");
  });

  test("countries with an adequacy decision, as the settings have it", () => {
    expect(kind("9.9.9.9").kind).toBe("blocked");
    expect(kind("9.9.9.9", { settings: { adequate: "allow" } }).kind).toBe("unregistered");
  });
});

describe("the register", () => {
  test("approves what nobody knows and what has owners in the EU", () => {
    expect(kind("mail.shop-mail.de", { services: [{ endpoint: "mail.shop-mail.de" }] })).toMatchObject({
      kind: "approved",
      service: { endpoint: "mail.shop-mail.de" },
    });
    expect(kind("s3.fr-par.scw.cloud", { services: [{ endpoint: "*.scw.cloud" }] }).kind).toBe("approved");
  });

  test("does not unblock an owner outside, nor a jurisdiction outside of its own saying", () => {
    expect(kind("o42.ingest.sentry.io", { services: [{ endpoint: "*.sentry.io" }] })).toMatchObject({
      kind: "contradicted",
      facts: { standing: "outside" },
    });
    expect(kind("mail.shop-mail.de", { services: [{ endpoint: "mail.shop-mail.de", jurisdiction: "US" }] })).toEqual({
      kind: "contradicted",
      service: expect.objectContaining({ jurisdiction: "US" }),
      facts: { owners: [], standing: "unknown" },
    });
  });

  test("comes after what is the deployment's own", () => {
    expect(kind("db.internal", { services: [{ endpoint: "db.internal", jurisdiction: "US" }] }).kind).toBe("own");
  });
});
