import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackSchema } from "../../stacks/config/schema.ts";
import { configFolder, projectRoot } from "../project.ts";

const example = readFileSync(join(configFolder, "Pulumi.single-region.yaml"), "utf8");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-check-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] =>
  fc.sample(arbitrary, { numRuns, seed: 20_261_122 });

const keys = Object.keys(stackSchema.shape) as (keyof typeof stackSchema.shape)[];

/** Files that are no configuration, whatever else they are. */
const kinds: Readonly<Record<string, () => readonly (string | Uint8Array)[]>> = {
  "bytes of any kind": () => sample(fc.uint8Array({ maxLength: 2000 }), 60),
  "texts of any kind": () => sample(fc.string({ unit: "binary", maxLength: 500 }), 60),
  "YAML of any kind": () => sample(fc.json(), 60).map((text) => `config: ${text}\n`),
  "values of wrong types": () =>
    sample(fc.tuple(fc.constantFrom(...keys), fc.nat(9), fc.string()), 60).flatMap(([key, wrong, text]) => {
      const values = [-1, 0.5, true, null, [], [[{}]], [null], { [text]: text }, [text], { "\u001b[2J": 5 }];
      if (stackSchema.shape[key].safeParse(values[wrong]).success) return [];
      return `${example.replace(new RegExp(`^  sovereign:${key}:.*\\n(    .*\\n)*`, "m"), "")}  sovereign:${key}: ${JSON.stringify(values[wrong])}\n`;
    }),
  "pieces of a configuration": () =>
    sample(fc.nat(example.indexOf("postgres:")), 40).map((end) => example.slice(0, end)),
  "depth, aliases, size and tags": () => [
    ...[100, 1000, 3000, 10_000, 100_000].flatMap((depth) => [
      `config: ${"[".repeat(depth)}`,
      `config: ${"[".repeat(depth)}${"]".repeat(depth)}`,
      `config:\n  sovereign:app: ${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`,
      `config:\n  sovereign:app: ${"- ".repeat(depth)}`,
    ]),
    `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`)}]`).join("\n")}\nconfig: *i`,
    "config: &a\n  sovereign:app: *a\n",
    "config: &a [*a]\n",
    "config:\n  <<: *missing\n",
    "config: !!js/function 'x'\n",
    'config: !!binary "/w=="\n',
    "config:\n  ? {a: 1}\n  : 2\n",
    "config:\n  __proto__: { topology: single-region }\n  constructor: 5\n",
    "---\nconfig: {}\n---\nconfig: {}\n",
    "%YAML 9.9\n---\nconfig: {}\n",
    "#".repeat(1_100_000),
    "\u0000".repeat(1000),
    `config:\n  sovereign:app: ${'"'.repeat(9999)}`,
  ],
};

describe("config check", () => {
  it.each(Object.entries(kinds))(
    "refuses %s with a message for each, never with a stack trace",
    async (kind, make) => {
      const place = join(folder, kind.replaceAll(/\W+/g, "-"));
      mkdirSync(place);
      const files = make().map((content, i) => {
        const file = join(place, `Pulumi.${i}-.yaml`);
        writeFileSync(file, content);
        return file;
      });
      const result = await execa(process.execPath, [join(projectRoot, "cli/main.ts"), "config", "check", ...files], {
        reject: false,
        env: { NODE_OPTIONS: "--disable-warning=ExperimentalWarning", NO_COLOR: "1" },
      });
      expect([1, 2]).toContain(result.exitCode);
      expect(result.stderr).not.toMatch(/\n\s+at |a bug in sovereign|RangeError|Maximum call stack/);
      expect(result.stdout).not.toMatch(/nothing wrong|undefined/);
      for (const line of [...result.stdout.split("\n"), ...result.stderr.split("\n")].filter(Boolean)) {
        expect(line.length).toBeLessThan(1000);
        expect([...line].every((character) => character >= " ")).toBe(true);
      }
      for (const file of files) expect(result.stderr).toContain(`/${basename(file)}:`);
    },
    120_000,
  );

  it("reads regular files only: others have no end", async () => {
    const args = [join(projectRoot, "cli/main.ts"), "config", "check", "/dev/zero", folder, join(folder, "missing")];
    const result = await execa(process.execPath, args, { reject: false });
    expect(result.exitCode).toBe(2);
    for (const why of ["/dev/zero: cannot be read: not a file", "cannot be read: ENOENT"]) {
      expect(result.stderr).toContain(why);
    }
  }, 60_000);
});
