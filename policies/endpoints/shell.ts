import { GAP } from "./hosts.ts";
import { limits } from "./limits.ts";

/** A command with its arguments, as the shell would see them as far as that is known without running it. */
export interface Statement {
  readonly words: readonly string[];
  /** From 1. */
  readonly line: number;
}

export interface Script {
  readonly statements: readonly Statement[];
  /** Here-documents. */
  readonly documents: readonly { readonly text: string; readonly line: number }[];
}

interface State {
  readonly names: Map<string, string>;
  readonly statements: Statement[];
  readonly documents: { text: string; line: number }[];
  /** Characters that variables may still add. */
  room: number;
  /** Set once a bracket was not closed: then no later one is searched for. */
  unclosed: boolean;
}

const DEEPEST = 12;
const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=/;

/** A shell script as commands, with constant variables put in. Undefined where its quotes do not match. */
export function readShell(text: string): Script | undefined {
  const state: State = {
    names: new Map(),
    statements: [],
    documents: [],
    room: limits.shellWordCharacters * 64,
    unclosed: false,
  };
  return parse(text, state, 1, 0) ? { statements: state.statements, documents: state.documents } : undefined;
}

/** One pass; false where a quote stays open. */
function parse(text: string, state: State, firstLine: number, depth: number): boolean {
  let words: string[] = [];
  let word = "";
  let inWord = false;
  let line = firstLine;
  let began = line;
  let pending: { delimiter: string; dash: boolean; expand: boolean }[] = [];
  let array = 0;

  const endWord = (): void => {
    if (inWord) words.push(word);
    word = "";
    inWord = false;
  };
  const endStatement = (): void => {
    endWord();
    if (words.length) {
      define(words, state);
      state.statements.push({ words, line: began });
      words = [];
    }
  };
  const add = (part: string): void => {
    if (!inWord && words.length === 0) began = line;
    word += part;
    inWord = true;
  };

  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\n") {
      if (array === 0) endStatement();
      else endWord();
      line++;
      for (const document of pending) {
        const end = documentEnd(text, i + 1, document.delimiter, document.dash);
        const body = text.slice(i + 1, end.from);
        state.documents.push({ text: document.expand ? expandAll(body, state) : body, line });
        line += count(body) + (end.to > end.from ? 1 : 0);
        i = end.to - 1;
      }
      pending = [];
    } else if (char === " " || char === "\t" || char === "\r") {
      endWord();
    } else if (char === "#" && !inWord) {
      const end = text.indexOf("\n", i);
      i = (end < 0 ? text.length : end) - 1;
    } else if (char === "\\") {
      const next = text[i + 1];
      if (next === "\n") line++;
      else if (next === "\r" && text[i + 2] === "\n") {
        line++;
        i++;
      } else if (next !== undefined) add(next);
      i++;
    } else if (char === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return false;
      const part = text.slice(i + 1, end);
      add(part);
      line += count(part);
      i = end;
    } else if (char === '"') {
      const start = line;
      const from = i;
      let run = i + 1;
      i++;
      add("");
      while (i < text.length && text[i] !== '"') {
        if (text[i] === "\\" && i + 1 < text.length) {
          word += text.slice(run, i);
          if (text[i + 1] !== "\n") word += '$`"\\'.includes(text[i + 1]!) ? text[i + 1] : text.slice(i, i + 2);
          i += 2;
          run = i;
        } else if (text[i] === "$" || text[i] === "`") {
          word += text.slice(run, i);
          const value = substitution(text, i, state, line, depth);
          word += value.text;
          i = value.end;
          run = i;
        } else i++;
      }
      if (i >= text.length) return false;
      word += text.slice(run, i);
      line = start + count(text.slice(from, i));
    } else if (char === "$" || char === "`") {
      const value = substitution(text, i, state, line, depth);
      add(value.text);
      line += count(text.slice(i, value.end));
      i = value.end - 1;
    } else if (char === "<" && text[i + 1] === "<" && text[i + 2] !== "<") {
      endWord();
      const match = /^<<(-?)[ \t]*(?:'([^'\n]{1,100})'|"([^"\n]{1,100})"|\\?([\w.!-]{1,100}))/.exec(
        text.slice(i, i + 120),
      );
      if (match) {
        const quoted = match[2] ?? match[3];
        pending.push({
          delimiter: quoted ?? match[4]!,
          dash: match[1] === "-",
          expand: quoted === undefined && !match[0].includes("\\"),
        });
        i += match[0].length - 1;
      } else i++;
    } else if (char === "(" && inWord && /^\w+\+?=$/.test(word)) {
      array++;
      endWord();
    } else if (char === ")" && array > 0) {
      endWord();
      array--;
    } else if (char === ";" || char === "|" || char === "&" || char === "(" || char === ")") {
      endStatement();
    } else if (char === ">" || char === "<") {
      endWord();
    } else {
      let end = i + 1;
      while (end < text.length && !SPECIAL.has(text.charCodeAt(end))) end++;
      add(text.slice(i, end));
      i = end - 1;
    }
  }
  endStatement();
  return true;
}

const SPECIAL = new Set([..." \t\r\n\\'\"$`<>|&;()"].map((c) => c.charCodeAt(0)));

const count = (text: string): number => {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
};

function documentEnd(text: string, from: number, delimiter: string, dash: boolean): { from: number; to: number } {
  let at = from;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const stop = end < 0 ? text.length : end;
    if (stop - at <= delimiter.length + 64) {
      const line = text.slice(at, stop).replace(/\r$/, "");
      if ((dash ? line.replace(/^\t+/, "") : line) === delimiter)
        return { from: at, to: Math.min(stop + 1, text.length) };
    }
    at = stop + 1;
  }
  return { from: text.length, to: text.length };
}

/** Remembers `A=b`, also behind `export` and its like; forgets what a loop or `read` sets. */
function define(words: readonly string[], state: State): void {
  const declares = /^(?:export|local|readonly|declare|typeset|env|then|do|else|if|while|until)$/.test(words[0]!);
  if (words[0] === "for" || words[0] === "read") {
    for (const word of words.slice(1, words[0] === "for" ? 2 : 16)) state.names.delete(word);
    return;
  }
  for (const word of words) {
    const match = ASSIGNMENT.exec(word);
    if (!match) {
      if (declares && !word.includes("=")) continue;
      return;
    }
    const name = match[1]!;
    const value = (match[2] ? (state.names.get(name) ?? "") : "") + word.slice(match[0].length);
    if (
      value.length > limits.shellWordCharacters ||
      (state.names.size >= limits.shellVariables && !state.names.has(name))
    )
      state.names.delete(name);
    else state.names.set(name, value);
  }
}

function value(name: string, state: State): string | undefined {
  const known = state.names.get(name);
  if (known === undefined) return undefined;
  state.room -= known.length;
  return state.room < 0 ? undefined : known;
}

/** What begins with `$` or a backtick at `at`: its text, and where it ends. */
function substitution(
  text: string,
  at: number,
  state: State,
  line: number,
  depth: number,
): { text: string; end: number } {
  if (text[at] === "`") {
    const end = state.unclosed ? -1 : text.indexOf("`", at + 1);
    if (end < 0) {
      state.unclosed = true;
      return { text: "`", end: at + 1 };
    }
    return { text: run(text.slice(at + 1, end), state, line, depth), end: end + 1 };
  }
  const next = text[at + 1] ?? "";
  if (next === "'") {
    const end = text.indexOf("'", at + 2);
    if (end > 0) return { text: escapes(text.slice(at + 2, end)), end: end + 1 };
  }
  if (next === "(") {
    const end = state.unclosed || depth >= DEEPEST ? -1 : closing(text, at + 2);
    if (end < 0) {
      if (depth < DEEPEST) state.unclosed = true;
      return { text: "$", end: at + 1 };
    }
    if (text[at + 2] === "(") return { text: GAP, end: end + 1 };
    return { text: run(text.slice(at + 2, end), state, line, depth), end: end + 1 };
  }
  if (next === "{") return parameter(text, at, state);
  const name = /^[A-Za-z_]\w{0,200}|^[0-9@*#?!$-]/.exec(text.slice(at + 1, at + 202))?.[0];
  if (!name) return { text: "$", end: at + 1 };
  return { text: value(name, state) ?? GAP, end: at + 1 + name.length };
}

function parameter(text: string, at: number, state: State): { text: string; end: number } {
  const match = /^\$\{([A-Za-z_]\w{0,200})(?:(:?[-=+?])([^{}]{0,2000}))?\}/.exec(text.slice(at, at + 2300));
  if (match) {
    const known = value(match[1]!, state);
    const fallback =
      match[2] && /[-=]/.test(match[2]) ? expandAll(match[3]!.replace(/^["']|["']$/g, ""), state) : undefined;
    return { text: known ?? fallback ?? GAP, end: at + match[0].length };
  }
  const end = text.slice(at, at + 300).indexOf("}");
  return end < 0 ? { text: "$", end: at + 1 } : { text: GAP, end: at + end + 1 };
}

/** The position of the bracket that closes what was opened before `from`. */
function closing(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return -1;
      i = end;
    } else if (char === "(") open++;
    else if (char === ")" && --open === 0) return i;
  }
  return -1;
}

/** A command within a word: its commands are looked at like all others; what it prints is known where it is an echo. */
function run(inner: string, state: State, line: number, depth: number): string {
  if (depth >= DEEPEST) return GAP;
  const before = state.statements.length;
  if (!parse(inner, state, line, depth + 1)) {
    state.documents.push({ text: inner, line });
    return GAP;
  }
  const [first, second] = state.statements.slice(before, before + 3);
  if (!first || !/^(?:echo|printf)$/.test(first.words[0]!)) return GAP;
  const printed = first.words
    .slice(1)
    .filter((word) => !/^-[neE]+$/.test(word))
    .join(" ");
  const made = state.statements.length - before;
  if (made === 1) return printed.includes("%") ? GAP : printed;
  const decodes = made === 2 && second!.words[0] === "base64" && /^(?:-d|-D|--decode)$/.test(second!.words[1] ?? "");
  return decodes ? Buffer.from(printed, "base64").toString("utf8").trim() : GAP;
}

function escapes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))/gs,
    (_, hex, unicode, octal, char) =>
      hex || unicode
        ? String.fromCharCode(Number.parseInt(hex ?? unicode, 16))
        : octal
          ? String.fromCharCode(Number.parseInt(octal, 8))
          : char === "n"
            ? "\n"
            : char,
  );
}

/** A text with the variables of `state` put in. */
function expandAll(text: string, state: State): string {
  if (!text.includes("$")) return text;
  let result = "";
  let from = 0;
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", Math.max(at + 1, from))) {
    const next = text[at + 1] ?? "";
    if (text[at - 1] === "\\" || !/[A-Za-z_{]/.test(next)) continue;
    const found = substitution(text, at, state, 0, DEEPEST);
    result += text.slice(from, at) + found.text;
    from = found.end;
  }
  return result + text.slice(from);
}
