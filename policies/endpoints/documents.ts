import { parseAllDocuments } from "yaml";
import { base64Bytes, mayBeBase64, readBytes } from "./decode.ts";
import { limits } from "./limits.ts";

/** Documents of a YAML text, undefined where it is none. */
export function yamlDocuments(text: string): readonly unknown[] | "too-big" | undefined {
  if (text.length > limits.yamlCharacters) return "too-big";
  if (deepFlow(text)) return undefined;
  try {
    const documents = parseAllDocuments(text, {
      strict: false,
      uniqueKeys: false,
      logLevel: "silent",
      // Their making takes time that grows with the square of the text.
      prettyErrors: false,
      customTags: ["binary"],
      maxAliasCount: 100,
    } as never);
    if (!Array.isArray(documents)) return undefined;
    if (documents.some((document) => document.errors.length > 0)) return undefined;
    return documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown);
  } catch {
    return undefined;
  }
}

/** What the engine leaves of a secret within a text that is none, where a host should stand. */
const MASKED_HOST = /:\/\/(?:[^\s/@"']{0,200}@)?\[secret\]/;

export const hasMaskedHost = (text: string): boolean => text.includes("[secret]") && MASKED_HOST.test(text);

/** Programs that undo an encryption: what is packed beside them cannot be seen. */
const DECRYPTS =
  /\bopenssl\s+(?:enc|smime|cms)\b|\bgpg2?\b[^\n]{0,200}(?:\s-d\b|--decrypt)|\bage\s+(?:-d|--decrypt)|\bsops\s+(?:-d|--decrypt|exec)/;

/** Whether a script undoes the encryption of something that stands in it. */
export const decryptsItself = (text: string, words: Iterable<string>): boolean =>
  DECRYPTS.test(text) && [...words].some(isOpaque);

export function encryption(text: string): string | undefined {
  if (text.startsWith("$ANSIBLE_VAULT;")) return "Ansible vault";
  if (text.startsWith("ENC[AES256_GCM,")) return "SOPS";
  if (/^\s*-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----/.test(text.slice(0, 200))) return "encrypted for a key";
  if (text.startsWith("age-encryption.org/")) return "age";
  return undefined;
}

/** Keys and certificates are base64 in which nothing leads anywhere. Their lines stay, so that lines keep their numbers. */
export function withoutPem(text: string): string {
  if (!text.includes("-----BEGIN ")) return text;
  return text.replace(/-----BEGIN ([A-Z0-9 ]{3,40})-----[A-Za-z0-9+/=\s:,-]*?-----END \1-----/g, (block) =>
    block.replace(/[^\n]+/g, ""),
  );
}

/** Words of a line that may be packed texts. */
export function* packedWords(line: string): Generator<string> {
  for (const match of line.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g))
    if (mayBeBase64(match[0]) && match[0].length % 4 !== 1 && /[A-Z]/.test(match[0]) && /[a-z]/.test(match[0]))
      yield match[0];
}

export function json(text: string): unknown {
  if (isNoJson(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What begins or ends like nothing in JSON (`[Unit]`, `{{ .Values }}`): to try would cost an error with its trace. */
function isNoJson(text: string): boolean {
  const start = /^\s{0,50}([[{])\s{0,50}(\S)/.exec(text.slice(0, 102));
  if (start && !(start[1] === "{" ? '"}' : '"[{]-0123456789tfn').includes(start[2]!)) return true;
  const last = /(\S)\s{0,50}$/.exec(text.slice(-51))?.[1];
  return last !== undefined && !']}"0123456789el'.includes(last);
}

/** Whether brackets nest deeper than a parser that calls itself should be given. */
function deepFlow(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > 200) return true;
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
  return false;
}

export function looksLikeWorkload(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === "object" && item !== null && "image" in item);
  if (typeof value !== "object" || value === null) return false;
  return (
    ("kind" in value && "apiVersion" in value) ||
    "services" in value ||
    "containers" in value ||
    "containerDefinitions" in value ||
    "image" in value ||
    "stages" in value
  );
}

/** A long base64 word that holds no text. */
function isOpaque(word: string): boolean {
  if (word.length < 100 || !mayBeBase64(word)) return false;
  const bytes = base64Bytes(word);
  return bytes !== undefined && readBytes(bytes, 65_536).kind === "binary";
}
