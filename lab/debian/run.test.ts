import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeWithDebian } from "./testing.ts";

/** Seconds to sleep that no other run of these tests sleeps. */
const mark = (which: number) => `${86_400 + process.pid}.${which}`;

/** Command lines of all processes that this machine's /proc shows. */
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    });
}

describeWithDebian("runInDebian", (debian) => {
  test("runs a program of Debian 13 with files, their modes and owners, input, user and environment", async () => {
    const result = await debian.script({
      files: {
        "/etc/deep/er/secret": { content: "s3cret", mode: "0640", owner: "root:postgres" },
        "/etc/deep/open": new TextEncoder().encode("bytes"),
      },
      stdin: "typed",
      user: "postgres",
      env: { COLOUR: "blue" },
      script: `. /etc/os-release
        echo "$VERSION_ID $(cat) $COLOUR"
        echo "$(stat -c '%a %U:%G' /etc/deep/er/secret) $(cat /etc/deep/er/secret /etc/deep/open)"
        id -nu; id -nG`,
    });
    expect(result).toEqual({
      code: 0,
      stdout: "13 typed blue\n640 root:postgres s3cretbytes\npostgres\npostgres ssl-cert\n",
      stderr: "",
    });
  });

  test("a program can open its inputs and outputs by name", async () => {
    const script = "cat /dev/stdin > /dev/stdout; echo warned > /dev/stderr";
    expect(await debian.script({ stdin: "typed", user: "nobody", script })).toEqual({
      code: 0,
      stdout: "typed",
      stderr: "warned\n",
    });
  });

  test("a program need not read its input", async () => {
    expect(await debian.script({ stdin: "x".repeat(1_000_000), script: "echo done" })).toMatchObject({
      stdout: "done\n",
    });
  });

  test("tells exit codes apart, also of a program that is not there and of one that a signal ended", async () => {
    const codes = [];
    for (const script of ["exit 7", "kill -TERM $$", "false; exit 3"])
      codes.push((await debian.script({ script })).code);
    codes.push((await debian.run({ argv: ["no-such-program"] })).code);
    expect(codes).toEqual([7, 143, 1, 127]);
  });

  test("runs at the same time see neither each other's files nor ports, and the tree stays clean", async () => {
    const runs = ["one", "two", "three"].map((text) =>
      debian.script({
        files: { "/srv/mark": text },
        script: `nc -l 127.0.0.1 7000 > /srv/heard & until nc -N 127.0.0.1 7000 < /srv/mark; do sleep 0.1; done; wait; cat /srv/heard; rm -r /etc/haproxy`,
      }),
    );
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(["one", "two", "three"]);
    const after = await debian.script({ script: "ls /srv; ls /etc/haproxy" });
    expect(after.stdout).toBe("errors\nhaproxy.cfg\n");
  });

  test("has no network but a loopback", async () => {
    const { stdout } = await debian.script({ script: "ip -o link | cut -d: -f2; ip route" });
    expect(stdout).toBe(" lo\n");
  });

  test("a program that takes too long is killed with all that it started", async () => {
    const script = `setsid sleep ${mark(1)} & sleep ${mark(1)}`;
    await expect(debian.script({ script, timeoutMs: 1000 })).rejects.toThrow("did not end within 1000 ms");
    await expect.poll(() => commandLines().filter((line) => line.includes(mark(1)))).toEqual([]);
  });

  test("what a program leaves running ends with it", async () => {
    await debian.script({ script: `setsid sleep ${mark(2)} > /dev/null 2>&1 &` });
    expect(commandLines().filter((line) => line.includes(mark(2)))).toEqual([]);
  });

  test("nothing is left when the calling process is killed", async () => {
    const source = `
      import { runInDebian } from ${JSON.stringify(import.meta.resolve("./run.ts"))};
      await runInDebian(${JSON.stringify(debian.tree())}, { argv: ["sh", "-c", "echo up > /proc/1/fd/2; sleep ${mark(3)}"] });`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", source], { stdio: "inherit" });
    await expect
      .poll(() => commandLines().some((line) => line.startsWith(`sleep ${mark(3)}`)), { timeout: 20_000 })
      .toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => commandLines().filter((line) => line.includes(mark(3)))).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(debian.tree().mountPoint);
  });

  test.each([
    ["a relative path", { "etc/x": "" }, "Not the absolute path"],
    ["a path with ..", { "/etc/../x": "" }, "Not the absolute path"],
    ["a folder", { "/etc/": "" }, "Not the absolute path"],
    ["a mode that is not octal", { "/etc/x": { content: "", mode: "rw" } }, "not octal"],
    [
      "an owner that the tree does not have",
      { "/etc/x": { content: "", owner: "nobody-knows" } },
      "no such user or group in the Debian tree: nobody-knows",
    ],
  ])("refuses %s", async (_what, files, message) => {
    await expect(debian.run({ files, argv: ["true"] })).rejects.toThrow(message);
  });
});
