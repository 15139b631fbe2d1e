/** A .tar.gz whose bytes follow from its files alone: no dates, no owners, no order of a folder, no version of a compressor. */
import { crc32 } from "node:zlib";

export interface ArchiveFile {
  /** Relative, with `/`; at most 100 bytes. */
  readonly path: string;
  readonly content: Uint8Array;
}

const block = 512;
/** Most that a stored block of deflate holds, bytes. */
const mostStored = 65_535;

const padded = (length: number): number => Math.ceil(length / block) * block;

function header({ path, content }: ArchiveFile): Buffer {
  const name = Buffer.from(path);
  const plain = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (name.length > 100 || !plain) throw new Error(`${path}: is not a relative path of at most 100 bytes`);
  const head = Buffer.alloc(block);
  const octal = (value: number, offset: number, length: number) =>
    head.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "ascii");
  head.set(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  head.write("        0", 148, "ascii");
  head.write("ustar\u000000", 257, "ascii");
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return head;
}

/** POSIX ustar. */
export function tar(files: readonly ArchiveFile[]): Buffer {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const parts = sorted.flatMap((file) => {
    const body = Buffer.alloc(padded(file.content.length));
    body.set(file.content);
    return [header(file), body];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/**
 * gzip that stores instead of compressing: what compression makes of a text differs between versions of zlib and between processors,
 * and the checksum of an archive must not.
 */
export function storedGzip(content: Uint8Array): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let offset = 0; offset === 0 || offset < content.length; offset += mostStored) {
    const piece = content.subarray(offset, offset + mostStored);
    const head = Buffer.alloc(5);
    head.writeUInt8(offset + mostStored >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(piece.length ^ 0xffff, 3);
    parts.push(head, piece);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(content), 0);
  tail.writeUInt32LE(content.length % 2 ** 32, 4);
  return Buffer.concat([...parts, tail]);
}
