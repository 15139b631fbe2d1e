import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { knownHostsFile, sshArguments, sshWay } from "./ssh.ts";
import type { HostState } from "./state.ts";
import { type Ran, toItsEnd } from "./way.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ssh-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const host = (change: Partial<HostState> = {}): HostState => ({
  name: "s-postgres-fsn1-1",
  role: "postgres",
  location: "fsn1",
  index: 0,
  isComplete: true,
  isProtected: true,
  isLifted: false,
  generation: 1,
  publicAddress: "198.51.100.7",
  privateAddress: "10.0.2.4",
  serverType: "ccx13",
  urns: [],
  ...change,
});

function fakeSsh(answer: Partial<Ran> = {}) {
  const calls: string[][] = [];
  const run: typeof toItsEnd = async (file, args) => {
    calls.push([file, ...args]);
    return { code: 0, stdout: "", stderr: "", ...answer };
  };
  return { calls, run };
}

const checking = (call: readonly string[] | undefined) => call?.find((arg) => arg.startsWith("StrictHostKeyChecking="));

it("enters as root, asks nobody anything, takes no key that it has not met, and gives nothing away", async () => {
  const { calls, run } = fakeSsh();
  await sshWay({ stack: "production", run, env: { HOME: home } }).run(host(), ["cat", "a b"]);
  expect(calls[0]).toEqual(
    expect.arrayContaining([
      "ssh",
      "-T",
      "BatchMode=yes",
      "StrictHostKeyChecking=yes",
      "ForwardAgent=no",
      "ConnectTimeout=10",
    ]),
  );
  expect(calls[0]!.slice(-5)).toEqual(["-l", "root", "--", "198.51.100.7", "cat 'a b'"]);
  expect(calls[0]).toContain(
    `UserKnownHostsFile="${knownHostsFile("production", { HOME: home })}" "${home}/.ssh/known_hosts"`,
  );
});

it("takes the key of a machine that has just been made, and of no other", async () => {
  const { calls, run } = fakeSsh();
  const way = sshWay({ stack: "s", run, env: { HOME: home } });
  way.isNew("s-postgres-fsn1-1");
  await way.run(host(), ["true"]);
  await way.run(host({ name: "s-postgres-fsn1-2" }), ["true"]);
  expect(calls.map(checking)).toEqual(["StrictHostKeyChecking=accept-new", "StrictHostKeyChecking=yes"]);
});

it("takes all that are new when it is told so, with the administrator's key", async () => {
  const { calls, run } = fakeSsh();
  await sshWay({ stack: "s", run, env: { HOME: home }, acceptNewHostKeys: true, identity: "/k" }).run(host(), ["true"]);
  expect(checking(calls[0])).toBe("StrictHostKeyChecking=accept-new");
  expect(calls[0]).toEqual(expect.arrayContaining(["-i", "/k", "IdentitiesOnly=yes"]));
});

it.each([
  ["Host key verification failed.", /is not known: connect once .* or run this with --accept-new-host-keys/],
  [
    "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
    /ssh-keygen -R 198\.51\.100\.7/,
  ],
  ["root@198.51.100.7: Permission denied (publickey).", /choose one with --identity/],
  ["ssh: connect to host 198.51.100.7 port 22: Connection timed out", /Connection timed out/],
])("says what to do: %s", async (stderr, meaning) => {
  const ran = await sshWay({ stack: "s", run: fakeSsh({ code: 255, stderr }).run, env: { HOME: home } }).run(host(), [
    "true",
  ]);
  expect(ran.stderr).toMatch(meaning);
});

it.each([undefined, "-oProxyCommand=x", "a;b"])("never takes %s for an address", async (publicAddress) => {
  const { calls, run } = fakeSsh();
  const ran = await sshWay({ stack: "s", run, env: { HOME: home } }).run(host({ publicAddress }), ["true"]);
  expect([calls, ran.code]).toEqual([[], 255]);
});

it("a shell there reads the words as they were given", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: "binary-ascii" }).filter((word) => !word.includes("\0")),
        { minLength: 1, maxLength: 4 },
      ),
      (words) => {
        const line = sshArguments("198.51.100.7", ["printf", "%s\\0", ...words], {
          known: "k",
          user: "u",
          checking: "yes",
        }).at(-1)!;
        expect(execFileSync("sh", ["-c", line], { encoding: "utf8" })).toBe(words.map((word) => `${word}\0`).join(""));
      },
    ),
    { numRuns: 15 },
  );
});

it("its options are ones that OpenSSH knows", () => {
  const args = sshArguments("198.51.100.7", ["true"], { known: "/a b/k", user: "/u", checking: "yes" });
  const shown = execFileSync("ssh", ["-G", ...args.slice(0, -1)], { encoding: "utf8" });
  expect(shown).toContain("userknownhostsfile /a b/k /u");
  expect(shown).toContain("batchmode yes");
});

it("a program that does not end is ended, and its children with it", async () => {
  const ran = await toItsEnd("sh", ["-c", "echo begun; sleep 60"], { timeoutMs: 300 });
  expect(ran).toEqual({ code: 255, stdout: "begun\n", stderr: "no answer within 0.3 s" });
  expect(await toItsEnd("/nowhere/at/all", [], {})).toMatchObject({
    code: 255,
    stderr: expect.stringContaining("ENOENT"),
  });
  expect(await toItsEnd("cat", [], { input: "x" })).toEqual({ code: 0, stdout: "x", stderr: "" });
});
