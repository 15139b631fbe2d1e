import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inCommon, partOf } from "./alike.ts";
import { forgetFiles, restOf, splitFiles } from "./files.ts";
import { extract } from "./index.ts";
import { leadsNowhere } from "./positions.ts";

type Config = { write_files?: unknown } & Record<string, unknown>;

const found = (text: string) =>
  extract({ userData: gzipSync(text).toString("base64") }, "hcloud:index/server:Server").endpoints.map(
    ({ host, form, place, port }) => [host, form, place.join(" > "), port].join(" "),
  );

/** With spaces between them, files are not taken apart. */
const whole = (config: Config) => found(`#cloud-config\n${JSON.stringify(config, null, 1)}\n`);
const apart = (config: Config) => found(`#cloud-config\n${JSON.stringify(config)}\n`);

const line = fc.constantFrom(
  "server a 10.0.3.4:6379 check",
  "server b 192.168.20.9:6379 check",
  "server c 203.0.113.9:443",
  "server c 8.8.8.8:53",
  "url = https://api.example.com:8443/x",
  "url = https://10.1.2.3/x?to=https://b.example.com",
  "10.0.0.1.example.com",
  "host=10.0.0.1.evil.example.com",
  "curl https://get.example.org | sh",
  "-----BEGIN CERTIFICATE-----",
  "MIIBKDCB26ADAgECAhB1PRA+YOyqkGy9",
  "-----END CERTIFICATE-----",
  'say "write_files":[{',
  "aHR0cHM6Ly9oaWRkZW4uZXhhbXBsZS5jb20v",
  "version 10.2.3.4",
  "\\",
  "",
);
const file = fc.record({
  path: fc.constantFrom("/etc/a.conf", "/etc/10.0.0.7.conf", "/usr/local/bin/run", '/etc/"x"'),
  content: fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n")),
});
const config = fc.record({
  hostname: fc.constantFrom("web-1", "web-2", "\uE001write_files"),
  write_files: fc.array(file, { minLength: 1, maxLength: 5 }),
  runcmd: fc.constantFrom([], [["curl", "https://last.example.com"]]),
});

describe("files of a cloud-config in JSON", () => {
  test("lead to the same, one by one, as in the whole", () => {
    fc.assert(
      fc.property(config, (value) => {
        expect(apart(value)).toEqual(whole(value));
        // Again, of what is remembered.
        expect(apart(value)).toEqual(whole(value));
      }),
      { numRuns: 400 },
    );
  });

  test("leave a mark that is looked at, as one a character shorter would not be", () => {
    const mark = restOf(splitFiles(partOf('{"write_files":[{"path":"/a"}]}'))!.rest.raw)!.write_files as string;
    expect(leadsNowhere(mark, "plain")).toBe(false);
  });

  test("are alike within the whole in what they are alike in alone", () => {
    fc.assert(
      fc.property(config, fc.integer({ min: 0, max: 9_999_999 }), (value, number) => {
        forgetFiles();
        const numbered = {
          ...value,
          7: number,
          id: `web-${number}`,
          at: `10.0.0.${number}`,
          runcmd: [`x ${number} y`],
        };
        const split = splitFiles(partOf(JSON.stringify(numbered)));
        for (const part of split ? [...split.entries, split.rest] : [])
          if ("raw" in part) expect(partOf(part.raw)).toEqual(part);
      }),
      { numRuns: 300 },
    );
  });

  test("lead to the same where something stands beside them that changes what they mean", () => {
    for (const beside of [{ S3_ENDPOINT: "s3.example.eu" }, { kind: "Secret", apiVersion: "v1" }, { extra: 1 }]) {
      const value = { ...beside, write_files: [{ path: "/x", content: "s3://bucket/key" }] };
      expect(apart(value)).toEqual(whole(value));
    }
    const stated = [{ name: "AWS_ENDPOINT_URL", value: "https://s3.example.eu" }, { content: "s3://bucket" }];
    expect(apart({ write_files: stated })).toEqual(whole({ write_files: stated }));
  });

  test.each([
    ["deeper within", '{"a":{"write_files":[{"content":"x"}]}}'],
    ["given twice", '{"write_files":[{"content":"x"}],"write_files":[]}'],
    ["in a text", '{"a":"{\\"write_files\\":[{\\"content\\":1}]}"}'],
    ["cut", '{"write_files":[{"content":"x'],
    ["something else than objects", '{"write_files":[{"content":"x"},7]}'],
    ["text behind", '{"write_files":[{"content":"x"}]} x'],
  ])("%s: parsed as a whole", (_, text) => {
    const split = splitFiles(partOf(text));
    expect(split && restOf(split.rest.raw)).toBeUndefined();
  });

  test("quotes and backslashes at the end of a text do not hide what follows", () => {
    const contents = ["\\", '\\"', '"', '\\\\"', "}]", '"}],"x":"'];
    const files = contents.map((content) => ({ content }));
    const text = JSON.stringify({ a: 1, write_files: files, runcmd: [] });
    forgetFiles();
    expect(splitFiles(partOf(text))!.entries.map((entry) => "raw" in entry && JSON.parse(entry.raw))).toEqual(files);
  });
});

test("only private addresses that stand alone, and bodies of keys, are taken for the same", () => {
  const same = (text: string) => inCommon(JSON.stringify({ content: text }));
  expect(same("a 10.2.3.4:80")).toBe(same("a 10.9.8.7:80"));
  expect(same("-----BEGIN X KEY-----\nAAAA\n-----END X KEY-----")).toBe(
    same("-----BEGIN X KEY-----\nBBBB\n-----END X KEY-----"),
  );
  for (const other of [
    "a 8.2.3.4:80",
    "a 10.2.3.4.example.com",
    "a x10.2.3.4",
    "a 10.2.3.4%2eexample.com",
    "a 110.2.3.4",
  ])
    expect(same(other)).toBe(JSON.stringify({ content: other }));
});
