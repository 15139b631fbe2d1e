import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eachLine, eachLineOfFile } from "./lines.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lines-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(text: string): Promise<string[]> {
  const path = join(folder, "text");
  writeFileSync(path, text);
  const lines: string[] = [];
  await eachLineOfFile(path, (line) => lines.push(line));
  return lines;
}

const KILOBYTE = 1024;
/** Lengths around that of what is read at once, where a line, and a character of several bytes, may be cut. */
const line = fc
  .tuple(
    fc.constantFrom("x", "é", "漢", "😀"),
    fc.constantFrom(0, 1, 3, 63 * KILOBYTE, 127 * KILOBYTE, 256 * KILOBYTE, 600 * KILOBYTE),
    fc.nat({ max: 8 }),
  )
  .map(([character, length, more]) => character.repeat((length + more) / Buffer.byteLength(character)));

describe("lines of a file", () => {
  test("are those of its text, however long they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.boolean(), async (lines, ended) => {
        const text = lines.join("\n") + (ended ? "\n" : "");
        const expected: string[] = [];
        eachLine(text, (one) => expected.push(one));
        expect((await linesOf(text)).map((one) => [one.length, one])).toEqual(expected.map((one) => [one.length, one]));
      }),
      { numRuns: 60 },
    );
  });

  test("keep their other characters, and an end without a line end is a line", async () => {
    expect(await linesOf("a\r\n\n b \nc")).toEqual(["a\r", "", " b ", "c"]);
    expect(await linesOf("")).toEqual([]);
  });

  test("of a folder, and of nothing, cannot be read", async () => {
    const read = (path: string) => eachLineOfFile(path, () => undefined);
    await expect(read(folder)).rejects.toThrow(`${folder}: cannot be read: it is a folder`);
    await expect(read(join(folder, "none"))).rejects.toThrow("cannot be read: there is no such file or folder");
  });

  test("that a reader does not take end the reading with its error", async () => {
    const path = join(folder, "text");
    writeFileSync(path, "a\nb\n");
    const stop = new Error("stop");
    await expect(
      eachLineOfFile(path, () => {
        throw stop;
      }),
    ).rejects.toBe(stop);
  });
});
