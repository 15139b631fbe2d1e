import { execa } from "execa";
import { expect, it, vi } from "vitest";
import { reviewCommand } from "./review.ts";

const preview = "test/review/previews/shop-labels.jsonl";

it.each([
  [["--events", preview, "--prices", "live"], /^HCLOUD_TOKEN is not set: make a token/],
  [["--events", preview, "--today", "2026-02-30"], /^--today 2026-02-30: expected a day that exists/],
  [["--events", preview, "--stack", "production"], /^say what to review: --stack or --events$/],
  [["--events", preview, "--with-packs"], /^--with-packs is for --stack/],
  [["--events", "none.jsonl"], /^none\.jsonl: cannot be read/],
  [["--events", "test/review/previews/composed-cut.jsonl"], /line 2: the stream ends here without a summary/],
])("what cannot be reviewed is no verdict: exit code 2 (%j)", async (options, message) => {
  vi.stubEnv("HCLOUD_TOKEN", "");
  const parsed = reviewCommand().parseAsync(options, { from: "user" });
  await expect(parsed).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  vi.unstubAllEnvs();
});

it("whoever reads no further gets no stack trace, and the exit code still is the verdict's", async () => {
  const command =
    "node --disable-warning=ExperimentalWarning cli/main.ts review --events test/review/previews/shop-location.jsonl";
  const { exitCode, stderr } = await execa("bash", ["-c", `set -o pipefail; ${command} --format json | true`], {
    reject: false,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 20, stderr: "" });
});
