/** Signature version 4 of S3 requests, as far as the lab's own requests need it. */
import { createHash, createHmac } from "node:crypto";

export interface S3Request {
  readonly method: "GET" | "PUT" | "HEAD" | "DELETE";
  /** Not encoded: `/bucket/key`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Uint8Array | string, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** As S3 wants it: everything but unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Path and query as they are sent. */
export function requestTarget({ path, query }: Pick<S3Request, "path" | "query">): string {
  const search = canonicalQuery(query);
  return path.split("/").map(encode).join("/") + (search === "" ? "" : `?${search}`);
}

function canonicalQuery(query: S3Request["query"]): string {
  return Object.entries(query ?? {})
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** The headers that make a request an authorised one. */
export function signedHeaders(
  request: S3Request,
  { host, region, keys, now }: { host: string; region: string; keys: S3Keys; now: Date },
): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    host,
    "x-amz-content-sha256": sha256(request.body ?? ""),
    "x-amz-date": time,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    requestTarget({ path: request.path }),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    headers["x-amz-content-sha256"],
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [region, "s3", "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${keys.secretKey}`, day));
  const signature = hmac(key, toSign).toString("hex");
  const credential = `${keys.accessKey}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}
