import { isUtf8 } from "node:buffer";
import { gunzipSync, inflateSync } from "node:zlib";

/** What bytes turned out to be. */
export type Decoded =
  | { readonly kind: "text"; readonly text: string; readonly steps: readonly string[] }
  /** `text`: its bytes as Latin-1, for a look at what is readable in them. */
  | { readonly kind: "binary"; readonly text: string; readonly steps: readonly string[] }
  | {
      readonly kind: "failed";
      readonly why: "broken" | "too-big";
      readonly detail: string;
      readonly steps: readonly string[];
    };

/** The first characters of a base64 text, or all of it. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Bytes of a base64 text (also url-safe, also in wrapped lines), undefined where it is none. */
export function base64Bytes(text: string): Buffer | undefined {
  return unwrappedBytes(text) ?? (/\s/.test(text) ? unwrappedBytes(text.replace(/\s+/g, "")) : undefined);
}

function unwrappedBytes(text: string): Buffer | undefined {
  if (text.length < 4 || text.length % 4 === 1 || !BASE64.test(text.slice(0, 256))) return undefined;
  const bytes = Buffer.from(text, "base64");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  // What is no base64 is passed over in decoding: then bytes are missing.
  return bytes.length === Math.floor(((text.length - padding) * 3) / 4) ? bytes : undefined;
}

/** Whether a text may be base64 though nothing says so: long enough, one word or lines of one length. Cheap to say no. */
export function mayBeBase64(text: string): boolean {
  if (text.length < 12) return false;
  for (let i = 0; i < 64 && i < text.length; i++)
    if (!isBase64Code(text.charCodeAt(i)) && i < text.length - 2) return false;
  const first = text.search(/[\r\n]/);
  if (first < 0 || first >= text.length - 2) return !/\s/.test(text.trimEnd());
  return first >= 40 && !/[ \t]/.test(text);
}

const isBase64Code = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code === 43 ||
  code === 47 ||
  code === 45 ||
  code === 95 ||
  code === 10 ||
  code === 13;

const COMPRESSED: readonly (readonly [string, readonly number[]])[] = [
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf]],
];

const starts = (bytes: Buffer, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

/** Bytes to text: unpacked where they are packed, at most `room` bytes of it. */
export function readBytes(bytes: Buffer, room: number): Decoded {
  if (starts(bytes, [0x1f, 0x8b]))
    return unpack(
      "gzip",
      () => gunzipSync(bytes, { maxOutputLength: Math.max(1, room), chunkSize: unpackedSize(bytes) }),
      room,
    );
  if (bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1]!) && bytes.length > 8) {
    const inflated = unpack("deflate", () => inflateSync(bytes, { maxOutputLength: Math.max(1, room) }), room);
    if (inflated.kind !== "failed" || inflated.why === "too-big") return inflated;
  }
  for (const [name, magic] of COMPRESSED)
    if (bytes.length > magic.length + 8 && starts(bytes, magic))
      return { kind: "failed", why: "broken", detail: `packed with ${name}, which is not looked into`, steps: [] };
  const text = textOf(bytes);
  return text === undefined
    ? { kind: "binary", text: bytes.toString("latin1"), steps: [] }
    : { kind: "text", text, steps: [] };
}

/** gzip's own word on how much it unpacks to: when it is right, one piece of memory takes all of it. Bounded, as it may be wrong. */
function unpackedSize(bytes: Buffer): number {
  const stated = bytes.length >= 18 ? bytes.readUInt32LE(bytes.length - 4) : 0;
  return Math.min(Math.max(stated + 1, 1024), 256 * 1024);
}

function unpack(step: string, run: () => Buffer, room: number): Decoded {
  let bytes: Buffer;
  try {
    bytes = run();
  } catch (error) {
    const tooBig = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    return {
      kind: "failed",
      why: tooBig ? "too-big" : "broken",
      detail: tooBig ? "unpacks to more than is looked at" : `${step} cannot be unpacked`,
      steps: [step],
    };
  }
  const inner = readBytes(bytes, room - bytes.length);
  return { ...inner, steps: [step, ...inner.steps] };
}

/** UTF-8 or UTF-16 without control characters; undefined for other bytes. */
export function textOf(bytes: Buffer): string | undefined {
  if (bytes.length >= 4 && bytes[1] === 0 && bytes[3] === 0 && bytes[0] !== 0)
    return printable(bytes.toString("utf16le"));
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return printable(bytes.subarray(2).toString("utf16le"));
  // JSON has no control characters, or it is not read as such.
  if (CONFIG_IN_JSON.test(bytes.subarray(0, 20).toString("latin1")) && isUtf8(bytes)) return bytes.toString("utf8");
  return printable(bytes.toString("utf8")) ?? (mostlyAscii(bytes) ? bytes.toString("latin1") : undefined);
}

/** A few odd bytes must not hide a whole text; of random bytes a third are printable. */
function mostlyAscii(bytes: Buffer): boolean {
  const looked = bytes.subarray(0, 4096);
  let plain = 0;
  for (const byte of looked) if ((byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9) plain++;
  return plain > looked.length * 0.75;
}

const CONFIG_IN_JSON = /^#cloud-config\n\{"/;

function printable(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells bytes from text
  return /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/.test(text) ? undefined : text;
}
