import { inCommon, withOtherNumbers, withoutNumbers } from "./alike.ts";
import { Collector, markOf, NOTHING, type Position, type Reading, recall, remember } from "./collector.ts";
import { commandLeads, isNamedHost } from "./commands.ts";
import { base64Bytes, type Decoded, mayBeBase64, readBytes } from "./decode.ts";
import {
  decryptsItself,
  encryption,
  hasMaskedHost,
  json,
  looksLikeWorkload,
  packedWords,
  withoutPem,
  yamlDocuments,
} from "./documents.ts";
import { isFiles, rememberFile, restOf, splitFiles } from "./files.ts";
import { GAP, percentDecoded } from "./hosts.ts";
import { limits } from "./limits.ts";
import { effectiveLines, lineLeads, looseLeads, valueLineLeads } from "./lines.ts";
import { looksLikeMime, mimeParts } from "./mime.ts";
import type { Role } from "./positions.ts";
import { roleOfKey } from "./positions.ts";
import { recordLeads } from "./records.ts";
import { readShell, type Statement } from "./shell.ts";
import { valueLeads } from "./tokens.ts";
import { changesSetting, PLAIN, placeOf, type Setting, statesStorage, type Visitor, walk, walkEntry } from "./tree.ts";
import { urls } from "./urls.ts";

const POSITION: Position = { role: "plain", weak: false, containers: false };

/** What a cloud-config leads to but for its files, before and behind them. */
interface Rest {
  readonly before: Reading;
  readonly after: Reading;
}

const isNothing = (reading: Reading | Rest): boolean =>
  "before" in reading ? reading.before === NOTHING && reading.after === NOTHING : reading === NOTHING;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether a script is no more than what stands there: no variable is put into anything, and nothing long is decoded. */
const isConstant = (text: string): boolean => !/[$`\\]|<<|[^\s]{100}/.test(text);

/** Reads texts of one resource, within its budget. */
export class Reader {
  #room: number = limits.decodedBytes;
  /** Set where the budget, not the text, decided what was found: such readings are not remembered. */
  #limited = false;
  /** Unset where something was read in which numbers may mean anything: readings hold for no other numbers then. */
  #plain = true;

  /** @param lasting whether the same text may come again; what a text unpacks to need not be remembered beside it */
  read(text: string, position: Position = POSITION, depth = 0, lasting = true): Reading {
    const { role } = position;
    if (text.length < 3 || role === "name") return NOTHING;
    if (role === "plain" && text.length < 12 && !/[.:]/.test(text)) return NOTHING;
    const lasts = (lasting || text.length < 1000) && text.length > 40 && text.length < limits.rememberedCharacters / 4;
    const known = lasts ? recall(text, markOf(position)) : undefined;
    if (known) {
      this.#plain &&= known.plain;
      return known.reading;
    }
    const outer = this.#begin();
    const out = new Collector();
    if (depth > limits.depth) {
      out.fail([], "too-deep", `more than ${limits.depth} encodings and documents within one another`);
      this.#limited = true;
    } else this.#readInto(out, text, position, depth);
    const reading = out.reading();
    if (lasts && !this.#limited) remember(text, reading, this.#plain, markOf(position));
    this.#end(outer);
    return reading;
  }

  /** Whether what is read from here on is limited or plain is asked for itself. */
  #begin(): readonly [limited: boolean, plain: boolean] {
    const outer = [this.#limited, this.#plain] as const;
    this.#limited = false;
    this.#plain = true;
    return outer;
  }

  #end([limited, plain]: readonly [boolean, boolean]) {
    this.#limited ||= limited;
    this.#plain &&= plain;
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
      this.#plain = false;
      const decoded = readBytes(Buffer.from(text, "latin1"), this.#room);
      return this.#readDecoded(out, decoded, [], { ...POSITION, containers: position.containers }, depth, true);
    }
    if (role === "dns-record") {
      this.#plain = false;
      return out.all([], recordLeads(text));
    }
    this.#dataUrls(out, text, depth);
    if (text.length < 200 && role === "plain" && !/[.:\n]|[A-Za-z0-9+/_-]{16}/.test(text)) return;
    if (looksLikeMime(text)) {
      this.#plain = false;
      const parts = mimeParts(text);
      if (!parts) out.fail([], "broken", "a multipart message without a boundary or parts");
      else return this.#readParts(out, parts, depth);
    }
    const start = text.slice(0, 200).trimStart();
    if (/^#(?:cloud-config|include|# template:)/.test(start)) {
      this.#plain = false;
      return start.startsWith("#include")
        ? this.#readInclude(out, text, depth)
        : this.#readCloudConfig(out, text, depth);
    }
    if (/^#!|^#cloud-boothook/.test(start) || role === "script") return this.#readScript(out, text, start, depth);
    if (/^[[{]/.test(start) && this.#readJson(out, text, position, depth)) return;
    if (text.includes("\n") && this.#readYaml(out, text, position, depth)) return;
    if (text.includes("\n")) {
      const defines = /\$\{?[A-Za-z_]/.test(text) && /^\s*(?:export\s+)?[A-Za-z_]\w*=/m.test(text);
      return defines ? this.#readScript(out, text, "", depth) : this.#readLines(out, withoutPem(text), depth);
    }
    this.#readLine(out, text, position, depth);
  }

  /** @returns whether the text was base64 */
  #readBase64(out: Collector, text: string, position: Position, depth: number): boolean {
    const stated = position.role === "base64";
    const bytes = base64Bytes(text);
    if (!bytes) {
      if (stated && text.trim()) out.fail([], "broken", "not base64, which this field has to be");
      return false;
    }
    this.#plain = false;
    const decoded = readBytes(bytes, this.#room);
    const expected = stated || (position.role === "user-data" && text.length >= 16);
    if (decoded.kind === "binary" && !expected && decoded.steps.length === 0) return false;
    if (decoded.kind === "failed" && !expected && decoded.steps.length === 0 && text.length < 200) return false;
    // Random words decode to random bytes; only what reads as text counts.
    this.#readDecoded(
      out,
      decoded,
      ["base64"],
      { ...POSITION, containers: position.containers },
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
      if (decoded.why === "too-big") this.#limited = true;
      return out.fail(place, decoded.why, decoded.detail);
    }
    this.#room -= decoded.text.length;
    if (this.#room < 0) {
      this.#limited = true;
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
      this.#plain = false;
      const from = at + match[0].length;
      const end = text.slice(from).search(/["'\s)<>]/);
      const body = end < 0 ? text.slice(from) : text.slice(from, from + end);
      if (body.length < 8) continue;
      if (/;base64/.test(match[1]!)) {
        const bytes = base64Bytes(percentDecoded(body));
        if (!bytes) out.fail(["data URL"], "broken", "not base64, though its head says so");
        else if (!/^(?:image|font|audio|video)\//.test(match[1]!))
          this.#readDecoded(out, readBytes(bytes, this.#room), ["data URL"], POSITION, depth, true);
      } else out.merge(["data URL"], this.read(percentDecoded(body), POSITION, depth + 1));
      at = from + body.length - 5;
    }
  }

  #readParts(out: Collector, parts: NonNullable<ReturnType<typeof mimeParts>>, depth: number) {
    for (const [i, part] of parts.entries()) {
      const name = `part ${i + 1} (${part.filename ?? part.type})`;
      const role: Role = part.base64 ? "base64" : /shellscript|boothook/.test(part.type) ? "script" : "plain";
      if (/include-(?:once-)?url/.test(part.type)) {
        out.merge([name], this.read(`#include\n${part.body}`, POSITION, depth + 1));
        continue;
      }
      const body =
        /cloud-config/.test(part.type) && !/^\s*#/.test(part.body) && !part.base64
          ? `#cloud-config\n${part.body}`
          : part.body;
      out.merge([name], this.read(body, { ...POSITION, role }, depth + 1));
    }
  }

  #readCloudConfig(out: Collector, text: string, depth: number) {
    if (/^\s*##\s*template:/.test(text)) {
      const second = text.trimStart().replace(/^[^\n]*\n/, "");
      if (!second.startsWith("#cloud-config")) return out.merge([], this.read(second, POSITION, depth + 1));
    }
    const setting: Setting = { ...PLAIN, cloudConfig: true };
    const body = text.slice(text.indexOf("#cloud-config"));
    const rest = body.slice(body.indexOf("\n") + 1);
    if (!body.includes("\n")) return;
    if (/^\s*[[{]/.test(rest)) {
      if (this.#readFiles(out, rest, setting, depth)) return;
      const value = json(rest);
      if (value !== undefined) return this.#readTree(out, value, setting, depth);
    }
    const documents = yamlDocuments(rest);
    if (documents === "too-big" || documents === undefined) {
      out.fail(
        [],
        documents === "too-big" ? "too-big" : "broken",
        `cloud-config that ${documents === "too-big" ? "is too large to parse" : "is no YAML"}`,
      );
      return this.#readLines(out, withoutPem(text), depth);
    }
    for (const document of documents) this.#readTree(out, document, setting, depth);
    this.#implied(out, documents[0]);
  }

  /** @returns whether it was a cloud-config in JSON whose files could be looked at one by one */
  #readFiles(out: Collector, text: string, setting: Setting, depth: number): boolean {
    const split = splitFiles(text);
    if (!split) return false;
    const readings: Reading[] = [];
    for (const [i, { raw, reading }] of split.entries.entries()) {
      const found = reading ?? this.#readFile(raw, i, setting, depth);
      if (!found) return false;
      readings.push(found);
    }
    const rest = this.#readAlike<Rest>(split.rest, "rest", (raw) => this.#readRest(raw, setting, depth));
    if (!rest) return false;
    out.merge([], rest.before);
    for (const reading of readings) out.merge([], reading);
    out.merge([], rest.after);
    return true;
  }

  /** @returns nothing where a file cannot be parsed alone, or says something of the others */
  #readFile(written: string, index: number, setting: Setting, depth: number): Reading | undefined {
    const reading = this.#readAlike<Reading>(written, `file ${index}`, (raw) => {
      const value = json(raw);
      if (value === undefined || statesStorage(value)) return undefined;
      const out = new Collector();
      walkEntry(value, "write_files", index, setting, this.#visitor(out, depth));
      return out.reading();
    });
    if (reading && !this.#limited) rememberFile(index, written, reading);
    return reading;
  }

  /** A cloud-config but for its files. @returns nothing where it says something of them, or is not the whole of it */
  #readRest(raw: string, setting: Setting, depth: number): Rest | undefined {
    const config = restOf(raw);
    if (!config || changesSetting(config, setting)) return undefined;
    const before = new Collector();
    const after = new Collector();
    const visitors = [this.#visitor(before, depth), this.#visitor(after, depth)] as const;
    let [visitor] = visitors as readonly Visitor[];
    walk(config, setting, {
      text: (found) => {
        if (isFiles(found.text, found.path)) visitor = visitors[1];
        else visitor!.text(found);
      },
      unseen: () => undefined,
      tooDeep: (path, secret) => visitor!.tooDeep(path, secret),
    });
    return { before: before.reading(), after: after.reading() };
  }

  /**
   * Reads a part of a cloud-config, unless a part was read that differs from it in nothing that matters.
   * @param read gives nothing for what has to be read otherwise
   */
  #readAlike<R extends Reading | Rest>(
    written: string,
    mark: string,
    read: (raw: string) => R | undefined,
  ): R | undefined {
    const raw = inCommon(written);
    const alike = withoutNumbers(raw);
    const known = recall<R>(alike, `${mark} alike`) ?? recall<R>(raw, mark);
    if (known) return known.reading;
    const outer = this.#begin();
    const reading = read(raw);
    if (reading && !this.#limited && raw.length < limits.rememberedCharacters / 16) {
      const plain = this.#plain && (isNothing(reading) || same(reading, read(withOtherNumbers(raw))));
      if (plain) remember(alike, reading, true, `${mark} alike`);
      else remember(raw, reading, false, mark);
    }
    this.#end(outer);
    return reading;
  }

  /** Settings of cloud-init that reach a service which they do not name. */
  #implied(out: Collector, config: unknown) {
    if (typeof config !== "object" || config === null) return;
    const settings = config as Record<string, unknown>;
    if (settings.ubuntu_pro || settings.ubuntu_advantage)
      out.lead([settings.ubuntu_pro ? "ubuntu_pro" : "ubuntu_advantage"], {
        host: "contracts.canonical.com",
        kind: "name",
        form: "package-source",
      });
  }

  #readInclude(out: Collector, text: string, depth: number) {
    const lines = text.split("\n");
    for (const [i, line] of lines.entries()) {
      if (line.startsWith("#include"))
        out.all([`line ${i + 1}`], valueLeads(line.replace(/^#include(?:-once)?/, ""), "host"));
      else if (!line.startsWith("#")) out.all([`line ${i + 1}`], valueLeads(line, "host"));
      else if (/^#!|^#cloud/.test(line) && i > 0)
        out.merge([], this.read(lines.slice(i).join("\n"), POSITION, depth + 1));
    }
  }

  #readScript(out: Collector, text: string, start: string, depth: number) {
    if (!isConstant(text)) this.#plain = false;
    const interpreter = /^#!\s*(\S+(?:\s+\S+)?)/.exec(start)?.[1] ?? "";
    if (interpreter && !/sh\b|env\s*$/.test(interpreter)) return this.#readLines(out, withoutPem(text), depth);
    const script = readShell(withoutPem(text).replace(/\{\{[^{}\n]{0,200}\}\}/g, GAP));
    if (!script) return this.#readLines(out, withoutPem(text), depth);
    if (
      decryptsItself(
        text,
        script.statements.flatMap(({ words }) => words),
      )
    )
      out.fail([], "encrypted", "the script decrypts a part of itself");
    const many = text.includes("\n");
    for (const statement of script.statements) this.#readStatement(out, statement, many, depth);
    for (const { text: body, line } of script.documents)
      out.merge([`line ${line}`], this.read(body, POSITION, depth + 1));
  }

  #readStatement(out: Collector, { words, line }: Statement, many: boolean, depth: number) {
    const place = many ? [`line ${line}`] : [];
    if (words[0] === "for") {
      for (const word of words.slice(3)) if (isNamedHost(word)) out.all(place, valueLeads(word, "host"));
    }
    let plain = true;
    for (const word of words) {
      if (word.length > 11 && /[\s]/.test(word)) {
        plain = false;
        const assigned = /^-*([A-Za-z_][\w.-]*)=/.exec(word);
        if (assigned)
          out.all(
            place,
            valueLeads(word.slice(assigned[0].length), roleOfKey(assigned[1]!) === "host" ? "host" : "plain"),
          );
        out.merge(
          place,
          this.read(
            assigned ? word.slice(assigned[0].length) : word,
            {
              ...POSITION,
              role: words[0] === "eval" || /^-\w*c$/.test(words[words.indexOf(word) - 1] ?? "") ? "script" : "plain",
            },
            depth + 1,
          ),
        );
        continue;
      }
      if (word.length < 3) continue;
      if (word.includes("://")) out.all(place, urls(word, true));
      if (word.length >= 16 && mayBeBase64(word)) out.merge(place, this.read(word, POSITION, depth + 1));
      else if (word.includes("=")) {
        const value = word.slice(word.indexOf("=") + 1);
        if (value.length >= 16 && mayBeBase64(value)) out.merge(place, this.read(value, POSITION, depth + 1));
      }
    }
    const kept = plain ? words : words.filter((word) => !/\s/.test(word));
    out.all(place, commandLeads(kept));
    const joined = kept.join(" ");
    if (/[.:]/.test(joined))
      for (const lead of looseLeads(joined))
        if (lead.form !== "image" && lead.form !== "command") out.lead(place, lead);
  }

  /** @returns whether the text was JSON */
  #readJson(out: Collector, text: string, position: Position, depth: number): boolean {
    const value = json(text);
    if (value === undefined || typeof value !== "object") return false;
    this.#plain = false;
    this.#readTree(out, value, { ...PLAIN, containers: position.containers || looksLikeWorkload(value) }, depth);
    return true;
  }

  /** @returns whether the text was YAML with names in it */
  #readYaml(out: Collector, text: string, position: Position, depth: number): boolean {
    if (!/^\s*(?:- +)?["']?[\w.$/@-]{1,100}["']?\s*:(?:\s|$)|^---|^\s*- /m.test(text.slice(0, 4000))) return false;
    if (/^\s*\[[\w. "-]+\]\s*$/m.test(text.slice(0, 2000)) || /^FROM /m.test(text.slice(0, 4000))) return false;
    this.#plain = false;
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
      this.#readTree(
        inner,
        document,
        { ...PLAIN, containers: position.containers || looksLikeWorkload(document) },
        depth,
      );
      out.merge(documents.length > 1 ? [`document ${i + 1}`] : [], inner);
    }
    return true;
  }

  #readTree(out: Collector, value: unknown, setting: Setting, depth: number) {
    walk(value, setting, this.#visitor(out, depth));
  }

  #visitor(out: Collector, depth: number): Visitor {
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

  #readLines(out: Collector, text: string, depth: number) {
    const docker = /^\s*FROM\s+\S/m.test(text.slice(0, 20_000));
    for (const { line, number } of effectiveLines(text)) {
      const place = [`line ${number}`];
      out.all(place, lineLeads(line));
      if (docker && /^\s*RUN\s/.test(line))
        out.merge(
          place,
          this.read(line.replace(/^\s*RUN\s+(?:--\S+\s+)*/, ""), { ...POSITION, role: "script" }, depth + 1),
        );
      if (line.length > 20)
        for (const word of packedWords(line)) out.merge(place, this.read(word, POSITION, depth + 1));
    }
  }

  #readLine(out: Collector, text: string, position: Position, depth: number) {
    out.all([], valueLineLeads(text, position));
    if (/\S\s+\S/.test(text) && position.role !== "image")
      for (const word of packedWords(text)) out.merge([], this.read(word, POSITION, depth + 1));
  }
}
