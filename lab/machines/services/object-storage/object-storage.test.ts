import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureGoTool } from "../../../../toolchain/tools.ts";
import { describeWithDebian } from "../../../debian/testing.ts";
import { type TestNamespace, testNamespace } from "../testing.ts";
import { authorityFiles, ensureAuthority } from "./ca.ts";
import { ensureBucket, putObject, type StoreAccess } from "./client.ts";
import { type ObjectStorage, objectStorage } from "./object-storage.ts";
import { mountObjectStorage } from "./routes.ts";

const keys = { accessKey: "LABACCESSKEY00000001", secretKey: "lab-secret-key-lab-secret-key-lab-secret" };

describeWithDebian("object storage", (debian) => {
  let folder: string;
  let place: TestNamespace;
  let storage: ObjectStorage;
  let certificate: string;
  let logged: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "object-storage-"));
    place = await testNamespace();
    logged = [];
    const authority = await ensureAuthority(join(folder, "ca"));
    certificate = authority.certificate;
    storage = objectStorage({
      network: { ensureLoadBalancer: () => Promise.reject(new Error("none")), services: { netns: place.netns } },
      tree: debian.tree(),
      log: (line) => logged.push(line),
      addresses: { fsn1: place.address },
      folder: join(folder, "objects"),
      gateway: await ensureGoTool("versitygw", { onProgress: (line) => process.stderr.write(`${line}\n`) }),
      keys,
      authority,
      buckets: [
        { location: "fsn1", name: "shop-backups" },
        { location: "fsn1", name: "shop-releases", isPublic: true },
      ],
    });
    await storage.start();
  }, 20 * 60_000);
  afterEach(async () => {
    await storage.stop();
    await place.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As a machine asks: over the network, by the provider's name, trusting the lab's authority. */
  const get = (path: string, host = "fsn1.your-objectstorage.com") =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const options = { host: place.address, servername: host, headers: { host }, path, ca: certificate, agent: false };
      request(options, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .on("error", reject)
        .end();
    });

  test("a release in a public bucket is read by everybody under the provider's name, a backup by nobody without keys", async () => {
    const access = storage.access("fsn1");
    const url = await putObject(access, {
      bucket: "shop-releases",
      key: "v1/shop a.tar.gz",
      body: Buffer.from("archive"),
    });
    await putObject(access, { bucket: "shop-backups", key: "secret", body: Buffer.from("orders") });
    expect(url).toBe("https://fsn1.your-objectstorage.com/shop-releases/v1/shop%20a.tar.gz");
    expect(await get(new URL(url).pathname)).toEqual({ status: 200, body: "archive" });
    expect(await get("/v1/shop%20a.tar.gz", "shop-releases.fsn1.your-objectstorage.com")).toEqual({
      status: 200,
      body: "archive",
    });
    expect((await get("/shop-backups/secret")).status).toBe(403);
    await putObject(access, { bucket: "shop-releases", key: "v1/shop a.tar.gz", body: Buffer.from("newer") });
    expect((await get(new URL(url).pathname)).body).toBe("newer");
    expect(logged).toEqual([]);
  });

  test("wrong keys, an unknown bucket and an unknown location are refused with the reason", async () => {
    const wrong: StoreAccess = { ...storage.access("fsn1"), keys: { ...keys, secretKey: "wrong".repeat(8) } };
    const object = { bucket: "shop-backups", key: "x", body: Buffer.from("x") };
    await expect(putObject(wrong, object)).rejects.toThrow("SignatureDoesNotMatch");
    const access = storage.access("fsn1");
    await expect(putObject(access, { ...object, bucket: "nobodys" })).rejects.toThrow("NoSuchBucket");
    await ensureBucket(access, "shop-backups");
    expect(() => storage.access("hel1")).toThrow("no object storage in hel1: it has some in fsn1");
  });

  test("a stopped store refuses connections, and comes back with what it held", async () => {
    await putObject(storage.access("fsn1"), { bucket: "shop-releases", key: "kept", body: Buffer.from("kept") });
    await storage.stopStore("fsn1");
    expect(storage.stores()).toEqual({ fsn1: false });
    await expect(get("/shop-releases/kept")).rejects.toThrow("ECONNREFUSED");
    await storage.startStore("fsn1");
    expect(await get("/shop-releases/kept")).toEqual({ status: 200, body: "kept" });
    expect(storage.stores()).toEqual({ fsn1: true });
  });

  test("the lab's endpoints make buckets, take objects, and stop and start a store", async () => {
    const app = new Hono();
    app.onError((error, c) => c.json({ message: error.message }, 400));
    mountObjectStorage(app, storage);
    const base = "/_lab/services/object-storage";
    const call = async (method: string, path: string, body?: string) => {
      const response = await app.request(`${base}${path}`, { method, ...(body === undefined ? {} : { body }) });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    };
    expect((await call("POST", "/fsn1/buckets", '{"name":"media","public":true}')).status).toBe(204);
    expect(await call("PUT", "/fsn1/buckets/media/a/b.txt", "hello")).toEqual({
      status: 201,
      body: { url: "https://fsn1.your-objectstorage.com/media/a/b.txt" },
    });
    expect((await get("/media/a/b.txt")).body).toBe("hello");
    expect((await call("POST", "/fsn1/buckets", '{"name":"../x"}')).body.message).toContain("field 'name'");
    expect((await call("PUT", "/fsn1/buckets/media/..%2Fx/y", "hello")).body.message).toContain("field 'key'");
    expect((await call("POST", "/hel1/stop")).body.message).toContain("no object storage in 'hel1'");
    expect((await call("POST", "/fsn1/stop")).status).toBe(204);
    expect(await call("GET", "")).toEqual({ status: 200, body: { stores: { fsn1: false } } });
    expect((await call("POST", "/fsn1/start")).status).toBe(204);
    expect((await get("/media/a/b.txt")).body).toBe("hello");
  });

  test("the authority is made once and keeps its key to itself", async () => {
    const files = authorityFiles(join(folder, "ca"));
    expect(statSync(files.privateKey).mode & 0o777).toBe(0o600);
    expect((await ensureAuthority(join(folder, "ca"))).certificate).toBe(certificate);
    expect(readdirSync(join(folder, "ca")).sort()).toEqual(["ca.crt", "ca.key"]);
  });
});
