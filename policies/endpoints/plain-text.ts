import { ANYWHERE, type Texts } from "./budget.ts";
import type { Collector, Position } from "./collector.ts";
import { commandLeads, isNamedHost } from "./commands.ts";
import { mayBeBase64 } from "./decode.ts";
import { decryptsItself, packedWords, withoutPem } from "./documents.ts";
import { GAP } from "./hosts.ts";
import { effectiveLines, lineLeads, looseLeads, valueLineLeads } from "./lines.ts";
import { roleOfKey } from "./positions.ts";
import { readShell, type Statement } from "./shell.ts";
import { valueLeads } from "./tokens.ts";
import { urls } from "./urls.ts";

/** Whether a script is no more than what stands there: no variable is put into anything, and nothing long is decoded. */
const isConstant = (text: string): boolean => !/[$`\\]|<<|[^\s]{100}/.test(text);

export function readScript(texts: Texts, out: Collector, text: string, start: string, depth: number) {
  if (!isConstant(text)) texts.budget.plain = false;
  const interpreter = /^#!\s*(\S+(?:\s+\S+)?)/.exec(start)?.[1] ?? "";
  if (interpreter && !/sh\b|env\s*$/.test(interpreter)) return readLines(texts, out, withoutPem(text), depth);
  const script = readShell(withoutPem(text).replace(/\{\{[^{}\n]{0,200}\}\}/g, GAP));
  if (!script) return readLines(texts, out, withoutPem(text), depth);
  if (
    decryptsItself(
      text,
      script.statements.flatMap(({ words }) => words),
    )
  )
    out.fail([], "encrypted", "the script decrypts a part of itself");
  const many = text.includes("\n");
  for (const statement of script.statements) readStatement(texts, out, statement, many, depth);
  for (const { text: body, line } of script.documents)
    out.merge([`line ${line}`], texts.read(body, ANYWHERE, depth + 1));
}

function readStatement(texts: Texts, out: Collector, { words, line }: Statement, many: boolean, depth: number) {
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
        texts.read(
          assigned ? word.slice(assigned[0].length) : word,
          {
            ...ANYWHERE,
            role: words[0] === "eval" || /^-\w*c$/.test(words[words.indexOf(word) - 1] ?? "") ? "script" : "plain",
          },
          depth + 1,
        ),
      );
      continue;
    }
    if (word.length < 3) continue;
    if (word.includes("://")) out.all(place, urls(word, true));
    if (word.length >= 16 && mayBeBase64(word)) out.merge(place, texts.read(word, ANYWHERE, depth + 1));
    else if (word.includes("=")) {
      const value = word.slice(word.indexOf("=") + 1);
      if (value.length >= 16 && mayBeBase64(value)) out.merge(place, texts.read(value, ANYWHERE, depth + 1));
    }
  }
  const kept = plain ? words : words.filter((word) => !/\s/.test(word));
  out.all(place, commandLeads(kept));
  const joined = kept.join(" ");
  if (/[.:]/.test(joined))
    for (const lead of looseLeads(joined)) if (lead.form !== "image" && lead.form !== "command") out.lead(place, lead);
}

export function readLines(texts: Texts, out: Collector, text: string, depth: number) {
  const docker = /^\s*FROM\s+\S/m.test(text.slice(0, 20_000));
  for (const { line, number } of effectiveLines(text)) {
    const place = [`line ${number}`];
    out.all(place, lineLeads(line));
    if (docker && /^\s*RUN\s/.test(line))
      out.merge(
        place,
        texts.read(line.replace(/^\s*RUN\s+(?:--\S+\s+)*/, ""), { ...ANYWHERE, role: "script" }, depth + 1),
      );
    if (line.length > 20) for (const word of packedWords(line)) out.merge(place, texts.read(word, ANYWHERE, depth + 1));
  }
}

export function readLine(texts: Texts, out: Collector, text: string, position: Position, depth: number) {
  out.all([], valueLineLeads(text, position));
  if (/\S\s+\S/.test(text) && position.role !== "image")
    for (const word of packedWords(text)) out.merge([], texts.read(word, ANYWHERE, depth + 1));
}
