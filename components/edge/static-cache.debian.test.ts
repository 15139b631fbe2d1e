import fc from "fast-check";
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

  test("whether a copy is kept follows from the response alone, whatever the combination", async () => {
    const values: Readonly<Record<string, readonly string[]>> = {
      "Cache-Control": [
        "public, max-age=600",
        "max-age=31536000, immutable",
        "private",
        'Private="Set-Cookie", max-age=600',
        "no-store",
        "no-cache",
        "max-age=0",
        "public, s-maxage=00",
        "must-revalidate, max-age=10",
        "x-private-thing=1, max-age=60",
      ],
      "Set-Cookie": ["session=1; Secure; HttpOnly"],
      Vary: ["Accept-Encoding", "Cookie", "Origin, Authorization", "*"],
      Pragma: ["no-cache", "something"],
      Expires: ["Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"],
      "X-Accel-Expires": ["3600"],
    };
    const header = fc
      .constantFrom(...Object.keys(values))
      .chain((name) => fc.constantFrom(...values[name]!).map((value) => [name, value] as const));
    const told = fc.record({
      kind: fc.constantFrom("assets", "catalogue"),
      status: fc.constantFrom(200, 200, 200, 200, 301, 404, 500),
      // Of Expires nginx reads the first alone; all others may come twice.
      headers: fc.uniqueArray(header, {
        maxLength: 4,
        selector: ([name, value]) => (name === "Expires" ? name : name + value),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 40, maxLength: 40 }), async (cases) => {
        const paths = cases.map(({ kind }, index) => `/${kind}/${index}`);
        const { answers, seen } = await converse(
          debian,
          paths.flatMap((path) => [{ path }, { path, headers: [["Cookie", "session=2"]] }]),
          cases,
        );
        for (const [index, { kind, status, headers }] of cases.entries()) {
          const asked = seen.filter(({ path }) => path === paths[index]).length;
          const [first, second] = answers.slice(2 * index, 2 * index + 2) as [Answer, Answer];
          const all = (name: string) => headers.filter(([key]) => key === name).map(([, value]) => value.toLowerCase());
          const forNobody =
            all("Set-Cookie").length > 0 ||
            all("Pragma").includes("no-cache") ||
            all("Vary").some((value) => /cookie|authorization|[*]/.test(value)) ||
            all("Cache-Control")
              .flatMap((value) => value.split(","))
              .some((part) => /^(private|no-store|no-cache)(=|$)|^(s-maxage|max-age)=0+$/.test(part.trim()));
          const about = JSON.stringify(cases[index]);
          for (const answer of [first, second]) {
            expect(answer.status, about).toBe(status);
            for (const name of ["set-cookie", "pragma", "expires", "x-accel-expires"])
              expect(answer.headers[name], about).toBeUndefined();
            if (forNobody || status !== 200) expect(answer.headers["cache-control"], about).toEqual(["no-store"]);
            else if (kind === "assets") expect(answer.headers["cache-control"], about).toEqual([immutable]);
          }
          if (forNobody || status !== 200) expect([asked, second.headers["x-cache"]], about).toEqual([2, ["MISS"]]);
          else if (kind === "assets") expect([asked, second.headers["x-cache"]], about).toEqual([1, ["HIT"]]);
          // Without a word of the core on how long, nothing public is kept.
          else if (all("Cache-Control").length + all("Expires").length === 0) expect(asked, about).toBe(2);
          else if (all("Cache-Control").includes("public, max-age=600")) expect(asked, about).toBe(1);
        }
      }),
      { numRuns: 2 },
    );
  });

  test("what is not public content goes to the core, and does not pass here", async () => {
    const to = (path: string) => `https://${testCore}${path}`;
    const elsewhere = [
      "/",
      "/account?next=/assets/a.js",
      "/assets",
      "/assets/../account",
      "/assets/%2e%2e/account",
      "/assets/..%2faccount",
      "/assets//a.js",
      "/assets/./a.js",
      "/assets/a;session=1",
      "/robots.txt/account",
      "/Assets/a.js",
    ];
    const { answers, seen } = await converse(debian, [
      ...elsewhere.map((path) => ({ path })),
      { path: "/assets/a.js", headers: [["Authorization", "Bearer secret"]] },
      { path: "/robots.txt" },
    ]);
    expect(answers.slice(0, -2).map(({ status, headers }) => [status, headers.location])).toEqual(
      elsewhere.map((path) => [307, [to(path)]]),
    );
    expect([answers.at(-2)!.status, answers.at(-2)!.headers.location]).toEqual([307, [to("/assets/a.js")]]);
    expect(answers.at(-1)!.status).toBe(200);
    expect(seen.map(({ path }) => path)).toEqual(["/robots.txt"]);
  });

  test("only GET and HEAD, no other name, and plain HTTP leads to HTTPS", async () => {
    const methods = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
    const { answers, seen } = await converse(debian, [
      ...methods.map((method) => ({ path: "/assets/a.js", method, body: "name=somebody" })),
      { path: "/assets/a.js?b=1", port: 80 },
      { path: "/", port: 80, host: "other.example.eu" },
      { path: "/healthz" },
      { path: "/healthz", port: 80 },
    ]);
    for (const answer of answers.slice(0, methods.length))
      expect([answer.status, answer.headers.allow]).toEqual([405, ["GET, HEAD"]]);
    const [plain, other, ...health] = answers.slice(methods.length);
    expect([plain!.status, plain!.headers.location]).toEqual([308, ["https://static.example.eu/assets/a.js?b=1"]]);
    expect(other!.status).toBe(421);
    expect(health.map(({ status, body }) => [status, body])).toEqual([
      [200, "ok\n"],
      [200, "ok\n"],
    ]);
    expect(seen).toEqual([]);
  });

  test("a core that cannot be reached, or is another one, takes away what is not kept, and nothing else", async () => {
    const ask = (name: string, ...paths: string[]) =>
      `echo '${JSON.stringify(paths.map((path) => ({ path })))}' > /world/requests.json; python3 /world/ask.py | jq -c '["${name}", .status, .headers["x-cache"][0], .body]'`;
    const result = await debian.script({
      files: {
        ...(await edgeWorld()),
        "/world/cases.json": JSON.stringify([{ status: 200, headers: [["Cache-Control", "max-age=1"]] }]),
      },
      script: `${startWorld}
${ask("before", "/assets/a.js", "/catalogue/0")}
kill $core
# nginx counts whole seconds: one that has just begun counts as well.
sleep 2.5
${ask("core down", "/assets/a.js", "/catalogue/0", "/assets/new.js")}
there ip link set there down
# What it remembers of names goes with its workers.
kill -HUP "$(cat /run/nginx.pid)"; sleep 1
${ask("no way, no names", "/assets/a.js", "/catalogue/0", "/assets/new.js")}
there ip link set there up
for a in 198.51.100.2/24 198.51.100.53/24 185.12.64.1/32; do there ip address replace $a dev there; done
start_core /world/other.pem
${ask("a stranger answers", "/assets/a.js", "/assets/new.js")}
kill $core
start_core /world/core.pem
${ask("back", "/assets/new.js")}
grep -c other /world/seen || true`,
      timeoutMs: 55_000,
    });
    expect(result.stderr).toBe("");
    const lines = result.stdout.trim().split("\n");
    const gone = (text: string) => expect.stringContaining(text);
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual([
      ["before", 200, "MISS", "content of /assets/a.js"],
      ["before", 200, "MISS", "content of /catalogue/0"],
      ["core down", 200, "HIT", "content of /assets/a.js"],
      ["core down", 200, "STALE", "content of /catalogue/0"],
      ["core down", 502, "MISS", gone("502")],
      ["no way, no names", 200, "HIT", "content of /assets/a.js"],
      ["no way, no names", 200, "STALE", "content of /catalogue/0"],
      ["no way, no names", expect.toSatisfy((status: number) => status >= 502), "MISS", gone("50")],
      ["a stranger answers", 200, "HIT", "content of /assets/a.js"],
      ["a stranger answers", 502, "MISS", gone("502")],
      ["back", 200, "MISS", "content of /assets/new.js"],
    ]);
    expect(lines.at(-1)).toBe("0");
  });
});
