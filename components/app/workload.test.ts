import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environmentSecret, quoteEnvironment, renderEnvironmentFile } from "./environment.ts";
import { testApp, testContainer, testImage, testService } from "./testing.ts";
import {
  type ContainerWorkload,
  imageRegistry,
  type ServiceWorkload,
  type Workload,
  workloadProblems,
} from "./workload.ts";
import { quoteArgument, renderServiceUnit, workloadRole } from "./workload-role.ts";

const container = (changes: Partial<ContainerWorkload>): string[] => workloadProblems({ ...testContainer, ...changes });
const service = (changes: Partial<ServiceWorkload>): string[] => workloadProblems({ ...testService, ...changes });

describe("images", () => {
  test.each([testImage, `registry.example.eu:5000/a/b-c_d:1.2@sha256:${"a".repeat(64)}`])("%s is taken", (image) => {
    expect(container({ image })).toEqual([]);
  });

  test("a tag is refused unless it is allowed", () => {
    const image = "registry.example.eu/shop/web:1.2";
    expect(container({ image })).toEqual([expect.stringContaining("names a tag, whose content may change")]);
    expect(container({ image, allowTag: true })).toEqual([]);
  });

  test.each([
    "",
    "web",
    "registry.example.eu/shop/web",
    `registry.example.eu/shop/web@sha256:${"a".repeat(63)}`,
    `registry.example.eu/shop/web@sha256:${"A".repeat(64)}`,
    `registry.example.eu/Shop/web@sha256:${"a".repeat(64)}`,
    `registry.example.eu/web@sha256:${"a".repeat(64)}\nExec=sh`,
    `registry.example.eu/../web@sha256:${"a".repeat(64)}`,
  ])("%j is refused", (image) => {
    expect(container({ image, allowTag: true })).toHaveLength(1);
  });

  test("a registry must be named, or it would be looked up among short names", () => {
    const image = `shop/web@sha256:${"a".repeat(64)}`;
    expect(container({ image })).toEqual([expect.stringContaining("does not start with a registry")]);
  });

  test("the registry becomes an address to reach", () => {
    expect(imageRegistry(testImage)).toEqual({ host: "registry.example.eu", port: 443 });
    expect(
      workloadRole({ workload: { ...testContainer, image: testImage.replace("eu/", "eu:5000/") } }).egress,
    ).toEqual([{ host: "registry.example.eu", port: 5000, purpose: "image of the workload" }]);
  });
});

test("all problems are told together, each with its field", () => {
  const problems = service({
    port: 80,
    concurrency: 0,
    healthPath: "health check",
    env: { lower: "x", DATABASE_URL: "x", TWICE: "x", NUL: "\0" },
    secretEnv: ["TWICE"],
    command: ["node"],
    user: "no body",
    packages: ["-bad"],
    files: [
      { path: "/etc/passwd", content: "" },
      { path: "/opt/../etc/passwd", content: "" },
      { path: "/opt/app/x", content: "%%secret:a%%" },
    ],
  });
  expect(problems.map((problem) => problem.split(":")[0])).toEqual([
    "env",
    "env",
    "env",
    "env.NUL",
    "port",
    "concurrency",
    "healthPath",
    "command",
    "user",
    "packages",
    "files[0].path",
    "files[1].path",
    "files[2].content",
  ]);
});

test("a kind that nobody knows is an error, not an empty machine", () => {
  const workload = { kind: "function" } as unknown as Workload;
  expect(() => workloadProblems(workload)).toThrow('unknown kind of workload: "function"');
  expect(() => workloadRole({ workload })).toThrow("unknown kind of workload");
});

test("the environment holds loopback addresses, and secrets as tokens only", () => {
  const workload = { ...testService, env: { GREETING: 'say "hi" for $5' }, secretEnv: ["API_KEY"], migrations: true };
  expect(renderEnvironmentFile({ ...testApp, workload })).toMatchInlineSnapshot(`
    "HOST="127.0.0.1"
    PORT="8080"
    DATABASE_URL="postgresql://app:%%secret:postgres-app-password%%@127.0.0.1:6432/shop?sslmode=disable"
    DATABASE_READ_URL="postgresql://app:%%secret:postgres-app-password%%@127.0.0.1:6432/shop_ro?sslmode=disable"
    DATABASE_LAG_URL="http://127.0.0.1:9180/replication"
    DATABASE_OWNER_URL="postgresql://owner:%%secret:postgres-owner-password%%@127.0.0.1:6432/shop?sslmode=disable"
    REDIS_SESSIONS_URL="redis://app:%%secret:redis-sessions-password%%@127.0.0.1:6379/0"
    REDIS_CACHE_URL="redis://app:%%secret:redis-cache-password%%@127.0.0.1:6380/0"
    GREETING="say \\"hi\\" for \\$5"
    API_KEY="%%secret:env.api-key%%"
    "
  `);
});

test("no two variables share a secret", () => {
  const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/);
  fc.assert(fc.property(name, name, (a, b) => (environmentSecret(a) === environmentSecret(b)) === (a === b)));
});

test("values with a NUL are refused without being told", () => {
  expect(() => quoteEnvironment("hidden\0")).toThrow(/^((?!hidden).)*$/);
});

test("arguments are quoted for systemd", () => {
  expect(quoteArgument('a "b" \\ 100% $HOME')).toBe('"a \\"b\\" \\\\ 100%% $$HOME"');
});

test("the path of metrics is not the whole site, and written as nginx compares it", () => {
  for (const metricsPath of ["/", "//metrics", "/a//b", "/./metrics", "/a/..", "/metrics//"]) {
    expect(workloadProblems({ ...testService, metricsPath }), metricsPath).toHaveLength(1);
  }
  for (const metricsPath of ["/metrics", "/.metrics/v1.0/", "/..a"]) {
    expect(workloadProblems({ ...testService, metricsPath }), metricsPath).toEqual([]);
  }
});

test("a service does not run as root", () => {
  expect(workloadProblems({ ...testService, user: "root" })).toEqual([
    expect.stringMatching(/^user: "root" could read/),
  ]);
  expect(workloadProblems({ ...testService, user: "www-data" })).toEqual([]);
});

test("a service runs as a user of its own unless one is named", () => {
  expect(renderServiceUnit(testService)).toContain("\nDynamicUser=yes\n");
  expect(renderServiceUnit({ ...testService, user: "www-data" })).toContain("\nUser=www-data\n");
});

test("a system call that is not allowed fails instead of ending the service, and Node finds those that it needs", () => {
  // Without @pkey systemd 257 kills Debian 13's Node at its start, on processors with memory protection keys.
  const unit = renderServiceUnit(testService);
  expect(unit).toContain("\nSystemCallFilter=@system-service @pkey\n");
  expect(unit).toContain("\nSystemCallErrorNumber=EPERM\n");
});
