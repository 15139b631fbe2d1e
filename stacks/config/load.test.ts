import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { loadStackConfig } from "./load.ts";

const example = parse(readFileSync(join(import.meta.dirname, "Pulumi.single-region.yaml"), "utf8")).config;
const loadBalancer = "sovereign:loadBalancer";
const workload = (secretEnvironment: object) => ({
  ...example["sovereign:app"],
  workload: { ...example["sovereign:app"].workload, secretEnvironment },
});

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-load-"));
  const nothing = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(nothing, "sovereign", "shop");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the engine hands to the program: text, and which keys are encrypted somewhere inside. */
function given(config: Readonly<Record<string, unknown>>, secretKeys: readonly string[]): void {
  const text = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(text), [...secretKeys]);
}

const writeFile = (config: unknown) => writeFileSync(join(folder, "Pulumi.shop.yaml"), stringify({ config }));

describe("the configuration at a deployment", () => {
  it("is taken with what the engine has decrypted", () => {
    given({ ...example, "sovereign:app": workload({ KEY: "planted" }) }, ["sovereign:app"]);
    writeFile({ ...example, "sovereign:app": workload({ KEY: { secure: "v1:abc" } }) });
    expect(loadStackConfig(folder).app.workload.secretEnvironment).toEqual({ KEY: "planted" });
  });

  it("is refused with a secret in clear, without repeating it", () => {
    const certificate = {
      kind: "uploaded",
      certificate: "-----BEGIN CERTIFICATE-----",
      privateKey: "-----BEGIN planted",
    };
    given({ ...example, [loadBalancer]: { certificate } }, []);
    expect(() => loadStackConfig(folder)).toThrow("loadBalancer.certificate.privateKey: is a secret in clear");
    expect(() => loadStackConfig(folder)).not.toThrow("planted");
  });

  it("is refused with a secret in clear beside an encrypted one, of which the engine says nothing", () => {
    given({ ...example, "sovereign:app": workload({ KEY: "decrypted", OTHER: "planted" }) }, ["sovereign:app"]);
    writeFile({ ...example, "sovereign:app": workload({ KEY: { secure: "v1:abc" }, OTHER: "planted" }) });
    expect(() => loadStackConfig(folder)).toThrow(
      /^The configuration of stack shop has a problem:\n {2}app\.workload\.secretEnvironment\.OTHER: is a secret in clear/,
    );
    expect(() => loadStackConfig(folder)).not.toThrow("planted");
  });
});
