import { describe, expect, test } from "vitest";
import { resource } from "../../core/testing.ts";
import { catalogue, found, told } from "../testing.ts";
import { endpoints } from "./endpoints.ts";

/** The catalogue with every vendor on the Framework's list, or none. */
const onTheList = (dpf: boolean) => ({
  ...catalogue,
  host: (name: string) => {
    const facts = catalogue.host(name);
    return { ...facts, owners: facts.owners.map((vendor) => ({ ...vendor, dpf })) };
  },
});

const config = (data: object, name = "web") =>
  resource({ type: "kubernetes:core/v1:ConfigMap", name, inputs: { data } as never });

describe("Services of the same cluster", () => {
  const service = (name: unknown, namespace?: unknown, type = "kubernetes:core/v1:Service") =>
    resource({
      type,
      name: "service",
      inputs: { metadata: { name, ...(namespace !== undefined && { namespace }) } } as never,
    });
  const web = config({ CACHE: "http://cache.shop:6379/" });

  test("are no outside hosts, wherever they stand in the graph", () => {
    expect(told(endpoints, [web])).toEqual(["web: refuse cache.shop"]);
    expect(told(endpoints, [web, service("cache", "shop")])).toEqual([]);
    expect(told(endpoints, [service("cache", "shop"), web])).toEqual([]);
  });

  test("have the namespace default where they name none", () => {
    expect(told(endpoints, [config({ URL: "http://cache.default/" }), service("cache")])).toEqual([]);
  });

  test.each([
    ["of another name", service("caches", "shop")],
    ["of another namespace", service("cache", "office")],
    ["that is none", service("cache", "shop", "kubernetes:core/v1:ConfigMap")],
    ["with a name that is no text", service(7, "shop")],
  ])("a Service %s does not count", (_, other) => {
    expect(told(endpoints, [web, other])).toEqual(["web: refuse cache.shop"]);
  });

  test("a known company is not hidden by a Service of its name", () => {
    const leak = config({ URL: "https://segment.io/v1" });
    expect(told(endpoints, [leak, service("segment", "io")])).toEqual(["web: refuse segment.io"]);
  });

  test("a machine outside the cluster does not ask its DNS", () => {
    const server = resource({
      type: "hcloud:index/server:Server",
      name: "vm",
      inputs: { userData: "#!/bin/sh\ncurl http://cache.shop/" },
    });
    expect(told(endpoints, [server, service("cache", "shop")])).toEqual(["vm: refuse cache.shop"]);
  });

  test("a policy pack is told of such names in the end: the Service may come after what talks to it", () => {
    const source = { kind: "policy-pack" } as const;
    expect(told(endpoints, [web, service("cache", "shop")], { source })).toEqual([]);
    const other = config({ URL: "https://a.b.shop/ https://o1.ingest.sentry.io/2" }, "other");
    expect(told(endpoints, [web, other], { source })).toEqual([
      "web: refuse cache.shop",
      "other: refuse a.b.shop",
      "other: refuse o1.ingest.sentry.io",
    ]);
  });
});

describe("a finding", () => {
  test("of a blocked owner names owner, law, what it is for and what would do the same in the EU", () => {
    const [finding] = found(endpoints, [config({ URL: "https://bucket.s3.eu-central-1.amazonaws.com/" })]);
    expect(finding).toMatchObject({
      severity: "refuse",
      outcome: "violation",
      property: "data.URL",
      subject: {
        host: "bucket.s3.eu-central-1.amazonaws.com",
        vendor: "Amazon Web Services, Inc.",
        owner: "Amazon.com, Inc.",
        jurisdiction: "US",
      },
      message:
        "bucket.s3.eu-central-1.amazonaws.com (object storage) belongs to Amazon Web Services, Inc. (owned by Amazon.com, Inc., US): United States is outside the EU.",
      why: expect.stringContaining("CLOUD Act"),
    });
    expect(finding!.alternatives).toEqual([
      "Hetzner Online GmbH (DE)",
      "OVH SAS (OVHcloud) (FR)",
      "Scaleway SAS (FR)",
      "STACKIT (Schwarz Digits Cloud GmbH & Co. KG) (DE)",
    ]);
    const [mail] = found(endpoints, [config({ SMTP_HOST: "email-smtp.eu-west-1.amazonaws.com" })]);
    expect(mail!.alternatives).toHaveLength(4);
    expect(mail!.alternatives).toContain("Mailjet SAS (FR)");
    expect(mail!.alternatives).not.toContain("Hetzner Online GmbH (DE)");
  });

  test("of an address has an address for its subject", () => {
    const [finding] = found(endpoints, [config({ RESOLVER: "dns://8.8.8.8" })]);
    expect(finding?.subject).toMatchObject({ address: "8.8.8.8" });
    expect(finding?.subject).not.toHaveProperty("host");
  });

  test("of a region outside names the region, where the company is in the EU", () => {
    const [finding] = found(endpoints, [config({ URL: "https://s3.bhs.io.cloud.ovh.net/" })]);
    expect(finding?.message).toMatch(
      / is OVH.*'s region .*, outside the EU, in a country with an adequacy decision\.$/,
    );
    expect(finding?.fix).toContain("region in the EU");
    expect(finding).not.toHaveProperty("alternatives");
  });

  test("of what nobody approved follows the settings; unknown addresses are not established", () => {
    const web = config({ URL: "https://s3.fr-par.scw.cloud/ https://shop-mail.de/ http://93.184.215.14/" });
    expect(told(endpoints, [web])).toEqual([
      "web: warn? 93.184.215.14",
      "web: refuse s3.fr-par.scw.cloud",
      "web: refuse shop-mail.de",
    ]);
    expect(told(endpoints, [web], { settings: { unregistered: "warn" } })).toEqual([
      "web: warn? 93.184.215.14",
      "web: warn s3.fr-par.scw.cloud",
      "web: warn shop-mail.de",
    ]);
    const [, unregistered, unknown] = found(endpoints, [web]);
    expect(unregistered?.message).toBe(
      "s3.fr-par.scw.cloud (object storage) belongs to Scaleway SAS (owned by iliad S.A., FR) and is not in the register of approved services.",
    );
    expect(unregistered?.subject).toMatchObject({ vendor: "Scaleway SAS", jurisdiction: "FR" });
    expect(unknown?.subject).toEqual({ host: "shop-mail.de" });
  });

  test("of the register's contradictions says who owns it, or which law the entry itself names", () => {
    const web = config({ URL: "https://o1.ingest.sentry.io/2 https://shop-mail.de/" });
    const services = [{ endpoint: "*.ingest.sentry.io" }, { endpoint: "shop-mail.de", jurisdiction: "US" }];
    expect(found(endpoints, [web], { services }).map(({ message, severity }) => [severity, message])).toEqual([
      [
        "refuse",
        "o1.ingest.sentry.io is in the register (Example, DE), but belongs to Functional Software, Inc. (Sentry) (US), outside the EU.",
      ],
      ["refuse", "shop-mail.de is in the register with jurisdiction US, which is outside the EU."],
    ]);
  });

  test("is told once for each place, and its place is said", () => {
    const userData =
      "#cloud-config\nruncmd:\n  - curl https://a.sentry.io/\n  - curl https://a.sentry.io/ https://a.sentry.io/\n";
    const server = resource({ type: "hcloud:index/server:Server", name: "vm", inputs: { userData } });
    expect(found(endpoints, [server]).map(({ place }) => place?.join(" > "))).toEqual(["runcmd[0]", "runcmd[1]"]);
    expect(found(endpoints, [config({ URL: "https://a.sentry.io/" })])[0]).not.toHaveProperty("place");
  });

  test("is a notice where the settings rely on the Data Privacy Framework, for these classes, until that day", () => {
    const settings = (until: string) => ({ dataPrivacyFramework: { classes: ["telemetry"], until } });
    const web = (label: string) =>
      resource({
        type: "kubernetes:core/v1:ConfigMap",
        name: "web",
        inputs: { metadata: { labels: { "data-class": label } }, data: { URL: "https://o1.ingest.sentry.io/2" } },
      });
    const severity = (label: string, until: string, listed = true) =>
      found(endpoints, [web(label)], { settings: settings(until), catalogue: onTheList(listed) })[0]?.severity;
    expect(severity("telemetry", "2026-11-22")).toBe("notice");
    expect(severity("telemetry", "2026-11-21")).toBe("refuse");
    expect(severity("personal", "2026-11-22")).toBe("refuse");
    expect(severity("telemetry,personal", "2026-11-22")).toBe("refuse");
    expect(severity("", "2026-11-22")).toBe("refuse");
    expect(severity("telemetry", "2026-11-22", false)).toBe("refuse");
    expect(found(endpoints, [web("telemetry")], { catalogue: onTheList(true) })[0]?.severity).toBe("refuse");
  });
});
