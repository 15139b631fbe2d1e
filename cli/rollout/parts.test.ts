import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { etcdWell, host, wayTo } from "./part-testing.ts";
import { dnsProblem, plainPart } from "./plain.ts";
import { postgresPart } from "./postgres.ts";
import { bootProbe, bootProblem, etcdProblem } from "./probe.ts";
import { redisPart } from "./redis.ts";
import type { Way } from "./way.ts";

describe("the first boot", () => {
  it.each([
    ["booted", undefined],
    ["booting", "the first boot of x is not over"],
    ["booting\nfirst boot failed: no volume", "x: first boot failed: no volume"],
    ["", "the first boot of x is not over"],
  ])("%j", (answer, problem) => expect(bootProblem("x", answer)).toBe(problem));

  it("is asked for with a shell that runs", () => {
    expect(execFileSync("sh", ["-c", bootProbe], { encoding: "utf8" }).split("\n")[0]).toMatch(/^boot(ed|ing)$/);
  });
});

describe("etcd", () => {
  const answer = (...health: boolean[]) =>
    JSON.stringify(health.map((one) => ({ endpoint: "https://x:2379", health: one })));
  it.each([
    [answer(true, true, true), undefined],
    [answer(true, false, true), "etcd has 2 healthy members of 3"],
    [answer(true, true), "etcd has 2 healthy members of 3"],
    [answer(false), "etcd has 0 healthy members of 3"],
    ["failed", "etcd does not answer"],
    [`${answer(true, true, true)}\nfailed`, undefined],
    ["", undefined],
  ])("%s", (text, problem) => expect(etcdProblem(text, 3)).toBe(problem));
});

describe("machines without anything to hand over", () => {
  it.each([
    ["sovereign_dns_answers 1\n", undefined],
    ["sovereign_dns_answers 0\n", "the DNS server on x does not answer"],
    ["", "the DNS server on x does not answer"],
    [
      'sovereign_dns_answers 1\nsovereign_dns_entrance_up{entrance="a",family="4"} 0\nsovereign_dns_entrance_up{entrance="b",family="4"} 1\n',
      undefined,
    ],
    [
      'sovereign_dns_answers 1\nsovereign_dns_entrance_up{entrance="a",family="4"} 0\n',
      "the DNS server on x holds no entrance for healthy",
    ],
  ])("DNS: %j", (metrics, problem) => expect(dnsProblem("x", metrics)).toBe(problem));

  it.each([
    ["monitoring", "200 200 ", undefined],
    ["monitoring", "200 503 ", "Prometheus and Alertmanager on s-monitoring-fsn1-1 are not ready: 200 503"],
    ["etcd", etcdWell, undefined],
    ["etcd", "", "etcd on s-etcd-fsn1-1 is not set up"],
  ] as const)("%s: %s", async (role, answer, problem) => {
    const part = plainPart(role, { way: wayTo(() => `booted\n---\n${answer}\n`) });
    expect((await part.look([host(role, 1)])).problem).toBe(problem);
  });
});

describe("a probe is a program that a shell runs to its end", () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), "probe-"));
  });
  afterEach(() => rmSync(bin, { recursive: true, force: true }));

  it.each(["postgres", "redis", "etcd", "monitoring", "gateway"] as const)("%s, whatever is missing", async (role) => {
    const curl = join(bin, "curl");
    writeFileSync(curl, "#!/bin/sh\nexit 7\n");
    chmodSync(curl, 0o755);
    const way: Way = {
      isNew: () => undefined,
      run: async (_, [file, ...args]) => {
        const env = { PATH: `${bin}:/usr/bin:/bin` };
        const stdout = execFileSync(file!, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
        return { code: 0, stdout, stderr: "" };
      },
    };
    const context = { way, isZeroLoss: true, maxBackupHours: 1 };
    const part =
      role === "postgres" ? postgresPart(context) : role === "redis" ? redisPart(context) : plainPart(role, context);
    await expect(part.look([host(role, 1)])).resolves.toMatchObject({
      problem: `the first boot of s-${role}-fsn1-1 is not over`,
    });
  });
});
