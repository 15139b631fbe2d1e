/**
 * Makes what a case describes: the text of a Pulumi YAML program or of Kubernetes manifests. Cases write nested encodings as a
 * small pipeline (`$cloudConfig` … `encode: [gzip, base64]`), so that a reviewer reads what is hidden instead of its base64.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import type { Case, Json } from "./schema.ts";

/** What a case turns into: a text that one of the readers in graph/ takes. */
export interface Source {
  readonly kind: "program" | "manifests";
  readonly text: string;
}

/**
 * Stands in a program for a secret that its source does not show; whoever reads the program puts `HIDDEN` in its
 * place.
 */
export const HIDDEN_MARK = "corpus-hidden-0f6b1c";

/** Makes the case's text, its builders applied. Throws an error that names the case where a builder is written wrongly. */
export function sourceOf(entry: Case): Source {
  try {
    if (entry.manifests !== undefined) {
      return { kind: "manifests", text: entry.manifests };
    }
    if (entry.podSpec !== undefined) {
      return { kind: "manifests", text: yaml(deployment(build(entry.podSpec))) };
    }
    const resources =
      entry.userData === undefined ? program(entry.resources ?? {}) : { web: server(literal(build(entry.userData))) };
    return { kind: "program", text: yaml({ name: "shop", runtime: "yaml", resources }) };
  } catch (error) {
    throw new Error(`corpus case "${entry.name}": ${(error as Error).message}`, { cause: error });
  }
}

/** Applies the builders in a value, the innermost first. */
export function build(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(build);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const marker = Object.keys(value).find((key) => key.startsWith("$"));
  if (marker === undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, build(inner)]));
  }
  const unknown = Object.keys(value).filter((key) => key !== marker && key !== "encode");
  if (unknown.length > 0) {
    throw new Error(`${marker} stands beside ${unknown.join(", ")}: only "encode" may`);
  }
  if (marker === "$hidden") {
    return HIDDEN_MARK;
  }
  const content = build(value[marker] ?? null);
  if (JSON.stringify(content).includes(HIDDEN_MARK)) {
    throw new Error(`$hidden inside of ${marker}: what is hidden is hidden as a whole`);
  }
  return text(encode(bytes(marker, content), (value.encode ?? []) as string[]));
}

function bytes(marker: string, content: Json): Buffer {
  switch (marker) {
    case "$text":
      return Buffer.from(String(content));
    case "$cloudConfig":
      return Buffer.from(`#cloud-config\n${yaml(content)}`);
    case "$yaml":
      return Buffer.from(yaml(content));
    case "$json":
      return Buffer.from(JSON.stringify(content));
    case "$concat":
      return Buffer.from((content as string[]).join(""));
    case "$mime":
      return Buffer.from(mime(content as unknown as Part[]));
    case "$noise":
      return noise(Number(content));
    default:
      throw new Error(`${marker} is no builder`);
  }
}

/** A part of a MIME message. `transfer` says how its body is written; the default is as it is. */
interface Part {
  readonly type: string;
  readonly filename?: string;
  readonly transfer?: "base64" | "quoted-printable";
  readonly body: string;
}

const BOUNDARY = "===============8645434374073493512==";

/** A multipart message as `cloud-init devel make-mime` writes it. */
function mime(parts: readonly Part[]): string {
  const head = [
    `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
    "MIME-Version: 1.0",
    "Number-Attachments: 2",
    "",
  ];
  return [...head, ...parts.flatMap(mimePart), `--${BOUNDARY}--`, ""].join("\n");
}

function mimePart({ type, filename, transfer, body }: Part): string[] {
  const body7 = transfer === undefined ? body : text(encode(Buffer.from(body), [TRANSFERS[transfer]]));
  return [
    `--${BOUNDARY}`,
    "MIME-Version: 1.0",
    `Content-Type: ${type}; charset="utf-8"`,
    `Content-Transfer-Encoding: ${transfer ?? "7bit"}`,
    ...(filename === undefined ? [] : [`Content-Disposition: attachment; filename="${filename}"`]),
    "",
    body7,
    "",
  ];
}

const TRANSFERS = { base64: "base64-lines", "quoted-printable": "quoted-printable" } as const;

const ENCODERS: Readonly<Record<string, (input: Buffer) => Buffer>> = {
  gzip: (input) => gzipSync(input),
  base64: (input) => Buffer.from(input.toString("base64")),
  /** As `base64` prints it: lines of 76 characters. */
  "base64-lines": (input) => Buffer.from((input.toString("base64").match(/.{1,76}/g) ?? []).join("\n")),
  base64url: (input) => Buffer.from(input.toString("base64url")),
  percent: (input) => Buffer.from(encodeURIComponent(input.toString())),
  "quoted-printable": (input) => Buffer.from(quotedPrintable(input)),
  /** What PowerShell's `-EncodedCommand` wants before base64. */
  utf16le: (input) => Buffer.from(input.toString(), "utf16le"),
  crlf: (input) => Buffer.from(input.toString().replaceAll("\n", "\r\n")),
};

/** Applies encoders from left to right. */
export function encode(input: Buffer, names: readonly string[]): Buffer {
  return names.reduce((done, name) => {
    const encoder = ENCODERS[name];
    if (encoder === undefined) {
      throw new Error(`${name} is no encoding; there are ${Object.keys(ENCODERS).join(", ")}`);
    }
    return encoder(done);
  }, input);
}

/** RFC 2045 section 6.7: soft line breaks after 72 characters, so that host names are cut in two. */
function quotedPrintable(input: Buffer): string {
  return input
    .toString("latin1")
    .split("\n")
    .map((line) => {
      const tokens = line.replace(/[^\x20-\x3c\x3e-\x7e]/g, hexOf);
      return (tokens.match(/(?:=[0-9A-F]{2}|[^=]){1,24}/g) ?? [""]).join("=\n");
    })
    .join("\n");
}

function hexOf(character: string): string {
  return `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Bytes that mean nothing, the same in each run: a stand-in for images, certificates and keys. */
function noise(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`noise ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function text(buffer: Buffer): string {
  const written = buffer.toString();
  if (!Buffer.from(written).equals(buffer)) {
    throw new Error("the last encoding leaves bytes that are no text: end with base64");
  }
  return written;
}

function yaml(value: Json): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Applies the builders in a program: what they make is text as it stands, in which `${…}` is the shell's and not Pulumi's. */
function program(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(program);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  if (isBuilder(value)) {
    return literal(build(value));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, program(inner)]));
}

function literal(made: Json): Json {
  return typeof made === "string" ? made.replaceAll("${", () => "$${") : made;
}

function isBuilder(value: { [key: string]: Json }): boolean {
  return Object.keys(value).some((key) => key.startsWith("$"));
}

/** The server that a case's `userData` belongs to. */
function server(userData: Json): Json {
  return {
    type: "hcloud:index/server:Server",
    properties: { serverType: "cx23", image: "debian-13", location: "fsn1", userData },
  };
}

/** The deployment that a case's `podSpec` belongs to. */
function deployment(spec: Json): Json {
  const labels = { "app.kubernetes.io/name": "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop", labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
