import { expect, test } from "vitest";
import { requestTarget, signedHeaders } from "./signature.ts";

/** Access keys, time and requests of the examples in the documentation of Amazon S3's signature version 4. */
const settings = {
  host: "examplebucket.s3.amazonaws.com",
  region: "us-east-1",
  keys: { accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
  now: new Date("2013-05-24T00:00:00Z"),
};

test("signatures are those of the documentation's examples", () => {
  const lifecycle = signedHeaders({ method: "GET", path: "/", query: { lifecycle: "" } }, settings);
  expect(lifecycle.authorization).toContain(
    "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  );
  const list = signedHeaders({ method: "GET", path: "/", query: { prefix: "J", "max-keys": "2" } }, settings);
  expect(list.authorization).toContain("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  expect(list["x-amz-content-sha256"]).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("paths and queries are encoded as S3 wants it", () => {
  expect(requestTarget({ path: "/b/a b(1)/é+'" })).toBe("/b/a%20b%281%29/%C3%A9%2B%27");
  expect(requestTarget({ path: "/b", query: { "x y": "a/b", policy: "" } })).toBe("/b?policy=&x%20y=a%2Fb");
});
