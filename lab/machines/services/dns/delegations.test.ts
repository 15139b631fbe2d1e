import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiError } from "../../../api/core/errors.ts";
import type { Change } from "../../../api/core/store.ts";
import type { LabView } from "../../../api/driver.ts";
import { DelegationFile, keepDelegations, mountDelegations } from "./delegations.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "delegations-"));
  path = join(folder, "delegations.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("delegations are kept, changed and taken back; a damaged file holds none", () => {
  const file = new DelegationFile(path);
  expect(file.all()).toEqual({});
  file.set("shop.example.eu", ["198.18.0.5", "2001:db8::5"]);
  file.set("example.de", ["198.18.0.6"]);
  file.set("shop.example.eu", ["198.18.0.7"]);
  expect(new DelegationFile(path).all()).toEqual({ "shop.example.eu": ["198.18.0.7"], "example.de": ["198.18.0.6"] });
  file.set("example.de", []);
  expect(file.all()).toEqual({ "shop.example.eu": ["198.18.0.7"] });
  writeFileSync(path, '{"shop.example.eu": ["x y"]}');
  expect(file.all()).toEqual({});
});

test("are taken back with the addresses that they lead to", async () => {
  const file = new DelegationFile(path);
  file.set("shop.example.eu", ["198.18.0.5", "198.18.0.6", "2001:db8:0:5::1"]);
  file.set("example.de", ["198.18.0.7"]);
  const ips = ["198.18.0.5", "198.18.0.6", "2001:db8:0:5::/64", "198.18.0.7"];
  let changes = 0;
  const store = { all: () => ips.map((ip, id) => ({ id, ip })) } as unknown as LabView["store"];
  const keeper = keepDelegations(file, { store }, { log: () => undefined, changed: () => void changes++ });
  const freed = (...gone: string[]) => {
    for (const ip of gone) ips.splice(ips.indexOf(ip), 1);
    keeper.changed([{ kind: "primary_ips", id: 1, before: { id: 1 }, after: undefined }] as unknown as Change[]);
  };
  await keeper.start();
  expect([Object.keys(file.all()), changes]).toEqual([["shop.example.eu", "example.de"], 0]);
  freed("198.18.0.5");
  expect(file.all()["shop.example.eu"]).toEqual(["198.18.0.6", "2001:db8:0:5::1"]);
  freed("198.18.0.6", "2001:db8:0:5::/64");
  expect([file.all(), changes]).toEqual([{ "example.de": ["198.18.0.7"] }, 2]);
  // What a lab finds that starts anew.
  ips.length = 0;
  await keeper.start();
  expect(file.all()).toEqual({});
});

test("what is no zone or no address is refused, and nothing of it reaches the resolver's file", async () => {
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, error instanceof ApiError ? 422 : 500));
  let changes = 0;
  mountDelegations(app, new DelegationFile(path), () => {
    changes++;
  });
  const put = async (zone: string, body: unknown) =>
    (
      await app.request(`/_lab/services/dns/delegations/${encodeURIComponent(zone)}`, {
        method: "PUT",
        body: JSON.stringify(body),
      })
    ).status;
  expect(await put('x"\n  module-config: "python', { addresses: ["198.18.0.5"] })).toBe(422);
  expect(await put("shop.example.eu", { addresses: ["198.18.0.5\n  stub-host: evil"] })).toBe(422);
  expect(existsSync(path)).toBe(false);
  expect(await put("shop.example.eu", { addresses: ["198.18.0.5"] })).toBe(204);
  expect(changes).toBe(1);
});
