import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { largeStream, reviewed, streamOf } from "../testing.ts";
import { renderJson, reviewJsonSchema, reviewSchema } from "./json.ts";
import { LIMIT, renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

const volume = "hcloud:index/volume:Volume";
const losses = (count: number): string =>
  streamOf(
    Array.from({ length: count }, (_, i) => ({
      type: volume,
      name: `data-of-a-customer-with-a-long-name-${i}`,
      op: "delete" as const,
      id: String(i + 1),
      before: { size: 10, location: "fsn1" },
    })),
  );

describe("Markdown", () => {
  test.each([1, 50, 500, 3000])(
    "with %i losses fits into one comment, and the verdict and the guard are there",
    async (count) => {
      const text = renderMarkdown(await reviewed(losses(count)));
      expect(text.length).toBeLessThanOrEqual(LIMIT);
      expect(text).toContain("Review of made-up/test: refused");
      expect(text).toContain("### Data at stake");
      if (count <= 500)
        for (let i = 0; i < count; i++) expect(text).toContain(`\`data-of-a-customer-with-a-long-name-${i}\``);
      else expect(text).toContain(`${count} × \`${volume}\` deleted`);
    },
  );

  test("says what was cut", async () => {
    const text = renderMarkdown(await reviewed(largeStream(1000)));
    expect(text.length).toBeLessThanOrEqual(LIMIT);
    expect(text).toMatch(
      /Cut to fit into 65536 characters: .*Changes \(\d+ of \d+ lines\).*The other formats have all of it/,
    );
  });

  test("what fits is not cut", async () => {
    expect(renderMarkdown(await reviewed(losses(3)))).not.toContain("Cut to fit");
  });

  test("names work no markup in somebody's merge request", async () => {
    const name = "x`](https://evil.example/) @everyone <img src=x onerror=alert(1)> | # **y**";
    const review = await reviewed(
      streamOf([{ type: volume, name, op: "delete", id: "1", before: { size: 10, location: "fsn1" }, parent: name }]),
    );
    const text = renderMarkdown(review);
    const outsideCode = text.replaceAll("\\`", "").replace(/`[^`]*`/g, "");
    expect(outsideCode).not.toMatch(/(?<!\\)(?:@everyone|<img|\]\(https)/);
  });

  test("is never longer than it may be, whatever names there are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 3000 }), { maxLength: 60 }), async (names) => {
        const made = names.map((name, i) => ({
          type: volume,
          name: `${i}${name}`,
          op: "delete" as const,
          id: `${i + 1}`,
          before: { size: 1 },
        }));
        expect(renderMarkdown(await reviewed(streamOf(made))).length).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 20 },
    );
  });
});

describe("text", () => {
  test("lets no name reach the terminal's controls", async () => {
    const review = await reviewed(
      streamOf([
        { type: volume, name: "a\u001b]0;owned\u0007\u001b[2Jb\u202e", op: "delete", id: "1", before: { size: 1 } },
      ]),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(renderText(review, { color: false })).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe("JSON", () => {
  test("is what the published schema says", async () => {
    for (const stream of [losses(3), largeStream(100)]) {
      const result = reviewSchema.safeParse(JSON.parse(renderJson(await reviewed(stream))));
      expect(result.error?.issues ?? []).toEqual([]);
    }
    expect(reviewJsonSchema()).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
  });

  test("the same preview gives the same review", async () => {
    const [one, other] = [await reviewed(largeStream(60)), await reviewed(largeStream(60))];
    expect(renderJson(one)).toBe(renderJson(other));
  });
});
