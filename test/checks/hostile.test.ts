/** The whole way with input that means harm: text -> graph -> findings -> all reports. An error for people, or a whole result; never a pass by failure. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, FORMATS, render } from "../../cli/check/check.ts";
import { InputError } from "../../graph/errors.ts";
import { readText } from "../../graph/read.ts";
import type { Checked } from "../../policies/report/checked.ts";
import { junitOf, reportOf, sarifOf } from "./formats.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-hostile-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What came of it, with every report of it looked at; undefined where the text was refused with an error that is meant for people. */
async function whole(text: string): Promise<Checked | undefined> {
  let checked: Checked;
  try {
    const { graph } = await readText(text, "input");
    checked = check(graph, { pack: ["sovereignty", "operations"], today: "2026-11-22", folder });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return undefined;
  }
  const options = { byFramework: true, color: false };
  const reports = Object.fromEntries(FORMATS.map((format) => [format, render(checked, format, options)]));
  sarifOf(reports.sarif!);
  reportOf(reports.json!);
  junitOf(reports.junit!);
  expect(reports.markdown!.length).toBeLessThanOrEqual(65_536);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would act on is what this looks for
  expect(reports.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
  return checked;
}

const LEAK = "https://o42.ingest.us.sentry.io/7";

/** A program with a server in Germany that talks to an American company, and with something else. */
const program = (value: unknown) =>
  JSON.stringify({
    name: "shop",
    runtime: "yaml",
    resources: {
      web: {
        type: "hcloud:index/server:Server",
        properties: { location: "fsn1", serverType: "cpx22", image: "debian-13", userData: `curl ${LEAK}`, value },
      },
    },
  });

function expectLeak(checked: Checked | undefined): void {
  expect(checked?.verdict.code).toBe(1);
  expect(checked?.evaluation.findings.map(({ subject }) => subject?.host)).toContain(new URL(LEAK).host);
}

/** What a rule might stumble over: texts with markup, controls and half characters, names that objects have of their own, any value. */
const name = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "length",
    "location",
    "region",
    "image",
    "labels",
    "tags",
    "userData",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(
    "]]>",
    "<script>",
    "\u202egpj.exe",
    "\u0000",
    "\ud800",
    "\u001b[2J",
    "```",
    "| a | b |",
    "@everyone",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Pulumi YAML's own
    "${web.id}",
  ),
  fc.string({ maxLength: 100 }).map((inner) => `https://${inner}.example.com/${inner}`),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.double(),
    fc.constantFrom(null, true, -0),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
}));

describe("hostile deployments", { timeout: 300_000 }, () => {
  it("whatever else a resource has, its leak is found and every report is what its format says", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        const checked = await whole(program(given));
        if (checked) expectLeak(checked);
      }),
      { numRuns: 150 },
    );
  });

  it("resources of any type, name and properties", async () => {
    const type = fc.oneof(
      fc.constantFrom(
        "aws:s3/bucket:Bucket",
        "kubernetes:core/v1:ConfigMap",
        "gcp:storage/bucket:Bucket",
        "azure-native:web:WebApp",
        "x:y:Z",
      ),
      text,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.record({ type, properties: fc.dictionary(name, value) }), { maxKeys: 3 }),
        async (resources) => {
          const checked = await whole(JSON.stringify({ name: "shop", runtime: "yaml", resources }));
          if (checked && checked.evaluation.resources === 0) expect(checked.verdict.code).toBe(3);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("a text that is cut or changed anywhere is an error, or judged as what it says", async () => {
    const stream = [
      { preludeEvent: { config: {} } },
      {
        resourcePreEvent: {
          metadata: {
            op: "create",
            urn: "urn:pulumi:dev::shop::hcloud:index/server:Server::web",
            type: "hcloud:index/server:Server",
            new: { custom: true, inputs: { location: "ash" } },
          },
        },
      },
      { summaryEvent: { isPreview: true, result: "succeeded", resourceChanges: { create: 1 } } },
    ]
      .map((event) => `${JSON.stringify({ timestamp: 1, ...event })}\n`)
      .join("");
    expect((await whole(stream))?.verdict.code).toBe(1);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(stream.length - 2),
        fc.constantFrom("", "\u0000", "\n", '"', "{", "\ufeff"),
        async (at, inserted) => {
          const cut = await whole(stream.slice(0, at) + inserted);
          expect(cut?.verdict.code ?? 2).not.toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("large and knotted input", { timeout: 300_000 }, () => {
  /** As text: what writes JSON would itself stumble over it. */
  const nested = (depth: number): string =>
    program("NESTED").replace('"NESTED"', `${'{"v":['.repeat(depth)}1${"]}".repeat(depth)}`);

  it("deep: judged to its bottom, or refused as too deep", async () => {
    expectLeak(await whole(nested(50)));
    expect(await whole(nested(50_000))).toBeUndefined();
  });

  it.each([
    ["an anchor that holds itself", "&a [*a]"],
    [
      "aliases that grow without end",
      `${[..."bcdefghij"].reduce((all, x, i) => `${all}\n  ${x}: &${x} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(", ")}]`, "\n  a: &a [x, x, x]")}`,
    ],
  ])("%s is refused", async (_, yaml) => {
    expect(
      await whole(
        `name: shop\nruntime: yaml\nvariables: ${yaml}\nresources:\n  web:\n    type: x:y:Z\n    properties: { a: *a }\n`,
      ),
    ).toBeUndefined();
  });

  it("a text of 10 MB: what it says is found, or said not to have been seen", async () => {
    for (const filler of ["a ", "a.b/", "AAAA", "(", "\\", "${", "<<E\n", "- &a "]) {
      const written = JSON.stringify(filler).length - 2;
      expectLeak(await whole(program(filler.repeat(10_000_000 / written) + LEAK)));
    }
  });

  it("a bomb: what could not be unpacked is said, and what stands beside it is found", async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(500_000_000, "curl https://a.example.com\n"), { level: 1 })).toString(
      "base64",
    );
    const checked = await whole(program(bomb));
    expectLeak(checked);
    const unseen = checked!.evaluation.findings.filter(({ rule }) => rule === "sovereignty/unseen");
    expect(unseen.map(({ property }) => property)).toContain("value");
  });

  it("two thousand resources that all leak: every one is in the findings, and the comment stays short", async () => {
    const resources = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, i) => [
        `web-${i}`,
        { type: "hcloud:index/server:Server", properties: { location: "ash" } },
      ]),
    );
    const checked = await whole(JSON.stringify({ name: "shop", runtime: "yaml", resources }));
    const refused = checked!.evaluation.findings.filter(({ rule }) => rule === "sovereignty/location");
    expect(new Set(refused.map(({ resource }) => resource.urn)).size).toBe(2_000);
  });
});
