import type { Position } from "./collector.ts";
import { commandLeads } from "./commands.ts";
import { percentDecoded } from "./hosts.ts";
import { impliedByLine } from "./implied.ts";
import {
  accountLeads,
  addresses,
  mailAddresses,
  relativeUrls,
  remotePaths,
  settingLeads,
  shortForms,
  valueLeads,
} from "./tokens.ts";
import { type Lead, urls } from "./urls.ts";

/** A line that no parser understands: configuration in whatever form, source code, prose. */
export function* lineLeads(raw: string): Generator<Lead> {
  // Constant texts that a program puts together: "https://api" + ".example.eu".
  const line = /["'`]\s{0,8}(?:\+|\.\.|\|\|)\s{0,8}["'`]/.test(raw)
    ? raw.replace(/["'`]\s{0,8}(?:\+|\.\.|\|\|)\s{0,8}["'`]/g, "")
    : raw;
  yield* urls(line);
  yield* looseLeads(line);
  const implied = impliedByLine(line);
  if (implied) yield { host: implied, kind: "name", form: "setting" };
}

/** What a line leads to beside its URLs. */
export function* looseLeads(line: string): Generator<Lead> {
  if (
    !/[.:]/.test(line) &&
    !/\b(?:docker|podman|nerdctl|crictl|ctr|FROM|Image|image|aws|az|gcloud|gsutil|snap|gh|tailscale|cloudflared)\b/.test(
      line,
    )
  )
    return;
  yield* addresses(line);
  yield* settingLeads(line);
  if (line.includes("@")) yield* remotePaths(line);
  if (line.includes("//")) yield* relativeUrls(line);
  if (line.includes(":")) yield* mailAddresses(line);
  if (line.includes("=") || line.includes("@")) yield* accountLeads(line);
  if (line.length < 20_000) {
    const exec = /^\s*(?:Exec[A-Z]\w*|command|cmd|run|script)\s*[=:]\s*[-@!+:|]*(.*)$/.exec(line)?.[1];
    const words = lineWords(exec ?? line);
    yield* commandLeads(words[0] === "-" ? words.slice(1) : words);
  }
  const syntax = /^#\s*syntax\s*=\s*(\S{1,300})/.exec(line)?.[1];
  if (syntax) yield* valueLeads(syntax, "image");
}

const COMMENT = /^\s*(?:#(?!\s*syntax\s*=)|;|\/\/|<!--|--\s|REM\s|::|Documentation=)/;

/** Lines of a text, continued ones joined, comments left out. */
export function* effectiveLines(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let number = 0;
  let held = "";
  let heldFrom = 0;
  let from = 0;
  while (from <= text.length) {
    const end = text.indexOf("\n", from);
    const stop = end < 0 ? text.length : end;
    let line = text.slice(from, stop);
    from = stop + 1;
    number++;
    if (line.endsWith("\r")) line = line.slice(0, -1);
    if (COMMENT.test(line.slice(0, 200))) continue;
    const hash = line.search(/\s#\s/);
    if (hash >= 0 && !/["']/.test(line.slice(hash))) line = line.slice(0, hash);
    if (line.endsWith("\\") && held.length < 20_000 && end >= 0) {
      if (!held) heldFrom = number;
      held += `${line.slice(0, -1)} `;
      continue;
    }
    if (line.length > 3 || held) yield { line: held + line, number: held ? heldFrom : number };
    held = "";
  }
  if (held) yield { line: held, number: heldFrom };
}

function lineWords(line: string): string[] {
  const result: string[] = [];
  for (const match of line.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)) {
    result.push((match[1] ?? match[2] ?? match[0]).replace(/^[`([{]+|[`)\]},;]+$/g, ""));
    if (result.length >= 2000) break;
  }
  return result;
}

/** A value of one line, by what its place says of it. */
export function* valueLineLeads(text: string, { role, weak, containers }: Position): Generator<Lead> {
  if (role === "image") {
    // Elsewhere than with containers, `debian-13` is an operating system.
    if (containers || /^[^/]+\.[^/]+\/|^[a-z0-9._/-]+:[\w.-]+$|@sha256:/.test(text)) yield* valueLeads(text, "image");
    return;
  }
  yield* shortForms(text);
  const unescaped = text.includes(":\\/\\/") ? text.replaceAll("\\/", "/") : text;
  const plain = /%3A%2F%2F/i.test(unescaped) ? `${unescaped} ${percentDecoded(unescaped)}` : unescaped;
  yield* valueLeads(plain, role, weak);
  if (plain.includes("@")) yield* remotePaths(plain);
  if (plain.startsWith("//")) yield* relativeUrls(plain);
  if (plain.includes(":")) yield* mailAddresses(plain);
  if (/[=;(]/.test(plain)) {
    yield* accountLeads(plain);
    yield* settingLeads(plain);
  }
  if (/\S\s+\S/.test(plain)) yield* looseLeads(plain);
}
