import { describe, expect, test } from "vitest";
import { COMPUTED } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { protection } from "./protection.ts";

/** What a rule says of one resource. */
const of = (rule: Rule, type: string, inputs: unknown, more: object = {}) =>
  told(rule, [resource({ type, inputs: inputs as never, ...more })]);

describe("protection", () => {
  const volume = (inputs: object, more: object = {}) => of(protection, "hcloud:index/volume:Volume", inputs, more);

  test("by the engine, or by the provider", () => {
    expect(volume({})).toEqual(["it: refuse"]);
    expect(volume({}, { protect: true })).toEqual([]);
    for (const property of [
      "deleteProtection",
      "deletionProtection",
      "deletionProtectionEnabled",
      "enableDeletionProtection",
      "isProtected",
      "preventDestroy",
    ]) {
      expect(volume({ [property]: true })).toEqual([]);
      expect(volume({ [property]: false })).toEqual(["it: refuse"]);
      expect(volume({ [property]: COMPUTED })).toEqual([]);
    }
    expect(volume({ forceDestroy: false })).toEqual([]);
    expect(volume({ forceDestroy: true })).toEqual(["it: refuse"]);
  });

  test("is for what holds data in some cloud, and nothing that manifests could say", () => {
    expect(of(protection, "hcloud:index/server:Server", {})).toEqual([]);
    expect(volume({}, { custom: false })).toEqual([]);
    const it = resource({ type: "hcloud:index/volume:Volume" });
    expect(told(protection, [it], { source: { kind: "manifests" } })).toEqual([]);
    expect(found(protection, [it])[0]?.message).toMatch(/^it holds .+, and nothing protects it\.$/);
  });
});
