import { describe, expect, test } from "vitest";
import { HIDDEN, type Resource } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { type Beside, found } from "../testing.ts";
import { administration } from "./administration.ts";

const it = (type: string, inputs: unknown = {}, more: Partial<Resource> = {}) =>
  resource({ type, inputs: inputs as never, ...more });

describe("administration", () => {
  const from = (source: string, port = "22", beside?: Beside) =>
    found(
      administration,
      [it("hcloud:index/firewall:Firewall", { rules: [{ direction: "in", port, sourceIps: [source] }] })],
      {
        run: { backend: "file:///states" },
        ...beside,
      },
    );

  test.each([
    ["22", "SSH"],
    ["3389", "remote desktops"],
    ["5985", "WinRM"],
    ["5986", "WinRM"],
    ["6443", "the Kubernetes API"],
    ["8006", "Proxmox"],
  ])("port %s is %s", (port, name) => {
    expect(from("0.0.0.0/0", port)[0]).toMatchObject({
      severity: "refuse",
      property: "rules[0]",
      subject: { address: "0.0.0.0/0" },
      message: `0.0.0.0/0 may reach ${name}: administration is possible from everywhere outside the EU.`,
    });
  });

  test("ranges: own, nobody's, somebody's outside, approved; other ports and nonsense are let be", () => {
    expect(from("10.0.0.0/8")).toEqual([]);
    expect(from("8.8.8.0/24", "22", { services: [{ endpoint: "8.8.8.0/24" }] })[0]).toMatchObject({
      outcome: "violation",
      property: "rules[0]",
      subject: { address: "8.8.8.0/24" },
    });
    expect(from("93.184.215.0/24")[0]).toMatchObject({
      severity: "warn",
      outcome: "not-established",
      fix: expect.stringContaining("ownNetworks"),
    });
    expect(from("93.184.215.0/24", "22", { settings: { ownNetworks: ["93.184.215.0/24"] } })).toEqual([]);
    expect(from("8.8.8.0/24")[0]).toMatchObject({
      severity: "refuse",
      message: expect.stringMatching(/^8\.8\.8\.0\/24 may reach SSH: it belongs to Google/),
    });
    expect(from("93.184.215.0/24", "22", { services: [{ endpoint: "93.184.215.0/24" }] })).toEqual([]);
    expect(from("0.0.0.0/0", "443")).toEqual([]);
    expect(from("office")).toEqual([]);
  });

  const state = (backend: unknown, secretsProvider?: unknown, beside: Beside = {}) =>
    found(administration, [], {
      run: { backend, ...(secretsProvider !== undefined && { secretsProvider }) } as never,
      ...beside,
    }).map(({ property, severity, subject, outcome }) =>
      `${property} ${severity}${outcome === "violation" ? "" : "?"} ${subject?.host ?? ""}`.trim(),
    );

  test.each([
    ["file:///var/states", []],
    ["https://api.pulumi.com", ["backend refuse api.pulumi.com"]],
    ["http://api.pulumi.com", ["backend refuse api.pulumi.com"]],
    ["s3://states", ["backend refuse s3.amazonaws.com"]],
    ["s3://states?region=eu-central-1", ["backend refuse s3.eu-central-1.amazonaws.com"]],
    ["s3://states?endpoint=fsn1.your-objectstorage.com", []],
    ["s3://states?endpoint=https://s3.fr-par.scw.cloud&region=fr-par", []],
    ["s3://states?endpoint=s3.us-east-1.wasabisys.com", ["backend refuse s3.us-east-1.wasabisys.com"]],
    ["gs://states", ["backend refuse storage.googleapis.com"]],
    ["azblob://states", ["backend refuse blob.core.windows.net"]],
    ["https://states.shop-mail.de", ["backend warn? states.shop-mail.de"]],
    ["https://states.internal", []],
    ["postgres://states", ["backend warn?"]],
    ["nonsense", ["backend warn?"]],
    [undefined, ["backend warn?"]],
  ])("a state at %s", (backend, expected) => {
    expect(state(backend)).toEqual(expected);
  });

  test.each([
    [{ type: "passphrase" }, []],
    [{ type: "service" }, ["secretsProvider refuse api.pulumi.com"]],
    [{ type: "cloud", url: "awskms://alias/x" }, ["secretsProvider refuse kms.amazonaws.com"]],
    [{ type: "cloud", url: "gcpkms://projects/x" }, ["secretsProvider refuse cloudkms.googleapis.com"]],
    [
      { type: "cloud", url: "azurekeyvault://shop.vault.azure.net/keys/x" },
      ["secretsProvider refuse shop.vault.azure.net"],
    ],
    [{ type: "cloud", url: "azurekeyvault:" }, ["secretsProvider refuse vault.azure.net"]],
    [{ type: "cloud", url: "hashivault://x" }, ["secretsProvider warn?"]],
    [{ type: "cloud", url: HIDDEN }, ["secretsProvider warn?"]],
    [{ type: "cloud" }, ["secretsProvider warn?"]],
    ["passphrase", []],
  ])("keys with %j", (provider, expected) => {
    expect(state("file:///states", provider)).toEqual(expected);
  });

  test("words: no credentials, the scheme alone; what is unknown can be one's own or approved", () => {
    const message = (run: object) => found(administration, [], { run: run as never })[0]?.message;
    expect(message({ backend: "postgres://ada:hunter2@db/x" })).toBe(
      "The state is with something that this rule does not know: postgres:.",
    );
    expect(message({ backend: "nonsense" })).toContain("not a URL");
    expect(message({ backend: "https://api.pulumi.com" })).toMatch(
      /^The state is with api\.pulumi\.com: Pulumi.*, United States, outside the EU\.$/,
    );
    expect(message({ backend: "https://a.shop-mail.de" })).toBe(
      "The state is with a.shop-mail.de: who runs that is not known.",
    );
    expect(message({ backend: "file:///x", secretsProvider: { type: "cloud", url: HIDDEN } })).toContain(
      "(it is a secret)",
    );
    expect(message({ backend: "file:///x", secretsProvider: { type: "cloud" } })).not.toContain("(it is a secret)");
    expect(state("https://a.shop-mail.de", undefined, { settings: { ownDomains: ["shop-mail.de"] } })).toEqual([]);
    expect(state("https://a.shop-mail.de", undefined, { services: [{ endpoint: "a.shop-mail.de" }] })).toEqual([]);
    expect(found(administration, [], { source: { stack: "prod" } })[0]?.resource).toMatchObject({
      urn: "stack#prod",
      name: "prod",
    });
    expect(found(administration, [])[0]?.resource).toMatchObject({ urn: "stack#test", type: "pulumi:pulumi:Stack" });
    expect(found(administration, [], { source: { kind: "manifests" } })).toEqual([]);
  });
});
