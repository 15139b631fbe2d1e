import { describe, expect, test } from "vitest";
import { userDataProblem } from "../host/user-data.ts";
import { archiveProblems, archiveStore } from "./archive.ts";
import { testService } from "./testing.ts";
import { type ServiceWorkload, workloadProblems } from "./workload.ts";
import { workloadRole } from "./workload-role.ts";

const sha256 = "0123456789abcdef".repeat(4);
const url = "https://fsn1.your-objectstorage.com/shop-releases/shop-0123456789ab.tar.gz";
const archived: ServiceWorkload = {
  ...testService,
  files: [],
  archive: { url, sha256 },
  command: ["/usr/bin/node", "/opt/app/shop.mjs"],
};

describe("addresses", () => {
  test.each([url, "https://store.example.eu:8443/a/b_c~1.2+3.tgz", "https://a.eu/x.tar.gz"])("%s is taken", (taken) => {
    expect(archiveProblems({ url: taken, sha256 })).toEqual([]);
  });

  test.each([
    ["http://store.example.eu/shop.tar.gz", "is not encrypted: use https"],
    ["https://user:secret@store.example.eu/shop.tar.gz", "holds a login"],
    ["https://store.example.eu/shop.tar.gz?X-Amz-Signature=1", "has a query: signed addresses expire"],
    ...[
      "https://store/shop.tar.gz",
      "https://10.0.0.1/shop.tar.gz",
      "https://Store.example.eu/shop.tar.gz",
      "https://store.example.eu:0/shop.tar.gz",
      "https://store.example.eu:65536/shop.tar.gz",
      "https://store.example.eu/shop.zip",
      "https://store.example.eu/.tar.gz/",
      "https://store.example.eu/../shop.tar.gz",
      "https://store.example.eu/a//shop.tar.gz",
      "https://store.example.eu/shop'$(reboot)'.tar.gz",
      "https://store.example.eu/shop.tar.gz\n",
      "https://store.example.eu/shop%2e.tar.gz",
      "ftp://store.example.eu/shop.tar.gz",
      "",
    ].map((refused) => [refused, "is not like https://"]),
  ])("%j is refused", (refused, why) => {
    const problems = archiveProblems({ url: refused!, sha256 });
    expect(problems).toEqual([expect.stringContaining(why!)]);
    expect(problems[0]).not.toMatch(/secret|Signature/);
  });
});

test("checksum and country are checked too, and all is told together", () => {
  const archive = { url: "http://a.eu/a.tgz", sha256: sha256.toUpperCase(), country: "US" };
  expect(workloadProblems({ ...archived, archive }).map((problem) => problem.split(":")[0])).toEqual([
    "archive.url",
    "archive.sha256",
    "archive.country",
  ]);
});

test("files go beside the archive, not into it", () => {
  const files = ["/opt/app/main.py", "/opt/app", "/opt/application/a", "/etc/app/settings"];
  expect(workloadProblems({ ...archived, files: files.map((path) => ({ path, content: "" })) })).toEqual([
    expect.stringMatching(/^files\[0\]\.path: "\/opt\/app\/main\.py" is in \/opt\/app, which is the archive's/),
    expect.stringMatching(/^files\[1\]\.path: "\/opt\/app" is in \/opt\/app/),
  ]);
});

test("the store is listed with what a server reaches, and the country that was stated", () => {
  expect(workloadRole({ workload: archived }).egress).toEqual([
    { host: "fsn1.your-objectstorage.com", port: 443, purpose: "release of the workload" },
  ]);
  expect(archiveStore({ url: "https://store.example.eu:8443/a.tgz", sha256 }).port).toBe(8443);
  const role = workloadRole({ workload: { ...archived, archive: { url, sha256, country: "DE" } } });
  expect(role.egress?.[0]?.purpose).toBe("release of the workload (DE)");
});

test("it is fetched before the workload starts, by a script that is the same for every part but its archive", () => {
  const role = workloadRole({ workload: archived });
  const other = workloadRole({ workload: { ...archived, archive: { url, sha256: "f".repeat(64) } } });
  expect(role.setup).toEqual(["/usr/local/lib/sovereign/fetch-archive"]);
  expect(role.packages).toEqual(["python3", "curl"]);
  // Another archive is another user data, which replaces the server.
  expect(other.files).not.toEqual(role.files);
  expect(workloadRole({ workload: testService }).setup).toBeUndefined();
});

test("a workload of any size takes little of the user data", () => {
  const { files, packages } = workloadRole({ workload: archived });
  const spec = { hostname: "shop-app-fsn1-1", groups: [], packages, files };
  expect(userDataProblem(spec)).toBeUndefined();
  expect(JSON.stringify(files).length).toBeLessThan(6000);
});
