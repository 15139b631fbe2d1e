import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withoutSalt } from "./config-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sovereign-config-"));
  file = join(folder, "Pulumi.dev.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

const TEXT = "# mine\nconfig:\n  sovereign:app: { servers: 2 } # two\n";
const SALT = "encryptionsalt: v1:abc:v1:def\n";

describe("the engine's salt", () => {
  it("goes again, and the file is as it was, comments and layout too", async () => {
    writeFileSync(file, TEXT);
    const engine = async () => writeFileSync(file, `${SALT}config:\n  sovereign:app:\n    servers: 2\n`);
    await withoutSalt(file, engine);
    expect(readFileSync(file, "utf8")).toBe(TEXT);
  });

  it("of an earlier lab is gone before the engine looks", async () => {
    writeFileSync(file, SALT + TEXT);
    await withoutSalt(file, async () => expect(readFileSync(file, "utf8")).toBe(TEXT));
    expect(readFileSync(file, "utf8")).toBe(TEXT);
  });

  it.each([
    "config:\n  sovereign:x:\n    secure: v1:abc\n",
    "config:\n  hcloud:token: { secure: v1:abc }\n",
    'config: {"hcloud:token": {"secure":"v1:abc"}}\n',
    "config:\n  sovereign:x:\n    list: [a, { 'secure': v1:abc }]\n",
    "config: [\n",
  ])("stays where values are encrypted with it, or nobody can tell: %j", async (text) => {
    const secret = SALT + text;
    writeFileSync(file, secret);
    await withoutSalt(file, async () => expect(readFileSync(file, "utf8")).toBe(secret));
    expect(readFileSync(file, "utf8")).toBe(secret);
  });

  it("goes where the word only stands in a text or comment", async () => {
    const text = "# secure: none\nconfig:\n  sovereign:x: |\n    secure: v1:abc\n";
    writeFileSync(file, SALT + text);
    await withoutSalt(file, async () => undefined);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("goes also when the work fails, but an edit made meanwhile stays", async () => {
    writeFileSync(file, TEXT);
    const edited = TEXT.replace("servers: 2", "servers: 3");
    const work = withoutSalt(file, async () => {
      writeFileSync(file, SALT + edited);
      throw new Error("failed");
    });
    await expect(work).rejects.toThrow("failed");
    expect(readFileSync(file, "utf8")).toContain("servers: 3");
  });

  it("a file that the engine deletes comes back, one that was not there is not made", async () => {
    writeFileSync(file, TEXT);
    await withoutSalt(file, async () => rmSync(file));
    expect(readFileSync(file, "utf8")).toBe(TEXT);
    const other = join(folder, "Pulumi.other.yaml");
    await withoutSalt(other, async () => undefined);
    expect(existsSync(other)).toBe(false);
  });
});
