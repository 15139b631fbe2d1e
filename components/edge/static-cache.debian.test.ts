import { expect, test } from "vitest";
import { type DebianUnderTest, describeWithDebian } from "../../lab/debian/testing.ts";
import { type Answer, edgeWorld, startWorld, testCore } from "./testing.ts";

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly port?: number;
  readonly host?: string;
}

interface Told {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks the real nginx, in front of a made-up core whose answers are `cases`. */
async function converse(
  debian: DebianUnderTest,
  requests: readonly Asked[],
  cases: readonly Told[] = [],
): Promise<{ answers: Answer[]; seen: Seen[] }> {
  const result = await debian.script({
    files: {
      ...(await edgeWorld()),
      "/world/cases.json": JSON.stringify(cases),
      "/world/requests.json": JSON.stringify(requests),
    },
    script: `${startWorld}python3 /world/ask.py\necho seen\ncat /world/seen`,
    timeoutMs: 50_000,
  });
  expect(result.stderr).toBe("");
  expect(result.code, result.stdout).toBe(0);
  const [answers = "", seen = ""] = result.stdout.split("seen\n");
  const lines = <T>(text: string): T[] =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  return { answers: lines<Answer>(answers), seen: lines<Seen>(seen) };
}

const immutable = "public, max-age=31536000, immutable";

describeWithDebian("the static cache, real nginx before a made-up core", (debian) => {
  test("nginx and systemd take the files", async () => {
    const { code, stderr } = await debian.script({ files: await edgeWorld(), script: "nginx -t -q" });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("static content is asked for once and told to be kept for a year", async () => {
    const path = "/assets/app.3f2a.js?v=2";
    const { answers, seen } = await converse(debian, [
      { path },
      { path },
      { path, method: "HEAD" },
      { path, headers: [["Range", "bytes=0-6"]] },
    ]);
    expect(answers.map(({ status, headers }) => [status, headers["x-cache"]?.[0], headers["cache-control"]])).toEqual([
      [200, "MISS", [immutable]],
      [200, "HIT", [immutable]],
      [200, "HIT", [immutable]],
      [206, "HIT", [immutable]],
    ]);
    expect(answers[1]!.body).toBe(`content of ${path}`);
    expect(answers[1]!.headers["access-control-allow-origin"]).toEqual(["*"]);
    expect(seen.map((request) => request.path)).toEqual([path]);
  });

  test("nothing of the visitor's request goes to the core but the path", async () => {
    const { seen } = await converse(debian, [
      {
        path: "/assets/a.css",
        headers: [
          ["Cookie", "session=secret"],
          ["Referer", "https://shop.example.eu/account"],
          ["X-Forwarded-For", "203.0.113.9"],
          ["User-Agent", "somebody's"],
          ["Accept-Encoding", "br"],
          ["X-Anything", "at all"],
        ],
      },
    ]);
    expect(seen).toEqual([
      {
        method: "GET",
        path: "/assets/a.css",
        headers: { host: testCore, "accept-encoding": "identity", "user-agent": "sovereign-edge" },
      },
    ]);
  });
});
