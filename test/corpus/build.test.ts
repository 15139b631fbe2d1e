import { createPrivateKey } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { build, encode, HIDDEN_MARK, sourceOf } from "./build.ts";
import { type Case, parseCases } from "./schema.ts";

function made(yaml: string): string {
  return build(parse(yaml)) as string;
}

function caseOf(fields: Partial<Case>): Case {
  return { name: "a case", why: "a test", file: "test.yaml", expect: [], ...fields };
}

describe("builders of the corpus", () => {
  it("leave what is no builder as it is", () => {
    const plain = { a: [1, null, true, "x"], b: { c: "$" } };
    expect(build(plain)).toEqual(plain);
  });

  it("apply encodings from left to right", () => {
    const text = made("{ $text: hello, encode: [gzip, base64] }");
    expect(gunzipSync(Buffer.from(text, "base64")).toString()).toBe("hello");
  });

  it("make a cloud-config whose content is what was written, however deep it is encoded", () => {
    const text = made(
      "{ $cloudConfig: { write_files: [{ encoding: b64, content: { $text: inner.example, encode: [base64] } }] } }",
    );
    expect(text.startsWith("#cloud-config\n")).toBe(true);
    const { write_files } = parse(text) as { write_files: { content: string }[] };
    expect(Buffer.from(write_files[0]!.content, "base64").toString()).toBe("inner.example");
  });

  it("make a MIME message with one boundary per part and one that closes", () => {
    const text = made(
      "{ $mime: [{ type: text/cloud-config, body: 'a: 1' }, { type: text/x-shellscript, filename: b.sh, transfer: base64, body: 'echo b' }] }",
    );
    const boundary = /boundary="([^"]+)"/.exec(text)![1]!;
    const [head, first, second, rest] = text.split(`--${boundary}`);
    expect(head).toContain("Content-Type: multipart/mixed");
    expect(first!.split("\n\n")[1]).toBe("a: 1\n".trimEnd());
    expect(second).toContain('filename="b.sh"');
    expect(Buffer.from(second!.split("\n\n")[1]!, "base64").toString()).toBe("echo b");
    expect(rest).toBe("--\n");
  });

  it("write quoted-printable that reads back, with host names cut in two", () => {
    const line = "curl -s 'https://fleet.example.com/install.sh?a=1' -H 'X-Umlaut: ü' && echo done # comment";
    const written = encode(Buffer.from(line), ["quoted-printable"]).toString();
    expect(Math.max(...written.split("\n").map((part) => part.length))).toBeLessThanOrEqual(76);
    const back = written
      .replaceAll("=\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    expect(Buffer.from(back, "latin1").toString()).toBe(line);
    expect(written).not.toContain("fleet.example.com");
  });

  it.each([
    ["base64url", "aHR0cHM6Ly8_"],
    ["percent", "https%3A%2F%2F%3F"],
  ])("know %s", (name, expected) => {
    expect(encode(Buffer.from("https://?"), [name]).toString()).toBe(expected);
  });

  it("make noise that is the same each time and is no text", () => {
    const noise = "{ $noise: 100, encode: [base64] }";
    expect(made(noise)).toBe(made(noise));
    expect(Buffer.from(made(noise), "base64")).toHaveLength(100);
    expect(() => createPrivateKey(made(noise))).toThrow();
  });

  it.each([
    ["{ $txt: a }", "$txt is no builder"],
    ["{ $text: a, encoding: [gzip] }", "$text stands beside encoding"],
    ["{ $text: a, encode: [rot13] }", "rot13 is no encoding"],
    ["{ $text: a, encode: [gzip] }", "end with base64"],
    ["{ $json: { a: { $hidden: true } } }", "$hidden inside of $json"],
  ])("refuse %s", (yaml, message) => {
    expect(() => made(yaml)).toThrow(message);
  });
});

describe("sources of the corpus", () => {
  it("keep the shell's variables from being taken for Pulumi's", () => {
    const { text } = sourceOf(caseOf({ userData: { $text: `curl \${HOST}` } }));
    expect(parse(text).resources.web.properties.userData).toBe(`curl $\${HOST}`);
  });

  it("keep them apart in any resource, and only once however deep the text is built", () => {
    const inner = { $text: `a \${B}`, encode: ["base64"] };
    const { text } = sourceOf(
      caseOf({ resources: { a: { type: "t", properties: { x: inner, y: { $concat: [`\${C} `, inner] } } } } }),
    );
    const { x, y } = parse(text).resources.a.properties;
    expect(Buffer.from(x, "base64").toString()).toBe(`a \${B}`);
    expect(y).toBe(`$\${C} ${x}`);
  });

  it("keep references between resources", () => {
    const { text } = sourceOf(caseOf({ resources: { a: { type: "t", properties: { id: `\${b.id}` } } } }));
    expect(parse(text).resources.a.properties.id).toBe(`\${b.id}`);
  });

  it("mark what is hidden", () => {
    const { text } = sourceOf(caseOf({ userData: { $hidden: true } }));
    expect(parse(text).resources.web.properties.userData).toBe(HIDDEN_MARK);
  });

  it("make a deployment of a pod", () => {
    const { kind, text } = sourceOf(caseOf({ podSpec: { containers: [{ name: "c", image: "i" }] } }));
    expect(kind).toBe("manifests");
    expect(parse(text).spec.template.spec.containers).toEqual([{ name: "c", image: "i" }]);
  });

  it("name the case whose builder is wrong", () => {
    expect(() => sourceOf(caseOf({ name: "bad one", userData: { $what: 1 } }))).toThrow('corpus case "bad one"');
  });
});

describe("files of cases", () => {
  const file = (cases: string) => `theme: test\ncases:\n${cases}`;

  it("unfold each, in keys and values, and number names that repeat", () => {
    const cases = parseCases(
      file(
        "  - { name: at <x>, why: because, each: [{ x: a }, { x: b }, { x: b }], userData: { <x>: <x><y> }, expect: [] }",
      ),
      "f.yaml",
    );
    expect(cases.map(({ name }) => name)).toEqual(["at a", "at b", "at b (2)"]);
    expect(cases[1]!.userData).toEqual({ b: "b<y>" });
  });

  it.each([
    ["  - { name: none, why: because, expect: [] }", "exactly one of"],
    ["  - { name: two, why: because, userData: a, podSpec: {}, expect: [] }", "exactly one of"],
    ["  - { name: rule, why: because, userData: a, expect: [{ rule: luck }] }", "f.yaml"],
    ["  - { name: typo, why: because, userData: a, expects: [], expect: [] }", "expects"],
  ])("refuse %s", (cases, message) => {
    expect(() => parseCases(file(cases), "f.yaml")).toThrow(message);
  });
});
