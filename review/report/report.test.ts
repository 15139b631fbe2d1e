import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderHtml } from "../html/index.ts";
import type { Review } from "../model.ts";
import { largeStream, reviewed, streamOf } from "../testing.ts";
import { renderJson, reviewJsonSchema, reviewSchema } from "./json.ts";
import { LIMIT, renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

const volume = "hcloud:index/volume:Volume";
const server = "hcloud:index/server:Server";

const all = async (review: Review): Promise<string[]> => [
  await renderHtml(review),
  renderMarkdown(review),
  renderText(review, { color: false }),
  renderText(review, { color: true }),
  renderJson(review),
];

/** What may be planted, and must be in no output. The names say where. */
const planted = {
  marked: "hunter2-marked-secret",
  named: "hunter2-named-like-one",
  token: "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6a7B8c9D0e1F2",
  debug: "hunter2-in-a-debug-message",
  url: "hunter2inurl",
  key: "AKIAIOSFODNN7EXAMPLE",
  message: "glpat-hunter2hunter2hunter2",
  pem: "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
} as const;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function withSecrets(): string {
  const before = {
    size: 10,
    location: "fsn1",
    password: planted.named,
    note: `token ${planted.token}`,
    opened: { [SIGNATURE]: SECRET, plaintext: JSON.stringify({ inner: planted.marked }) },
    address: `postgres://shop:${planted.url}@db.example.eu/shop`,
    access: planted.key,
    pem: `-----BEGIN PRIVATE KEY-----\n${planted.pem}\n-----END PRIVATE KEY-----`,
  };
  const after = { ...before, location: "nbg1", password: `${planted.named}-2`, note: `again ${planted.token}` };
  const changes = Object.fromEntries(
    ["password", "note", "opened", "opened.inner", "address", "access", "pem"].map((path) => [path, "update"] as const),
  );
  return streamOf(
    [
      {
        type: volume,
        name: "data",
        op: "replace",
        id: "1",
        before,
        after,
        diff: { ...changes, location: "update-replace" },
      },
      {
        type: server,
        name: `web-${planted.token}`,
        op: "create",
        after: { serverType: "cpx22", location: "fsn1", userData: `#cloud-config\npassword: ${planted.named}\n` },
      },
      {
        type: "pulumi:providers:hcloud",
        name: "main",
        op: "update",
        before: { token: planted.token },
        after: { token: `${planted.token}` },
      },
    ],
    [
      { diagnosticEvent: { severity: "debug", message: `config token=${planted.debug}` } },
      {
        diagnosticEvent: {
          severity: "error",
          message: `request with ${planted.message} to https://x:${planted.url}@api.example.eu failed`,
        },
      },
      {
        policyEvent: {
          policyPackName: "own",
          policyName: "rule",
          enforcementLevel: "advisory",
          message: `found password=${planted.named}`,
        },
      },
    ],
    "failed",
  );
}

describe("secrets", () => {
  test("planted ones are in no output", async () => {
    const review = await reviewed(withSecrets(), {
      approved: [
        {
          resource: "data",
          reason: `because of ${planted.message}`,
          approvedBy: "Ada Lovelace",
          expiresAt: "2026-12-31",
        },
      ],
    });
    // What they stood in is there: the test looks at the right thing.
    expect(review.guard.map(({ resource }) => resource.name)).toContain("data");
    expect(review.messages).toHaveLength(1);
    for (const output of await all(review))
      for (const secret of Object.values(planted)) expect(output).not.toContain(secret);
  });

  test("a secret that the source shows is one in every property that leads into it", async () => {
    const review = await reviewed(withSecrets());
    const shown = review.changes.components.flatMap(({ resources }) => resources).find(({ name }) => name === "data")!;
    const of = (path: string) => shown.properties.find((property) => property.path === path);
    expect(of("opened.inner")).toMatchObject({ before: "[secret]", after: "[secret]" });
    expect(of("password")).toMatchObject({ before: "[secret]", after: "[secret]" });
    expect(of("location")).toMatchObject({ before: "fsn1", after: "nbg1" });
  });
});

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
    for (const stream of [withSecrets(), losses(3), largeStream(100)]) {
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
