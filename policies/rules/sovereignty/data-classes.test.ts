import { describe, expect, test } from "vitest";
import type { Resource } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { found, told } from "../testing.ts";
import { dataClasses } from "./data-classes.ts";

const it = (type: string, inputs: unknown = {}, more: Partial<Resource> = {}) =>
  resource({ type, inputs: inputs as never, ...more });
const BUCKET = "aws:s3/bucket:Bucket";

describe("data classes", () => {
  const personal = { tags: { "data-class": "personal,financial" } };
  const store = (type: string, inputs: object, more: Partial<Resource> = {}) =>
    it(type, { ...personal, ...inputs }, { name: "store", ...more });

  test("such a resource outside, or with an owner there, is refused whatever weaker settings say", () => {
    const settings = { foreignOwners: "warn", severities: { "sovereignty/location": "notice" } };
    const [place] = found(dataClasses, [store(BUCKET, { region: "us-east-1" })], { settings });
    expect(place).toMatchObject({
      severity: "refuse",
      message: "store holds financial, personal data and stands in us-east-1, outside the EU.",
    });
    const [owned] = found(dataClasses, [store(BUCKET, { region: "eu-central-1" })]);
    expect(owned?.message).toBe(
      "store holds financial, personal data and its provider Amazon Web Services is under the law of US.",
    );
    expect(told(dataClasses, [store("scaleway:object/bucket:Bucket", { region: "fr-par" })])).toEqual([]);
    expect(told(dataClasses, [it(BUCKET, { region: "us-east-1", tags: { "data-class": "public" } })])).toEqual([]);
    expect(
      told(dataClasses, [store("kubernetes:core/v1:ConfigMap", {}), store("acme:x:Y", {}), store("random:x:Y", {})]),
    ).toEqual([]);
  });

  test("an unknown region is the rule for location's matter", () => {
    expect(told(dataClasses, [store("scaleway:object/bucket:Bucket", { region: "new-1" })])).toEqual([]);
    expect(told(dataClasses, [store("scaleway:object/bucket:Bucket", {})])).toEqual([]);
    expect(told(dataClasses, [store("azure-native:storage:StorageAccount", { location: "europe" })])).toEqual([
      "store: refuse",
    ]);
    const regions = store("aws:dynamodb/table:Table", { region: "us-east-1", replicas: [{ regionName: "us-west-2" }] });
    expect(found(dataClasses, [regions])[0]?.message).toContain("stands in us-east-1, us-west-2, outside the EU");
  });

  test("a service that the register approves for other classes only", () => {
    const app = it("kubernetes:core/v1:ConfigMap", {
      metadata: { labels: { "data-class": "personal" } },
      data: { URL: "https://api.shop-mail.de/" },
    });
    const services = (...classes: string[]) => ({ services: [{ endpoint: "api.shop-mail.de", dataClasses: classes }] });
    expect(found(dataClasses, [app], services("telemetry"))[0]).toMatchObject({
      property: "data.URL",
      subject: { host: "api.shop-mail.de", vendor: "Example" },
      message: "api.shop-mail.de is approved for telemetry, and it holds personal data.",
    });
    expect(found(dataClasses, [app], services())[0]?.message).toContain("approved for no data class,");
    expect(told(dataClasses, [app], services("personal"))).toEqual([]);
    expect(found(dataClasses, [app], services("telemetry"))[0]).not.toHaveProperty("place");
    expect(told(dataClasses, [app], services("telemetry"))).toEqual(["it: refuse api.shop-mail.de"]);
    const userData = "#cloud-config\nruncmd:\n  - curl https://api.shop-mail.de/\n";
    const server = it("hcloud:index/server:Server", { userData, labels: { "data-class": "personal" } });
    expect(found(dataClasses, [server], services("telemetry"))[0]?.place).toEqual(["runcmd[0]"]);
    expect(told(dataClasses, [app])).toEqual([]);
  });

  test("a path from the store to what leads outside, over what is between", () => {
    const source = store("scaleway:object/bucket:Bucket", { region: "fr-par" });
    const between = it(
      "scaleway:functions/function:Function",
      { region: "fr-par" },
      { name: "between", dependencies: [source.urn] },
    );
    const copy = it(BUCKET, { region: "us-east-1" }, { name: "copy", dependencies: [between.urn] });
    const paths = (...more: Resource[]) =>
      found(dataClasses, more).map(({ resource: { name }, message, property, subject }) => [
        name,
        message,
        property,
        subject?.host,
      ]);
    expect(paths(source, between, copy)).toEqual(
      [
        ["between", expect.anything(), undefined, undefined],
        [
          "copy",
          "financial, personal data of store can leave the EU: store -> between -> copy -> (stands in us-east-1, outside the EU).",
          undefined,
          undefined,
        ],
      ].slice(1),
    );
    const talker = it(
      "kubernetes:core/v1:ConfigMap",
      { data: { URL: "https://o1.ingest.sentry.io/2" } },
      { name: "talker", dependencies: [source.urn] },
    );
    expect(paths(source, talker)).toEqual([
      [
        "talker",
        "financial, personal data of store can leave the EU: store -> talker -> o1.ingest.sentry.io.",
        "data.URL",
        "o1.ingest.sentry.io",
      ],
    ]);
    const services = [{ endpoint: "shop-mail.de", jurisdiction: "US" }];
    const mailer = it(
      "kubernetes:core/v1:ConfigMap",
      { data: { A: "https://own.internal/", B: "https://shop-mail.de/" } },
      { name: "mailer", dependencies: [source.urn] },
    );
    expect(told(dataClasses, [source, mailer], { services })).toEqual(["mailer: refuse shop-mail.de"]);
    expect(told(dataClasses, [source, mailer])).toEqual([]);
    const writer = it("kubernetes:batch/v1:Job", {}, { name: "writer", dependencies: [source.urn, copy.urn] });
    expect(paths(source, it(BUCKET, { region: "us-east-1" }, { name: "copy" }), writer)).toEqual([
      [
        "writer",
        "financial, personal data of store can leave the EU: store -> writer -> copy (stands in us-east-1, outside the EU).",
        undefined,
        undefined,
      ],
    ]);
    expect(paths(source, it("kubernetes:batch/v1:Job", {}, { dependencies: [source.urn] }))).toEqual([]);
    expect(paths(it("kubernetes:batch/v1:Job", {}, { dependencies: ["urn:nothing"] }))).toEqual([]);
  });
});
