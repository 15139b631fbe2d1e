import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeUserData, installedPackages, missingPackages, wantedPackages } from "./user-data.ts";

describe("what a machine gets as user data", () => {
  test("base64 is undone, as the provider's data source does; anything else stays as it is", () => {
    expect(decodeUserData(Buffer.from("#cloud-config\n{}").toString("base64")).toString()).toBe("#cloud-config\n{}");
    expect(decodeUserData("#cloud-config\n{}").toString()).toBe("#cloud-config\n{}");
    expect(decodeUserData("QUJD\n").toString()).toBe("QUJD\n");
    expect(decodeUserData("QUJDR").toString()).toBe("QUJDR");
    expect(decodeUserData("").length).toBe(0);
  });
});

describe("packages that user data wants", () => {
  const config = (packages: unknown) => Buffer.from(`#cloud-config\n${JSON.stringify({ packages })}\n`);

  test("are read from a cloud-config, packed or not", () => {
    expect(wantedPackages(config(["nginx", "jq"]))).toEqual(["jq", "nginx"]);
    expect(wantedPackages(gzipSync(config(["nginx"])))).toEqual(["nginx"]);
    expect(wantedPackages(Buffer.from("#cloud-config\npackages:\n  - nginx\n"))).toEqual(["nginx"]);
  });

  test("are names, whatever version or archive they are wanted of", () => {
    expect(
      wantedPackages(config(["a=1.2", "b/trixie", ["c", "1.0"], { apt: ["d", ["e", "2"]] }, { snap: ["f"] }])),
    ).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("none are known of anything else, however odd", () => {
    for (const odd of [
      "#!/bin/sh\necho packages:",
      "",
      "#cloud-config\n",
      "#cloud-config\n[1]",
      "#cloud-config\npackages: 1",
    ]) {
      expect(wantedPackages(Buffer.from(odd))).toEqual([]);
    }
    expect(wantedPackages(config([null, 1, {}, [], [1], { apt: 1 }, { apt: [{ apt: ["x"] }] }]))).toEqual([]);
  });

  test("what cannot be read is refused in words, and nothing is unpacked without end", () => {
    expect(() => wantedPackages(Buffer.from("#cloud-config\n{"))).toThrow("its user data is no valid YAML");
    expect(() => wantedPackages(Buffer.from([0x1f, 0x8b, 1, 2]))).toThrow("its user data cannot be unpacked");
    expect(() => wantedPackages(gzipSync(Buffer.alloc(3 * 1024 * 1024)))).toThrow("its user data cannot be unpacked");
  });
});

describe("packages of the image", () => {
  const status = `Package: nginx
Status: install ok installed
Provides: httpd, nginx-abi (= 1.26), httpd-cgi

Package: removed
Status: deinstall ok config-files

Package: jq
Status: install ok installed
`;
  const installed = installedPackages(status);

  test("are those that dpkg has installed, and what they provide", () => {
    expect([...installed].sort()).toEqual(["httpd", "httpd-cgi", "jq", "nginx", "nginx-abi"]);
  });

  test("what they lack is said with the server, its role and the way out", () => {
    const server = { name: "shop-app-fsn1-1", labels: { role: "app" } };
    expect(missingPackages(server, ["nginx", "jq"], installed)).toBeUndefined();
    expect(missingPackages(server, ["nginx", "cowsay"], installed)).toBe(
      "server shop-app-fsn1-1 (role app) wants the package cowsay, which the lab's image lacks: add it to lab/debian/packages.ts",
    );
    expect(missingPackages({ name: "x", labels: {} }, ["b", "a"], installed)).toBe(
      "server x wants the packages b, a, which the lab's image lacks: add them to lab/debian/packages.ts",
    );
  });
});
