import { describe, expect, test } from "vitest";
import { readText } from "../../graph/read.ts";
import { renderHtml } from "../html/index.ts";
import type { Review } from "../model.ts";
import { type MadeUp, reviewed, streamOf } from "../testing.ts";
import { renderJson, reviewSchema } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

/** The page has the picture (SVG) in it. */
const outputs = async (review: Review): Promise<Readonly<Record<string, string>>> => ({
  html: await renderHtml(review),
  markdown: renderMarkdown(review),
  text: renderText(review, { color: false }),
  "text in colour": renderText(review, { color: true }),
  json: renderJson(review),
});

const volume = "hcloud:index/volume:Volume";
const server = "hcloud:index/server:Server";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Put together here, so that nothing in this file looks like a key to those who scan repositories for them. */
const letters = (length: number): string => "aB3dE5gH7jK9mN1pQ2".repeat(8).slice(0, length);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Texts that give away a secret, and the part of them that must be nowhere. */
const planted: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  "a Hetzner Cloud token": [letters(64), letters(64)],
  "an AWS key": [`AK${"IA"}IOSFODNN7EXAMPLE`, "IOSFODNN7EXAMPLE"],
  "a GitLab token": [`gl${"pat"}-${letters(20)}`, letters(20)],
  "a GitHub token": [`gh${"p"}_${letters(36)}`, letters(36)],
  "a Slack token": [`xox${"b"}-1234567890-${letters(24)}`, letters(24)],
  "a Stripe key": [`sk${"_live_"}${letters(24)}`, letters(24)],
  "a JSON web token": [`ey${"J"}${letters(30)}.ey${"J"}${letters(30)}.${letters(40)}`, letters(30)],
  "an age key": [`AGE-SECRET${"-KEY-1"}${letters(58).toUpperCase()}`, letters(58).toUpperCase()],
  "a password in a DSN": ["postgres://shop:hunter2inurl@db.example.eu/shop", "hunter2inurl"],
  "the key of a Sentry DSN": [`https://0a1b2c3d4e5f67890a1b2c3d4e5f6789@o12.ingest.example.eu/4`, "0a1b2c3d4e5f6789"],
  "a password by its name": ["password=hunter2named", "hunter2named"],
  "a password in base64": [base64("#cloud-config\npassword: hunter2encoded\n"), base64("hunter2encoded").slice(4, -4)],
  "a PEM key": ["-----BEGIN EC PRIVATE KEY-----\nMHcCAQEhunter2pem\n-----END EC PRIVATE KEY-----", "MHcCAQEhunter2pem"],
};

/** The text in every place of a preview that a program or an engine writes. */
function everywhere(text: string): string {
  const inputs = {
    size: 10,
    location: text,
    image: text,
    labels: { role: text, "data-class": text, [text]: "1" },
    note: text,
    list: [text, { deep: [text] }],
    userData: `#cloud-config\nruncmd:\n  - curl https://api.example.eu/${text}\n`,
    [text]: text,
  };
  const after = { ...inputs, note: `${text} again`, list: [text] };
  const diff = {
    note: "update",
    list: "update",
    "list[1].deep[0]": "delete",
    userData: "update",
    [text]: "update",
    location: "update-replace",
  } as const;
  const of = (op: MadeUp["op"], more: Partial<MadeUp> = {}): MadeUp => ({
    type: server,
    name: `${op}-${text}`,
    op,
    id: text,
    parent: `part ${text}`,
    before: inputs,
    after,
    outputs: { ...after, ipv4Address: text },
    ...(op === "update" || op === "replace" ? { diff } : {}),
    ...more,
  });
  return streamOf(
    [
      of("create", { before: undefined }),
      of("update"),
      of("replace", { deletedFirst: true }),
      of("delete", { type: volume, after: undefined, diff: undefined }),
      of("delete", { name: "data", type: volume, after: undefined }),
      of("same"),
      of("update", { name: `protected ${text}`, type: volume, stateOptions: { protect: true } }),
      {
        type: "pulumi:providers:hcloud",
        name: text,
        op: "update",
        before: { token: text, note: text },
        after: { token: `${text}1`, note: text },
      },
      { type: "acme:index:Thing", name: text, op: "delete", before: { anything: text } },
    ],
    [
      ...["debug", "info", "info#err", "warning", "error"].map((severity) => ({
        diagnosticEvent: { severity, message: `before ${text}\nafter it`, prefix: text, urn: text },
      })),
      {
        policyEvent: {
          policyPackName: text,
          policyName: text,
          enforcementLevel: "mandatory",
          message: `found ${text}`,
          resourceUrn: text,
        },
      },
      { stdoutEvent: { message: text, color: "never" } },
    ],
    "failed",
  );
}

describe("secrets", () => {
  test.each(Object.entries(planted))("%s is in no output, wherever it stands", async (_, [text, secret]) => {
    const approval = {
      resource: "data",
      reason: `because of ${text}`,
      approvedBy: `Ada ${text}`,
      expiresAt: "2026-12-31",
    };
    const review = await reviewed(everywhere(text), { approved: [approval] }, `preview ${text}.jsonl`);
    // What they stood in is there: the test looks at the right thing.
    expect(review.guard.map(({ resource }) => resource.name)).toContain("data");
    expect(review.messages).toHaveLength(2);
    expect(review.changes.components.flatMap(({ resources }) => resources).length).toBeGreaterThanOrEqual(7);
    for (const [format, output] of Object.entries(await outputs(review))) {
      const at = output.indexOf(secret);
      expect(at < 0 ? "" : `${format}: … ${output.slice(Math.max(0, at - 120), at + 40)}`).toBe("");
    }
    expect(reviewSchema.safeParse(JSON.parse(renderJson(review))).error?.issues ?? []).toEqual([]);
  });

  test.each(Object.entries(planted))("%s is in no error about the stream", async (_, [text, secret]) => {
    const [first = "", ...rest] = everywhere(text).split("\n");
    const broken = [
      text,
      `${first}\n{"sequence":1,"resourcePreEvent":{"metadata":{"op":"same","urn":${JSON.stringify(text)},"type":"a:b:C"}}}`,
      `${first}\n{"sequence":1,"resOutputsEvent":{"metadata":{"op":"same","urn":${JSON.stringify(`urn:pulumi:a::b::c:d:E::${text}`)},"type":"a:b:C"}}}`,
      `${first}\n${rest[0]}\n{"note": ${JSON.stringify(text)}`,
      everywhere(text).slice(0, -500),
      JSON.stringify({ steps: [{ op: text, urn: text }], changeSummary: {} }),
      JSON.stringify({ steps: text, changeSummary: {} }),
    ];
    for (const stream of broken) {
      const error = await readText(stream, "preview.jsonl", "events").catch((error: Error) => error.message);
      expect(error).toBeTypeOf("string");
      expect(error).not.toContain(secret);
    }
  });

  test("what is marked is one in every property that leads into it, as is what is named like one", async () => {
    const before = {
      size: 10,
      location: "fsn1",
      password: "hunter2-named",
      opened: { [SIGNATURE]: SECRET, plaintext: JSON.stringify({ inner: "hunter2-marked" }) },
    };
    const after = { ...before, location: "nbg1", password: "hunter2-named-2" };
    const diff = {
      password: "update",
      opened: "update",
      "opened.inner": "update",
      location: "update-replace",
    } as const;
    const review = await reviewed(
      streamOf([{ type: volume, name: "data", op: "replace", id: "1", before, after, diff }]),
    );
    const shown = review.changes.components.flatMap(({ resources }) => resources).find(({ name }) => name === "data")!;
    const of = (path: string) => shown.properties.find((property) => property.path === path);
    for (const path of ["opened", "opened.inner", "password"])
      expect(of(path)).toMatchObject({ before: "[secret]", after: "[secret] (differs where it is not shown)" });
    expect(of("location")).toMatchObject({ before: "fsn1", after: "nbg1" });
    for (const output of Object.values(await outputs(review))) expect(output).not.toContain("hunter2");
  });
});
