/** The CI examples' own scripts, run against a made-up forge: a comment for each report, kept up to date, and the exit code. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => parse(readFileSync(join(import.meta.dirname, name), "utf8"));

/** What the job's steps run, one after another, as the forge does: the first that fails ends it. */
const jobs: Readonly<Record<string, string>> = {
  gitlab: read("gitlab-ci.yml").check.script.join("\n"),
  forgejo: steps("forgejo.yml"),
  github: steps("github-actions.yml"),
};

function steps(name: string): string {
  const all = read(name).jobs.check.steps as { name?: string; run?: string }[];
  const wanted = ["Check", "Review", "Keep the comments up to date", "Verdict"];
  return wanted.map((title) => all.find((step) => step.name === title)!.run).join("\n");
}

let folder: string;
let forge: Server;
let comments: { id: number; body: string }[];
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-ci-"));
  comments = [{ id: 1, body: "Looks good" }];
  asked = [];
  forge = createServer(async (request, response) => {
    asked.push(request.method!);
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = text && JSON.parse(text).body;
    if (request.method === "POST") comments.push({ id: comments.length + 1, body });
    else if (body) comments.find(({ id }) => request.url!.endsWith(`/${id}`))!.body = body;
    response.end(JSON.stringify(comments));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => forge.once("listening", resolve));
});
afterEach(() => {
  forge.close();
  rmSync(folder, { recursive: true });
});

async function runJob(script: string, preview: string): Promise<number | undefined> {
  copyFileSync(join(root, preview), join(folder, "preview.jsonl"));
  const api = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`;
  const here = script
    .replaceAll("/tmp/sovereign-stacks/", `${root}/`)
    .split("\n")
    .filter((line) => !/^\s*(?:git clone|npm ci) /.test(line))
    .join("\n");
  const env = { COMMENTS: api, NUMBER: "7", TOKEN: "t", CI_API_V4_URL: api, CI_PROJECT_ID: "1", COMMENT_TOKEN: "t" };
  const { exitCode } = await execa("bash", ["-e", "-c", here], { cwd: folder, env, reject: false });
  return exitCode;
}

describe.each(Object.entries(jobs))("%s", { timeout: 600_000 }, (_, script) => {
  it("writes a comment for each report, changes it the next time, and ends as the check does, then as the review does", async () => {
    expect(await runJob(script, "graph/fixtures/create.jsonl")).toBe(1);
    expect(comments.map(({ body }) => body.split("\n")[0])).toEqual([
      "Looks good",
      "<!-- sovereign-check -->",
      "<!-- sovereign-review -->",
    ]);
    const before = comments.map(({ body }) => body);
    expect(before[1]).toMatch(/\n## Sovereignty check: refused/);
    expect(JSON.parse(readFileSync(join(folder, "check.sarif"), "utf8")).version).toBe("2.1.0");
    expect(readFileSync(join(folder, "check.xml"), "utf8")).toContain("<testsuites");
    expect(readFileSync(join(folder, "review.html"), "utf8")).toContain("<html");

    expect(await runJob(script, "test/review/previews/single-region-network-range.jsonl")).toBe(20);
    const change = expect.stringMatching(/^(?:PUT|PATCH)$/);
    expect(asked).toEqual(["GET", "POST", "GET", "POST", "GET", change, "GET", change]);
    expect(comments).toHaveLength(3);
    expect(comments[0]!.body).toBe("Looks good");
    expect(comments[1]!.body).toMatch(/^<!-- sovereign-check -->\n## Sovereignty check: passes/);
    expect(comments[2]!.body).not.toBe(before[2]);
    expect(comments[2]!.body.match(/<!-- sovereign-review -->/g)).toHaveLength(1);
  });

  it("fails with 2 and says nothing to the forge where there is no preview to check", async () => {
    expect(await runJob(script, "graph/fixtures/state.json")).toBe(2);
    expect(asked).toEqual([]);
  });
});
