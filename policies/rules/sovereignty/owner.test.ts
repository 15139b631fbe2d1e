import { describe, expect, test } from "vitest";
import type { Resource } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { catalogue, found, told } from "../testing.ts";
import { owner } from "./owner.ts";

const it = (type: string, inputs: unknown = {}, more: Partial<Resource> = {}) =>
  resource({ type, inputs: inputs as never, ...more });
const BUCKET = "aws:s3/bucket:Bucket";

describe("owner", () => {
  const by = (type: string, settings: unknown = {}) => told(owner, [it(type)], { settings });

  test("outside is refused wherever the region is, inside is not; weakened by setting", () => {
    expect(by(BUCKET)).toEqual(["it: refuse Amazon Web Services, Inc."]);
    expect(by(BUCKET, { foreignOwners: "warn" })).toEqual(["it: warn Amazon Web Services, Inc."]);
    expect(by("scaleway:object/bucket:Bucket")).toEqual([]);
    expect(by("hcloud:index/server:Server")).toEqual([]);
  });

  test("a finding says who, under which law, and who else there is", () => {
    expect(found(owner, [it(BUCKET)])[0]).toMatchObject({
      subject: { vendor: "Amazon Web Services, Inc.", owner: "Amazon.com, Inc.", jurisdiction: "US" },
      message:
        "Amazon Web Services, Inc. (owned by Amazon.com, Inc., US) provides it: an owner in United States, outside the EU.",
      why: expect.stringContaining("CLOUD Act"),
      fix: "Use a provider whose owners have their seat in the EU.",
      alternatives: expect.arrayContaining(["Hetzner Online GmbH (DE)"]),
    });
  });

  test("relied on, where the settings do so for its classes and it is on the Framework's list", () => {
    const settings = { dataPrivacyFramework: { classes: ["telemetry"], until: "2026-12-31" } };
    const bucket = it(BUCKET, { tags: { "data-class": "telemetry" } });
    const listed = {
      ...catalogue,
      owners: (id: string) => catalogue.owners(id).map((vendor) => ({ ...vendor, dpf: true })),
    };
    expect(found(owner, [bucket], { settings, catalogue: listed })[0]).toMatchObject({
      severity: "notice",
      fix: expect.stringContaining("until 2026-12-31"),
    });
    expect(told(owner, [bucket], { settings })).toEqual(["it: refuse Amazon Web Services, Inc."]);
    const unknown = { ...catalogue, owners: () => [], ownerStanding: () => ({ standing: "unknown" as const }) };
    expect(found(owner, [bucket], { catalogue: unknown })[0]).toMatchObject({
      severity: "refuse",
      outcome: "not-established",
      subject: {},
      message: "unknown provides it: an owner that is not known.",
      alternatives: [],
    });
  });

  test("nobody's provider is not established, and refused; what somebody runs himself has no owner", () => {
    expect(by("acme:index/thing:Thing")).toEqual(["it: refuse? acme"]);
    expect(found(owner, [it("acme:index/thing:Thing")])[0]?.message).toBe(
      "Who runs the provider acme is not in the catalogue.",
    );
    expect(by("vault:index/mount:Mount")).toEqual([]);
    expect(by("kubernetes:core/v1:Pod")).toEqual([]);
    expect(by("random:index/randomPassword:RandomPassword")).toEqual([]);
  });
});
