/** How other processes of this machine speak with a running lab. */
import { z } from "zod";
import { LabError } from "./files.ts";
import type { RunningLab } from "./session.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface CallOptions {
  /** Bytes go as they are, everything else as JSON. @default none */
  readonly body?: unknown;
  /** Milliseconds until it is given up. @default 10000 */
  readonly limitMs?: number | undefined;
}

/** An answer other than success. */
export class LabRefusal extends LabError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const refusal = z.object({ error: z.object({ message: z.string() }) });

async function call(lab: RunningLab, method: Method, url: string, options: CallOptions): Promise<unknown> {
  const { body, limitMs = 10_000 } = options;
  const bytes = body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: {
      Authorization: `Bearer ${lab.secrets.token}`,
      ...(bytes ? {} : { "Content-Type": "application/json" }),
    },
    signal: AbortSignal.timeout(limitMs),
    ...(body === undefined ? {} : { body: bytes ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const answer = parseJson(await response.text());
  if (response.ok) return answer;
  const why = refusal.safeParse(answer).data?.error.message ?? `its log is ${lab.files.log}`;
  const { pathname } = new URL(url);
  throw new LabRefusal(
    `the lab ${lab.name} answers ${response.status} to ${method} ${pathname}: ${why}`,
    response.status,
  );
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Calls one of the lab's own endpoints.
 * @param path below `/_lab`
 * @throws LabRefusal with the lab's reason
 */
export function callLab(lab: RunningLab, method: Method, path: string, options: CallOptions = {}): Promise<unknown> {
  return call(lab, method, `${new URL(lab.endpoint).origin}/_lab${path}`, options);
}

/** Calls a path of the provider's API below `/v1`; undefined when there is no such thing. */
export type LabApi = (method: Method, path: string, body?: unknown) => Promise<unknown>;

/**
 * The provider's API of a lab.
 * @param limitMs of each call
 */
export function labApi(lab: RunningLab, limitMs?: number): LabApi {
  return (method, path, body) =>
    call(lab, method, `${lab.endpoint}${path}`, { body, limitMs }).catch((error: unknown) => {
      if (error instanceof LabRefusal && error.status === 404) return undefined;
      throw error;
    });
}
