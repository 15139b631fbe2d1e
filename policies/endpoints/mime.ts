/** One part of a message, its transfer encoding undone where that is not base64. */
export interface Part {
  readonly type: string;
  readonly filename?: string;
  readonly base64: boolean;
  readonly body: string;
}

const HEADER_END = /\r?\n[ \t]*\r?\n/;

/** Whether a text begins with the header lines of a message. */
export const looksLikeMime = (text: string): boolean =>
  /^\s*(?:content-type|mime-version|from |to:|subject:|content-transfer-encoding)/i.test(text.slice(0, 200)) &&
  /content-type\s*:/i.test(text.slice(0, 4000));

/** Parts of a message, undefined where it has no boundary or none of its parts is to be found. */
export function mimeParts(text: string): readonly Part[] | undefined {
  const [head, body] = split(text.trimStart());
  if (body === undefined) return undefined;
  const type = header(head, "content-type");
  if (!/^multipart\//i.test(type)) return [part(head, body)];
  const boundary = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(type);
  const mark = boundary && `--${boundary[1] ?? boundary[2]}`;
  if (!mark) return undefined;
  const pieces = body.split(mark).slice(1);
  const parts: Part[] = [];
  for (const piece of pieces) {
    if (piece.startsWith("--")) break;
    const [partHead, partBody] = split(piece.replace(/^[ \t]*\r?\n/, ""));
    if (partBody !== undefined) parts.push(part(partHead, partBody));
    // Without headers a part is text.
    else if (piece.trim()) parts.push({ type: "text/plain", base64: false, body: piece.trim() });
  }
  return parts.length ? parts : undefined;
}

function split(text: string): [string, string | undefined] {
  if (/^\r?\n/.test(text)) return ["", text.replace(/^\r?\n/, "")];
  const end = HEADER_END.exec(text.slice(0, 16_384));
  return end ? [text.slice(0, end.index), text.slice(end.index + end[0].length)] : [text.slice(0, 4000), undefined];
}

function header(head: string, name: string): string {
  const unfolded = head.replace(/\r?\n[ \t]+/g, " ");
  for (const line of unfolded.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return "";
}

function part(head: string, body: string): Part {
  const encoding = header(head, "content-transfer-encoding").toLowerCase();
  const filename = /filename\s*=\s*"?([^";]{1,200})/i.exec(header(head, "content-disposition"))?.[1];
  return {
    type: header(head, "content-type").split(";")[0]!.trim().toLowerCase() || "text/plain",
    ...(filename ? { filename } : {}),
    base64: encoding === "base64",
    body: encoding === "quoted-printable" ? quotedPrintable(body) : body.replace(/\r?\n$/, ""),
  };
}

function quotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
