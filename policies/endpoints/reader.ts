import { ANYWHERE, Budget, type Texts } from "./budget.ts";
import { readCloudConfig } from "./cloud-config.ts";
import { Collector, markOf, memoryFor, NOTHING, type Position, type Reading } from "./collector.ts";
import { base64Bytes, type Decoded, mayBeBase64, readBytes } from "./decode.ts";
import { encryption, hasMaskedHost, json, looksLikeWorkload, withoutPem, yamlDocuments } from "./documents.ts";
import { percentDecoded } from "./hosts.ts";
import { limits } from "./limits.ts";
import { looksLikeMime, mimeParts } from "./mime.ts";
import { readLine, readLines, readScript } from "./plain-text.ts";
import { leadsNowhere, type Role } from "./positions.ts";
import { recordLeads } from "./records.ts";
import { valueLeads } from "./tokens.ts";
import { PLAIN, placeOf, type Setting, type Visitor, walk } from "./tree.ts";
import { urls } from "./urls.ts";

/** Characters from which on what a text unpacks to is not remembered beside it. */
const LONG = 1000;

/** Reads texts of one resource, within its budget. */
export class Reader implements Texts {
  readonly budget = new Budget();

  /** @param lasting whether the same text may come again; what a text unpacks to need not be remembered beside it */
  read(text: string, position: Position = ANYWHERE, depth = 0, lasting = true): Reading {
    if (leadsNowhere(text, position.role)) return NOTHING;
    const memory = lasting || text.length < LONG ? memoryFor(text, position.role) : undefined;
    const known = memory?.recall(text, markOf(position));
    if (known) {
      this.budget.plain &&= known.plain;
      return known.reading;
    }
    const outer = this.budget.begin();
    const out = new Collector();
    if (depth > limits.depth) {
      out.fail([], "too-deep", `more than ${limits.depth} encodings and documents within one another`);
      this.budget.limited = true;
    } else this.#readInto(out, text, position, depth);
    const reading = out.reading();
    if (!this.budget.limited) memory?.remember(text, reading, this.budget.plain, markOf(position));
    this.budget.end(outer);
    return reading;
  }

  #readInto(out: Collector, text: string, position: Position, depth: number) {
    const { role } = position;
    if (hasMaskedHost(text)) out.fail([], "secret", "the host of a URL is masked");
    const encrypted = encryption(text);
    if (encrypted) return out.fail([], "encrypted", encrypted);
    if (text.startsWith("-----BEGIN ") && /^\s*$/.test(withoutPem(text))) return;
    if (role === "base64" || role === "user-data" || mayBeBase64(text)) {
      if (this.#readBase64(out, text, position, depth)) return;
    }
    if (text.startsWith("\x1f\x8b")) {
      this.budget.plain = false;
      const decoded = readBytes(Buffer.from(text, "latin1"), this.budget.room);
      return this.#readDecoded(out, decoded, [], { ...ANYWHERE, containers: position.containers }, depth, true);
    }
    if (role === "dns-record") {
      this.budget.plain = false;
      return out.all([], recordLeads(text));
    }
    this.#dataUrls(out, text, depth);
    if (text.length < 200 && role === "plain" && !/[.:\n]|[A-Za-z0-9+/_-]{16}/.test(text)) return;
    if (looksLikeMime(text)) {
      this.budget.plain = false;
      const parts = mimeParts(text);
      if (!parts) out.fail([], "broken", "a multipart message without a boundary or parts");
      else return this.#readParts(out, parts, depth);
    }
    const start = text.slice(0, 200).trimStart();
    if (/^#(?:cloud-config|include|# template:)/.test(start)) {
      this.budget.plain = false;
      return start.startsWith("#include")
        ? this.#readInclude(out, text, depth)
        : readCloudConfig(this, out, text, depth);
    }
    if (/^#!|^#cloud-boothook/.test(start) || role === "script") return readScript(this, out, text, start, depth);
    if (/^[[{]/.test(start) && this.#readJson(out, text, position, depth)) return;
    if (text.includes("\n") && this.#readYaml(out, text, position, depth)) return;
    if (text.includes("\n")) {
      const defines = /\$\{?[A-Za-z_]/.test(text) && /^\s*(?:export\s+)?[A-Za-z_]\w*=/m.test(text);
      return defines ? readScript(this, out, text, "", depth) : readLines(this, out, withoutPem(text), depth);
    }
    readLine(this, out, text, position, depth);
  }

  /** @returns whether the text was base64 */
  #readBase64(out: Collector, text: string, position: Position, depth: number): boolean {
    const stated = position.role === "base64";
    const bytes = base64Bytes(text);
    if (!bytes) {
      if (stated && text.trim()) out.fail([], "broken", "not base64, which this field has to be");
      return false;
    }
    this.budget.plain = false;
    const decoded = readBytes(bytes, this.budget.room);
    const expected = stated || (position.role === "user-data" && text.length >= 16);
    if (decoded.kind === "binary" && !expected && decoded.steps.length === 0) return false;
    if (decoded.kind === "failed" && !expected && decoded.steps.length === 0 && text.length < 200) return false;
    // Random words decode to random bytes; only what reads as text counts.
    this.#readDecoded(
      out,
      decoded,
      ["base64"],
      { ...ANYWHERE, containers: position.containers },
      depth,
      expected,
      position.role === "user-data",
    );
    return decoded.kind !== "binary" || expected;
  }

  #readDecoded(
    out: Collector,
    decoded: Decoded,
    prefix: readonly string[],
    position: Position,
    depth: number,
    expected: boolean,
    whole = false,
  ) {
    const place = [...prefix, ...decoded.steps];
    if (decoded.kind === "failed") {
      if (decoded.why === "too-big") this.budget.limited = true;
      return out.fail(place, decoded.why, decoded.detail);
    }
    this.budget.room -= decoded.text.length;
    if (this.budget.room < 0) {
      this.budget.limited = true;
      return out.fail(place, "too-big", `more than ${limits.decodedBytes} bytes of decoded values in one resource`);
    }
    if (decoded.kind === "text") return out.merge(place, this.read(decoded.text, position, depth + 1, false));
    if (whole) return out.fail(place, "broken", "neither text nor anything that is looked into; perhaps a hash");
    if (!expected && decoded.steps.length === 0) return;
    if (decoded.text.includes("://")) out.all([...place, "bytes"], urls(decoded.text));
  }

  #dataUrls(out: Collector, text: string, depth: number) {
    for (let at = text.indexOf("data:"); at >= 0; at = text.indexOf("data:", at + 5)) {
      const match = /^data:([\w.+/-]{0,100}(?:;[\w.=-]{1,60}){0,4}),/.exec(text.slice(at, at + 400));
      if (!match) continue;
      this.budget.plain = false;
      const from = at + match[0].length;
      const end = text.slice(from).search(/["'\s)<>]/);
      const body = end < 0 ? text.slice(from) : text.slice(from, from + end);
      if (body.length < 8) continue;
      if (/;base64/.test(match[1]!)) {
        const bytes = base64Bytes(percentDecoded(body));
        if (!bytes) out.fail(["data URL"], "broken", "not base64, though its head says so");
        else if (!/^(?:image|font|audio|video)\//.test(match[1]!))
          this.#readDecoded(out, readBytes(bytes, this.budget.room), ["data URL"], ANYWHERE, depth, true);
      } else out.merge(["data URL"], this.read(percentDecoded(body), ANYWHERE, depth + 1));
      at = from + body.length - 5;
    }
  }

  #readParts(out: Collector, parts: NonNullable<ReturnType<typeof mimeParts>>, depth: number) {
    for (const [i, part] of parts.entries()) {
      const name = `part ${i + 1} (${part.filename ?? part.type})`;
      const role: Role = part.base64 ? "base64" : /shellscript|boothook/.test(part.type) ? "script" : "plain";
      if (/include-(?:once-)?url/.test(part.type)) {
        out.merge([name], this.read(`#include\n${part.body}`, ANYWHERE, depth + 1));
        continue;
      }
      const body =
        /cloud-config/.test(part.type) && !/^\s*#/.test(part.body) && !part.base64
          ? `#cloud-config\n${part.body}`
          : part.body;
      out.merge([name], this.read(body, { ...ANYWHERE, role }, depth + 1));
    }
  }

  #readInclude(out: Collector, text: string, depth: number) {
    const lines = text.split("\n");
    for (const [i, line] of lines.entries()) {
      if (line.startsWith("#include"))
        out.all([`line ${i + 1}`], valueLeads(line.replace(/^#include(?:-once)?/, ""), "host"));
      else if (!line.startsWith("#")) out.all([`line ${i + 1}`], valueLeads(line, "host"));
      else if (/^#!|^#cloud/.test(line) && i > 0)
        out.merge([], this.read(lines.slice(i).join("\n"), ANYWHERE, depth + 1));
    }
  }

  /** @returns whether the text was JSON */
  #readJson(out: Collector, text: string, position: Position, depth: number): boolean {
    const value = json(text);
    if (value === undefined || typeof value !== "object") return false;
    this.budget.plain = false;
    this.tree(out, value, { ...PLAIN, containers: position.containers || looksLikeWorkload(value) }, depth);
    return true;
  }

  /** @returns whether the text was YAML with names in it */
  #readYaml(out: Collector, text: string, position: Position, depth: number): boolean {
    if (!/^\s*(?:- +)?["']?[\w.$/@-]{1,100}["']?\s*:(?:\s|$)|^---|^\s*- /m.test(text.slice(0, 4000))) return false;
    if (/^\s*\[[\w. "-]+\]\s*$/m.test(text.slice(0, 2000)) || /^FROM /m.test(text.slice(0, 4000))) return false;
    this.budget.plain = false;
    const documents = yamlDocuments(text);
    if (documents === undefined) return false;
    if (documents === "too-big") {
      out.fail([], "too-big", "YAML that is too large to parse; its lines were looked at");
      return false;
    }
    if (!documents.every((document) => typeof document === "object")) return false;
    for (const [i, document] of documents.entries()) {
      if (document === null) continue;
      const inner = new Collector();
      this.tree(inner, document, { ...PLAIN, containers: position.containers || looksLikeWorkload(document) }, depth);
      out.merge(documents.length > 1 ? [`document ${i + 1}`] : [], inner);
    }
    return true;
  }

  tree(out: Collector, value: unknown, setting: Setting, depth: number) {
    walk(value, setting, this.visitor(out, depth));
  }

  visitor(out: Collector, depth: number): Visitor {
    return {
      text: (found) => {
        const reading = this.read(found.text, found, depth + 1);
        if (reading === NOTHING) return;
        out.merge(found.path.length ? [placeOf(found.path, found.label)] : [], reading);
      },
      unseen: () => undefined,
      tooDeep: (path) =>
        out.fail([placeOf(path.slice(0, 8))], "too-deep", `more than ${limits.nesting} objects within one another`),
    };
  }
}
