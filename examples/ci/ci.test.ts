/** The CI examples' own scripts, run against a made-up forge: one comment, kept up to date, and the check's exit code. */
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
  const wanted = ["Check", "Keep one comment up to date", "Verdict"];
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

async function runJob(script: string, fixture: string): Promise<number | undefined> {
  copyFileSync(join(root, "graph/fixtures", fixture), join(folder, "preview.jsonl"));
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

describe.each(Object.entries(jobs))("%s", { timeout: 300_000 }, (_, script) => {
  it("writes one comment, and changes it the next time", async () => {
    const first = await runJob(script, "create.jsonl");
    expect(await runJob(script, "create.jsonl")).toBe(first);
    expect(asked).toEqual(["GET", "POST", "GET", expect.stringMatching(/^(?:PUT|PATCH)$/)]);
    expect(comments).toHaveLength(2);
    expect(comments[0]!.body).toBe("Looks good");
    expect(comments[1]!.body).toMatch(/^<!-- sovereign check -->\n## Sovereignty check: /);
    expect(JSON.parse(readFileSync(join(folder, "check.sarif"), "utf8")).version).toBe("2.1.0");
    expect(readFileSync(join(folder, "check.xml"), "utf8")).toContain("<testsuites");
  });

  it("fails with 2 and says nothing to the forge where there is no preview to check", async () => {
    expect(await runJob(script, "state.json")).toBe(2);
    expect(asked).toEqual([]);
  });
});
