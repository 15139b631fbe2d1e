import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { stackConfigFile } from "../project.ts";
import { ConfigFile, changedText, readConfig, wantedGeneration } from "./config-file.ts";

const example = readFileSync(stackConfigFile("single-region"), "utf8");
const change = (
  text: string,
  ...args: Parameters<typeof changedText> extends [string, string, infer C] ? [C] : never
) => changedText(text, "file", ...args);

describe("the text", () => {
  it("of the example comes back as it was, comments included, when what was put in is taken out", () => {
    const added = change(example, { except: { add: ["a-postgres-fsn1-1"] }, generations: { "a-postgres-fsn1-1": 2 } });
    expect(added).toContain("# the agency's office: put yours here");
    expect(parse(added).config).toMatchObject({
      "sovereign:protection": { except: ["a-postgres-fsn1-1"] },
      "sovereign:generations": { "a-postgres-fsn1-1": 2 },
    });
    const back = { except: { remove: ["a-postgres-fsn1-1"] }, generations: { "a-postgres-fsn1-1": undefined } };
    expect(change(added, back)).toBe(example);
  });

  it("keeps other exceptions with their comments, encrypted values and other keys", () => {
    const text = `encryptionsalt: v1:abc
config:
  hcloud:token:
    secure: v1:xyz
  sovereign:protection:
    except:
      - volume # until Monday
      - gone
`;
    const changed = change(text, { except: { add: ["new", "volume"], remove: ["gone"] } });
    expect(changed).toBe(text.replace("      - gone\n", "      - new\n"));
  });

  it.each([
    ["config:\n  protection:\n    except: [a]\n", ["a"]],
    ["config:\n  sovereign:protection:\n", []],
    ["config:\n  sovereign:protection: {}\n", []],
    ["config:\n  sovereign:topology: x\n", []],
    ["config:\n  sovereign:protection:\n    except:\n", []],
  ])("in another shape is understood: %j", (text, exceptions) => {
    expect(readConfig(text, "file", "postgres").exceptions).toEqual(exceptions);
    const changed = change(text, { except: { add: ["b"] }, generations: { b: 3 } });
    const read = readConfig(changed, "file", "postgres");
    expect([read.exceptions, read.generations]).toEqual([[...exceptions, "b"], { b: 3 }]);
    expect(Object.keys(parse(changed).config).filter((key) => key.endsWith("protection"))).toHaveLength(1);
  });

  it("that is none of a stack is refused with its name", () => {
    expect(() => readConfig("a: [", "the file", "postgres")).toThrow("the file is no YAML");
    expect(() => readConfig("a: 1", "the file", "postgres")).toThrow('the file has no "config:"');
  });

  it("ends up with what was asked, in any order of changes", () => {
    const names: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c");
    const steps = fc.array(
      fc.record({
        add: fc.uniqueArray(names),
        remove: fc.uniqueArray(names),
        name: names,
        generation: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let text = example;
        let exceptions: readonly string[] = [];
        const generations = new Map<string, number>();
        for (const { add, remove, name, generation } of all) {
          text = change(text, {
            except: { add, remove: remove.filter((n) => !add.includes(n)) },
            generations: { [name]: generation },
          });
          exceptions = [...new Set([...exceptions.filter((n) => add.includes(n) || !remove.includes(n)), ...add])];
          if (generation === undefined) generations.delete(name);
          else generations.set(name, generation);
        }
        const read = readConfig(text, "file", "postgres");
        expect([[...read.exceptions].sort(), read.generations]).toEqual([
          [...exceptions].sort(),
          Object.fromEntries(generations),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

it("a machine's own generation goes before its part's, a number or a list", () => {
  const read = (part: string) =>
    readConfig(
      "config:\n  sovereign:generations:\n    own: 7\n    wrong: many\n  sovereign:postgres:\n    generation: [2, 3]\n    durability: low-latency\n  sovereign:redis:\n    generation: 4\n",
      "file",
      part,
    );
  const wanted = (part: string, name: string, index: number) => wantedGeneration(read(part), { name, index });
  expect(read("redis").isZeroLoss).toBe(false);
  expect([0, 1, 2].map((index) => wanted("postgres", "x", index))).toEqual([2, 3, 1]);
  expect([wanted("postgres", "own", 0), wanted("redis", "x", 2), wanted("monitoring", "wrong", 0)]).toEqual([7, 4, 1]);
});

describe("the file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollout-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps its mode, and a link stays one", () => {
    const file = join(folder, "Pulumi.x.yaml");
    writeFileSync(file, "config:\n  sovereign:topology: x\n");
    chmodSync(file, 0o640);
    symlinkSync(file, join(folder, "link.yaml"));
    new ConfigFile(join(folder, "link.yaml")).write({ generations: { a: 2 } });
    expect(parse(readFileSync(file, "utf8")).config["sovereign:generations"]).toEqual({ a: 2 });
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("is not touched by a change that changes nothing", () => {
    const file = join(folder, "Pulumi.x.yaml");
    writeFileSync(file, "config: {sovereign:topology:   x}\n");
    new ConfigFile(file).write({ except: { remove: ["a"] }, generations: { b: undefined } });
    expect(readFileSync(file, "utf8")).toBe("config: {sovereign:topology:   x}\n");
  });
});
