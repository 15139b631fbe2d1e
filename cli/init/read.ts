/** Answers from flags and files: text in, raw values out. Whether they are right is the schema's to say. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { CommandError } from "../output.ts";
import { type AnswerName, answerNames, type RawAnswers } from "./answers.ts";

/** Larger files hold neither answers nor a public key. */
const limitBytes = 64 * 1024;

const pieces = (text: string): string[] =>
  text
    .split(",")
    .map((piece) => piece.trim())
    .filter(Boolean);

const numberOf = (text: string): unknown => (/^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);

/** `DE=60` as its two sides. */
function pair(text: string): [string, string] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new Error(`${JSON.stringify(text)} is no pair such as DE=60`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function shares(text: string): Record<string, unknown> {
  const found = pieces(text).map(pair);
  const twice = found.find(([country], index) => found.findIndex(([other]) => other === country) < index);
  if (twice) throw new Error(`names ${twice[0]} twice`);
  return Object.fromEntries(found.map(([country, share]) => [country, numberOf(share.replace(/ ?%$/, ""))]));
}

function store(text: string): unknown {
  const [endpoint, country, region, bucket, ...rest] = pieces(text);
  return bucket === undefined || rest.length > 0 ? text.trim() : { endpoint, country, region, bucket };
}

/** Public keys: each is one, or a file with one on a line. */
export function publicKeys(entries: readonly string[]): string[] {
  return entries.flatMap((entry) => (/^(ssh|ecdsa|sk)-\S+ /.test(entry) ? [entry.trim()] : keysIn(entry)));
}

function keysIn(file: string): string[] {
  const text = readSmall(file.startsWith("~/") ? join(homedir(), file.slice(2)) : file);
  if (text.includes("PRIVATE KEY")) throw new Error(`${file} is a private key: give the public one, ${file}.pub`);
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0) throw new Error(`${file} is empty: give the file of a public key`);
  return keys;
}

function readSmall(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > limitBytes) throw new Error(`${file} is larger than ${limitBytes} bytes`);
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code ? `${file} cannot be read: ${code}` : message);
  }
}

const parsers: Readonly<Record<AnswerName, (text: string) => unknown>> = {
  stack: (text) => text,
  domain: (text) => text,
  data: pieces,
  customers: pieces,
  rpo: numberOf,
  rto: numberOf,
  locationRpo: numberOf,
  locationRto: numberOf,
  traffic: shares,
  team: (text) => text,
  people: numberOf,
  budget: numberOf,
  admins: (text) =>
    pieces(text)
      .map(pair)
      .map(([cidr, country]) => ({ cidr, country })),
  sshKeys: (text) => publicKeys(pieces(text)),
  backup: store,
  zoneExists: (text) => text === "true",
  image: (text) => text,
  edgePaths: (text) =>
    pieces(text)
      .map(pair)
      .map(([path, name]) => ({ path, class: name })),
  edgeSshKeys: (text) => publicKeys(pieces(text)),
};

/**
 * An answer as it is typed.
 * @throws Error that says what is wrong with it
 */
export const parseAnswer = (name: AnswerName, text: string): unknown => parsers[name](text);

const isList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/**
 * A file of answers, YAML or JSON, with the answers' names as keys.
 * @throws CommandError when it cannot be read, or holds something else
 */
export function readAnswersFile(file: string): RawAnswers {
  const refuse = (problem: string) => new CommandError(`--answers ${file}: ${problem}`, 2);
  let content: unknown;
  try {
    const document = parseDocument(readSmall(file), { prettyErrors: false });
    if (document.errors[0]) throw new Error(`is no YAML: ${document.errors[0].message.split("\n")[0]}`);
    content = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw refuse(`has no answers: keys are ${answerNames.join(", ")}`);
  const unknown = Object.keys(content).filter((key) => !(answerNames as string[]).includes(key));
  if (unknown.length > 0)
    throw refuse(`has no such answer: ${unknown.slice(0, 5).join(", ")}; known are ${answerNames.join(", ")}`);
  const answers = content as Record<string, unknown>;
  try {
    for (const name of ["sshKeys", "edgeSshKeys"]) if (isList(answers[name])) answers[name] = publicKeys(answers[name]);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  return answers;
}
