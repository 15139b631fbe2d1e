/** What the lab itself does with its stores: make buckets, put releases there. */
import { request } from "node:https";
import { requestTarget, type S3Keys, type S3Request, signedHeaders } from "./signature.ts";

/** A store and how to get in. */
export interface StoreAccess {
  /** Name in the certificate. */
  readonly host: string;
  /** Where it really is: an address, or a socket that it also listens on. */
  readonly place: { readonly host: string } | { readonly socketPath: string };
  readonly region: string;
  readonly keys: S3Keys;
  /** PEM of the authority that its certificate comes from. */
  readonly authority: string;
}

/** Seconds that a store may be silent. */
const TIMEOUT_S = 20;
/** Most of an answer that is read. In bytes. */
const MAX_ANSWER = 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(access: StoreAccess, what: S3Request): Promise<Answer> {
  const { host, place, region, keys, authority } = access;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...place,
        servername: host,
        ca: authority,
        agent: false,
        method: what.method,
        path: requestTarget(what),
        headers: {
          ...signedHeaders(what, { host, region, keys, now: new Date() }),
          "content-length": what.body?.byteLength ?? 0,
        },
        timeout: TIMEOUT_S * 1000,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          if (body.length < MAX_ANSWER) body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`${host} did not answer within ${TIMEOUT_S} s`)));
    sent.on("error", reject);
    sent.end(what.body);
  });
}

/** @throws Error with the store's own reason */
async function demand(access: StoreAccess, what: S3Request, accepted: (answer: Answer) => boolean): Promise<Answer> {
  const answer = await send(access, what);
  if (accepted(answer)) return answer;
  const reason = /<Code>([^<]*)<\/Code>/.exec(answer.body)?.[1] ?? `status ${answer.status}`;
  throw new Error(`${access.host}: ${what.method} ${what.path}: ${reason}`);
}

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** Whether a store answers requests. */
export async function isAnswering(access: StoreAccess): Promise<boolean> {
  try {
    return isDone(await send(access, { method: "GET", path: "/" }));
  } catch {
    return false;
  }
}

/** Makes a bucket, unless it is there. With `isPublic` everybody may read what is in it, by https and without keys. */
export async function ensureBucket(access: StoreAccess, bucket: string, isPublic = false): Promise<void> {
  const isThere = ({ status, body }: Answer) =>
    status === 409 && /BucketAlreadyOwnedByYou|BucketAlreadyExists/.test(body);
  await demand(access, { method: "PUT", path: `/${bucket}` }, (answer) => isDone(answer) || isThere(answer));
  if (!isPublic) return;
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` }],
  };
  const body = Buffer.from(JSON.stringify(policy));
  await demand(access, { method: "PUT", path: `/${bucket}`, query: { policy: "" }, body }, isDone);
}

/** An object in a bucket. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Uint8Array;
}

/**
 * Puts an object into a bucket; one that is there is replaced. Answers its address.
 * @throws Error with the store's reason, or the network's
 */
export async function putObject(access: StoreAccess, { bucket, key, body }: StoredObject): Promise<string> {
  const path = `/${bucket}/${key}`;
  await demand(access, { method: "PUT", path, body }, isDone);
  return `https://${access.host}${requestTarget({ path })}`;
}
