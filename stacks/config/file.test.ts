import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStackFile } from "./file.ts";
import { type JsonSchema, stackFileSchema } from "./json-schema.ts";
import { renderReference } from "./reference.ts";

const example = readFileSync(join(import.meta.dirname, "Pulumi.single-region.yaml"), "utf8");

describe("a stack's file", () => {
  it("finds nothing wrong with the example", () => {
    expect(checkStackFile(example)).toEqual({ kind: "checked", problems: [], encrypted: [] });
  });

  it("reports every problem at once", () => {
    const text = example.replace("servers: 3", "servers: 0").replace("location: fsn1", "location: ash");
    expect(checkStackFile(text)).toMatchObject({
      problems: expect.arrayContaining([
        "app.servers: 0 is less than 1",
        "location: ash is in Ashburn, VA, US, outside the EU: use one of fsn1, nbg1, hel1",
      ]),
    });
  });

  it("takes keys without a namespace for the project's own, as the engine does, and leaves other namespaces alone", () => {
    expect(checkStackFile(example.replaceAll("sovereign:", ""))).toMatchObject({ problems: [] });
    expect(checkStackFile(`${example}\n  hcloud:anything: 5\n`)).toMatchObject({ problems: [] });
  });

  const certificate = (key: string) =>
    `${example}\n  sovereign:loadBalancer:\n    certificate:\n      kind: uploaded\n      certificate: "-----BEGIN CERTIFICATE-----"\n      privateKey: ${key}\n`;

  it("does not look into what is encrypted, and says so", () => {
    expect(checkStackFile(certificate("{ secure: v1:abc }"))).toEqual({
      kind: "checked",
      problems: [],
      encrypted: ["loadBalancer.certificate.privateKey"],
    });
  });

  it("refuses a secret in clear without repeating it", () => {
    const result = checkStackFile(certificate('"-----BEGIN hunter2"'));
    expect(JSON.stringify(result)).toContain("loadBalancer.certificate.privateKey: is a secret in clear");
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  it("repeats no piece of a file that may be a secret", () => {
    const secrets = (lines: string) => example.replace("      kind: service", `      kind: service\n${lines}`);
    const texts = [
      secrets("      secretEnvironment:\n        AKIAIOSFODNN7PLANTED: planted\n        planted-key: planted"),
      secrets("      secretEnvironment:\n        planted-1: { secure: v1:abc }\n        planted-2: planted"),
      `${example}\n  sovereign:loadBalancer: *planted\n`,
      `${example}\n  sovereign:loadBalancer: "a" planted\n`,
      `${example}\n  sovereign:loadBalancer:\n    certificate: @planted\n planted`,
      `${example}\nplanted`,
    ];
    for (const text of texts) expect(JSON.stringify(checkStackFile(text))).not.toMatch(/planted/i);
    const [, two] = texts;
    const hidden = "app.workload.secretEnvironment.[key]: is a secret in clear";
    expect(checkStackFile(two!)).toMatchObject({ problems: expect.arrayContaining([expect.stringContaining(hidden)]) });
  });

  it.each([
    ["a: [1\nb: 2", 2, 1],
    ["config: 5", 1, 1],
    ["", 1, 1],
    ["- a", 1, 1],
    ["config: { a: 1 }\nconfig: { a: 2 }", 2, 1],
  ])("%j is no configuration, with line and column", (text, line, column) => {
    expect(checkStackFile(text)).toMatchObject({ kind: "unreadable", line, column });
  });

  it("is not brought down by aliases that multiply, nor by size", () => {
    const laughs = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefgh".split("").map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[i]}`).join(",")}]`),
    ];
    expect(checkStackFile(`${laughs.join("\n")}\nconfig: *h`)).toMatchObject({ kind: "unreadable" });
    expect(checkStackFile("#".repeat(2_000_000))).toMatchObject({ kind: "unreadable" });
  });

  it("answers any text with a result, never with an exception", () => {
    const mutated = fc.tuple(fc.nat(example.length), fc.nat(40), fc.string()).map(([at, cut, text]) => {
      return example.slice(0, at) + text + example.slice(at + cut);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        const result = checkStackFile(text);
        if (result.kind === "unreadable") expect(result.line).toBeGreaterThan(0);
        else for (const problem of result.problems) expect(problem).not.toMatch(/\n\s+at |undefined is/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the schema for editors", () => {
  const config = stackFileSchema().properties!.config!;
  const at = (schema: JsonSchema | undefined, ...path: string[]): JsonSchema | undefined =>
    path.reduce<JsonSchema | undefined>((part, key) => part?.properties?.[key], schema);

  it("has every key with its namespace, and refuses others of it", () => {
    expect(Object.keys(config.properties!)).toContain("sovereign:app");
    expect(config.required).toEqual(expect.arrayContaining(["sovereign:topology", "sovereign:postgres"]));
    expect(config.required).not.toContain("sovereign:redis");
    expect(config.additionalProperties).toBe(false);
  });

  it("takes secrets only encrypted, in every alternative that has one", () => {
    const uploaded = at(config, "sovereign:loadBalancer", "certificate")?.oneOf?.find(
      (alternative) => alternative.properties?.kind?.const === "uploaded",
    );
    expect(uploaded?.properties?.privateKey).toMatchObject({ type: "object", required: ["secure"] });
    const backup = at(config, "sovereign:postgres", "backup")?.anyOf?.[0];
    expect(backup?.properties?.accessKey).toMatchObject({ required: ["secure"] });
    const receivers = at(config, "sovereign:monitoring", "receivers")?.items?.oneOf;
    expect(receivers?.find((one) => one.properties?.password)?.properties?.password).toMatchObject({
      required: ["secure"],
    });
  });
});

describe("the reference", () => {
  const text = renderReference();

  it("has defaults, ranges and what is required", () => {
    expect(text).toMatch(/\| `app\.servers` \| number 1–\d+ \| `2` \|/);
    expect(text).toMatch(/\| `domain` \| string \| \*\*required\*\* \|/);
    expect(text).toMatch(/\| `postgres\.durability` \| `zero-loss`, `low-latency` \| `zero-loss` \|/);
  });

  it("tells alternatives apart, and secrets from texts", () => {
    expect(text).toMatch(/\| `loadBalancer\.certificate\.kind` \| `managed`, `uploaded`, `none` \|/);
    expect(text).toMatch(/\| `loadBalancer\.certificate\.privateKey` \| secret \|.*\(uploaded\) \|/);
  });
});
