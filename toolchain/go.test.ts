import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolchainCancelled, ToolchainError } from "./errors.ts";
import { checkGo, explainGoFailure, goBuild } from "./go.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "go-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An environment in which `go` is a shell script, or is not there at all. */
function goThat(script?: string): { env: NodeJS.ProcessEnv; signal: AbortSignal } {
  if (script) {
    writeFileSync(path.join(folder, "go"), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, "go"), 0o755);
  }
  return { env: { PATH: script ? `${folder}:/bin:/usr/bin` : folder }, signal: new AbortController().signal };
}

describe("checkGo", () => {
  const check = (script?: string) => checkGo(folder, "1.25.11", goThat(script));

  test("a sealed network without Go names what is needed", async () => {
    await expect(check()).rejects.toBeInstanceOf(ToolchainError);
    await expect(check()).rejects.toThrow(/There is no Go here.*Go 1\.25\.11 or later is needed/);
  });

  test("a Go that cannot switch releases is too old", async () => {
    await expect(check("echo go version go1.19.8 linux/amd64")).rejects.toThrow(
      "Go 1.19.8 is too old: Go 1.25.11 or later is needed",
    );
  });

  test("a Go that may not or cannot switch is too old", async () => {
    const local = `if [ "$1" = version ]; then echo go version go1.23.4 linux/amd64; exit 0; fi
echo "go: go.mod requires go >= 1.25.11 (running go 1.23.4; GOTOOLCHAIN=local)" >&2; exit 1`;
    await expect(check(local)).rejects.toThrow("Go 1.23.4 is too old");
  });

  test("a Go that is recent enough, or fetches one that is, passes", async () => {
    await expect(check('[ "$1" = version ] && echo go version go1.23.4 linux/amd64; true')).resolves.toBeUndefined();
  });

  test("another fault is not taken for an old Go", async () => {
    const broken =
      '[ "$1" = version ] && echo go version go1.26.0 linux/amd64 || { echo "go: errors parsing go.mod" >&2; false; }';
    await expect(check(broken)).rejects.toThrow("errors parsing go.mod");
  });
});

describe("goBuild", () => {
  const build = (output = folder) => ({
    what: "the engine",
    module: folder,
    packages: ["./cmd/..."],
    stamps: { "a/b.Version": "v1" },
    output,
  });

  test("stamps versions, needs no C compiler, and keeps the user's own settings", async () => {
    const lines: string[] = [];
    const go = goThat(`printf '%s\\n' "$@" > ${folder}/arguments; env > ${folder}/environment`);
    const env = { ...go.env, GOPROXY: "off", GOFLAGS: "-p=1" };
    await goBuild(build(), { ...go, env, onProgress: (line) => lines.push(line) });
    expect(readFileSync(path.join(folder, "arguments"), "utf8")).toContain("-ldflags\n-s -w -X a/b.Version=v1\n");
    expect(readFileSync(path.join(folder, "environment"), "utf8").split("\n")).toEqual(
      expect.arrayContaining(["CGO_ENABLED=0", "GOWORK=off", "GOPROXY=off", "GOFLAGS=-p=1"]),
    );
    expect(lines).toEqual(["building the engine from source: 0 modules fetched, 0 packages compiled"]);
  });

  test("a failure is explained from what Go said", async () => {
    const go = goThat('echo "go: example.org/m@v1.2.3: reading https://u:p@proxy/m: 403 Forbidden" >&2; exit 1');
    const failing = goBuild(build(), { ...go, onProgress: () => undefined });
    await expect(failing).rejects.toThrow("The Go module example.org/m@v1.2.3 cannot be had");
  });

  test("the signal ends Go", async () => {
    const stop = new AbortController();
    const go = goThat(
      `trap 'kill $!; touch ${folder}/interrupted; exit 1' INT; sleep 30 & touch ${folder}/running; wait $!`,
    );
    const building = goBuild(build(), { ...go, signal: stop.signal, onProgress: () => undefined });
    while (!existsSync(path.join(folder, "running"))) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    await expect(building).rejects.toBeInstanceOf(ToolchainCancelled);
    expect(existsSync(path.join(folder, "interrupted"))).toBe(true);
  });
});

describe("explainGoFailure", () => {
  const explain = (...lines: string[]) => explainGoFailure("the engine", lines).message;

  test("a module that cannot be had is named, addresses are not", () => {
    const message = explain(
      'main.go:3:1: example.org/m/v2@v2.0.1: Get "https://user:secret@proxy/x": dial tcp: no such host',
    );
    expect(message).toContain("The Go module example.org/m/v2@v2.0.1 cannot be had: allow it on your module proxy");
    expect(message).not.toContain("secret");
  });

  test("content that differs from go.sum is not the proxy's refusal", () => {
    const message = explain(
      "verifying example.org/m@v1.0.0: checksum mismatch",
      "go: example.org/m@v1.0.0: verifying module: checksum mismatch",
    );
    expect(message).toContain("its content is not what go.sum says");
  });

  test("a module that Go could not even ask for is named", () => {
    const message = explain("go: downloading example.org/m v1.2.3", "module lookup disabled by GOPROXY=off");
    expect(message).toContain("The Go module example.org/m@v1.2.3 cannot be had: check GOPROXY");
  });

  test("a full disk says how much is needed and where", () => {
    expect(explain("compile: writing output: write $WORK/b1: no space left on device")).toContain("About 6 GB");
  });

  test("a compiler that was killed points at memory", () => {
    expect(explain("github.com/x/y: /usr/lib/go/pkg/tool/compile: signal: killed")).toContain("memory");
  });

  test("anything else shows Go's last lines", () => {
    expect(explain("a.go:1:1: undefined: X")).toBe(
      "Building the engine failed. Go's last lines:\na.go:1:1: undefined: X",
    );
  });
});
