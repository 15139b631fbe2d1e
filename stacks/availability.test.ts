import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLabApi } from "../lab/api/server.ts";
import { unavailableServerTypes } from "./availability.ts";

const token = "t".repeat(64);
let folder: string;
let lab: Awaited<ReturnType<typeof startLabApi>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sovereign-availability-"));
  lab = await startLabApi({ dataDir: folder, token, port: 0 });
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

describe("unavailableServerTypes", () => {
  it("names what is sold out or gone, once, and nothing that can be had", async () => {
    const types = ["cpx22", "cx23", "cx23", "cx11"];
    expect(await unavailableServerTypes({ endpoint: lab.url, token }, "fsn1", types)).toEqual([
      "server type cx11 is no longer offered",
      "server type cx23 is not available in fsn1 at the moment",
    ]);
  });

  it("leaves it to the plugin to say that the provider cannot be asked", async () => {
    expect(await unavailableServerTypes({ endpoint: lab.url, token: "wrong" }, "fsn1", ["cx23"])).toEqual([]);
    expect(await unavailableServerTypes({ endpoint: "http://127.0.0.1:1/v1", token }, "fsn1", ["cx23"])).toEqual([]);
  });
});
