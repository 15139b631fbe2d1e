import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { POLICY_FILES, settingsOf } from "../../policies/files.ts";
import { projectRoot, stackConfigFile } from "../project.ts";
import { missingSettings, renderSettings, settingsFor, settingsStep, writeSettings } from "./settings.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-settings-"));
  file = join(folder, "policy-settings.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

const site = (...classes: string[]) => ({ classes });
const hybrid = {
  dns: "own",
  config: { domain: "shop.example.eu", edge: { sites: [site("static"), site("public", "static")] } },
} as const;
const wanted = { ownDomains: ["shop.example.eu"], flexibleClasses: ["static", "public"] };

it("says whose the domain is, and which classes stand outside: no others", () => {
  expect(settingsFor(hybrid)).toEqual(wanted);
  expect(settingsFor({ dns: "own", config: { domain: "shop.example.eu" } })).toEqual({
    ownDomains: ["shop.example.eu"],
  });
  expect(settingsFor({ dns: "provider", config: { domain: "shop.example.eu" } })).toEqual({});
});

it("is written where there is none, as the checks read it", () => {
  expect(writeSettings(file, settingsFor(hybrid)).kind).toBe("written");
  expect(settingsOf(parse(readFileSync(file, "utf8")))).toMatchObject(wanted);
  expect(writeSettings(file, settingsFor(hybrid)).kind).toBe("enough");
});

it("is not written for a stack that needs none", () => {
  expect(writeSettings(file, {}).kind).toBe("none");
  expect(() => readFileSync(file)).toThrow("ENOENT");
});

it("of somebody else stays as it is, and what it lacks is said", () => {
  const text = "ownDomains: [example.eu, example.org] # ours\neea: refuse\n";
  writeFileSync(file, text);
  const outcome = writeSettings(file, settingsFor(hybrid));
  expect(outcome).toMatchObject({ kind: "lacks", missing: { flexibleClasses: ["static", "public"] } });
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(settingsStep(outcome).join("\n")).toContain(
    "policy-settings.yaml, without which the checks refuse this stack:\n     flexibleClasses: [static, public] # ",
  );
});

it("is told what to add to a list that it has, not the list again", () => {
  writeFileSync(file, "flexibleClasses: [static]\n");
  const step = settingsStep(writeSettings(file, settingsFor(hybrid)));
  expect(step.slice(1).map((line) => line.trim().replace(/ #.*/, ""))).toEqual([
    "to the list flexibleClasses: public",
    "ownDomains: [shop.example.eu]",
  ]);
});

it("of somebody else may name a domain above the stack's, as the checks have it, and none beside it", () => {
  const lacks = (domain: string) => missingSettings(`ownDomains: [${domain}]`, { ownDomains: ["shop.example.eu"] });
  for (const domain of ["shop.example.eu", "Example.EU"]) expect(lacks(domain)).toEqual({});
  for (const domain of ["a.shop.example.eu", "ample.eu"]) expect(lacks(domain)).not.toEqual({});
});

it("that cannot be read is no crash", () => {
  mkdirSync(file);
  expect(() => writeSettings(file, wanted)).toThrow(/policy-settings\.yaml cannot be read: EISDIR/);
});

it("of this project has what its own hybrid example needs", () => {
  const { config } = parse(readFileSync(stackConfigFile("hybrid"), "utf8"));
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("sovereign:", ""), value]),
  );
  const needed = settingsFor({ dns: "own", config: values });
  expect(Object.keys(needed)).toEqual(["ownDomains", "flexibleClasses"]);
  expect(missingSettings(readFileSync(join(projectRoot, POLICY_FILES.settings), "utf8"), needed)).toEqual({});
});

it("that is no YAML, or has other things under the keys, lacks everything", () => {
  expect(missingSettings("ownDomains: [", wanted)).toEqual(wanted);
  expect(missingSettings("ownDomains: shop.example.eu\n", { ownDomains: ["shop.example.eu"] })).toEqual({
    ownDomains: ["shop.example.eu"],
  });
  expect(missingSettings(renderSettings(wanted), wanted)).toEqual({});
});
