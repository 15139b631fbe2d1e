/** Reads a Hetzner Cloud project: GET requests alone, so a read-only token is enough. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { maskSecrets } from "../../graph/mask.ts";
import { jsonOf } from "../../lab/session/json.ts";
import { CommandError } from "../output.ts";
import { plain } from "./text.ts";

/** The vendor's API; `HCLOUD_ENDPOINT` names another, as it does for the provider. */
export const VENDOR_ENDPOINT = "https://api.hetzner.cloud/v1";

/** Entries per page: the API's most. */
const PER_PAGE = 50;
/** Pages of one list: far more than a project may hold. */
const MAX_PAGES = 2000;
/** Bytes of one answer. Fifty servers with everything about their types are under 1 MB. */
const MAX_ANSWER = 32 * 1024 * 1024;
const ANSWER_MS = 30_000;
/** Waits between the attempts of one request. The API gives one request back each second. */
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

export interface Access {
  readonly endpoint: string;
  readonly token: string;
}

export interface ReaderOptions {
  /** Told when a request has to wait. */
  readonly onWait?: (why: string) => void;
  /** Told of each page that has been read. */
  readonly onPage?: () => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Reads all entries of a list, page after page. */
export type ReadList = <T>(
  path: string,
  key: string,
  entry: z.ZodType<T>,
  query?: Readonly<Record<string, string | readonly string[]>>,
) => Promise<T[]>;

/**
 * Where to read, from the variables that the provider reads too.
 * @throws CommandError without a usable token, or if the token would go out unencrypted
 */
export function accessFrom(env: NodeJS.ProcessEnv): Access {
  const token = env.HCLOUD_TOKEN ?? "";
  if (token === "")
    throw new CommandError(
      "HCLOUD_TOKEN is not set: make a token in the Hetzner Console (project, Security, API tokens; read is enough), and put it into the environment",
      2,
    );
  // What a header cannot hold would be quoted by the error about it.
  if (!/^[\x21-\x7e]{1,500}$/.test(token))
    throw new CommandError("HCLOUD_TOKEN holds spaces or characters that no token has: set it again", 2);
  return { token, endpoint: endpointFrom(env.HCLOUD_ENDPOINT || VENDOR_ENDPOINT) };
}

function endpointFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = url !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url && !url.username && !url.password && (url.protocol === "https:" || (url.protocol === "http:" && loopback)))
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  throw new CommandError(
    "HCLOUD_ENDPOINT is no address to send a token to: expected https://…, or http:// on this machine, without a user name",
    2,
  );
}

const pagination = z.object({
  meta: z.object({ pagination: z.object({ next_page: z.number().int().positive().nullable() }) }),
});
const refusal = z.object({ error: z.object({ code: z.string().max(100), message: z.string().max(5000) }) });

/** Gets one answer of the API, as JSON.parse gives it. */
export type Get = (path: string) => Promise<unknown>;

/** @throws CommandError (by the function it gives) with what the API answered, never with the token */
export function createGet({ endpoint, token }: Access, options: ReaderOptions = {}): Get {
  const { onWait, fetch: send = fetch, sleep: wait = sleep } = options;

  async function attempt(url: string): Promise<{ body: unknown } | { again: string }> {
    let response: Response;
    let text: string;
    try {
      response = await send(url, {
        headers: { Authorization: `Bearer ${token}`, Accept: "application/json" },
        // A redirection could take the token elsewhere.
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      text = await readText(response);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      return { again: `no answer (${reasonOf(error)})` };
    }
    const body = jsonOf(text);
    if (response.ok) {
      if (body === undefined) throw new CommandError(`${shown(url)}: the answer is no JSON; is ${endpoint} the API?`);
      return { body };
    }
    const said = refusal.safeParse(body).data?.error;
    const words = said ? `: ${said.code}, ${maskSecrets(plain(said.message, 300), [token])}` : "";
    if (response.status === 429 || response.status >= 500) return { again: `answer ${response.status}${words}` };
    throw new CommandError(`${shown(url)}: answer ${response.status}${words}${adviceFor(response.status)}`);
  }

  return async (path) => {
    const url = `${endpoint}${path}`;
    for (let tried = 0; ; tried++) {
      const result = await attempt(url);
      if ("body" in result) return result.body;
      const pause = WAITS_MS[tried];
      if (pause === undefined)
        throw new CommandError(
          `${shown(url)}: ${result.again}, after ${tried + 1} attempts; nothing was written, run it again later`,
        );
      onWait?.(`${shown(url)}: ${result.again}; again in ${pause / 1000} s`);
      await wait(pause);
    }
  };

  function shown(url: string): string {
    return shownUrl(url, endpoint);
  }
}

function shownUrl(url: string, endpoint: string): string {
  const { pathname, origin } = new URL(url);
  return `GET ${pathname.slice(new URL(endpoint).pathname.replace(/\/$/, "").length)} of ${origin}`;
}

/** @throws CommandError (by the function it gives) with what the API answered, never with the token */
export function createReader(access: Access, options: ReaderOptions = {}): ReadList {
  const { endpoint } = access;
  const get = createGet(access, options);
  return async (path, key, entry, query = {}) => {
    const list = z.object({ [key]: z.array(entry) });
    const entries: z.infer<typeof entry>[] = [];
    let page: number | null = 1;
    for (let read = 0; page !== null; read++) {
      const asked = `${path}?${search({ ...query, page: String(page), per_page: String(PER_PAGE) })}`;
      const shown = shownUrl(`${endpoint}${asked}`, endpoint);
      if (read === MAX_PAGES) throw new CommandError(`${shown}: more than ${MAX_PAGES} pages`);
      const body = await get(asked);
      const parsed = list.and(pagination).safeParse(body);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new CommandError(
          `${shown}: the answer is not what the API's description says, at ${plain(issue!.path.join("."), 100)}: ${plain(issue!.message, 200)}`,
        );
      }
      entries.push(...((parsed.data as Record<string, unknown>)[key] as typeof entries));
      const next: number | null = parsed.data.meta.pagination.next_page;
      if (next !== null && next <= page) throw new CommandError(`${shown}: page ${page} is followed by page ${next}`);
      page = next;
      options.onPage?.();
    }
    return entries;
  };
}

function search(query: Readonly<Record<string, string | readonly string[]>>): string {
  return new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      (typeof value === "string" ? [value] : value).map((one): [string, string] => [name, one]),
    ),
  ).toString();
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new CommandError(`an answer of the API is larger than ${MAX_ANSWER / 1024 / 1024} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What the network said, by its code: messages may hold whole addresses. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown; message?: unknown }; name?: string };
  if (typeof cause?.code === "string") return plain(cause.code, 60);
  if (cause?.message === "unexpected redirect") return "it redirects elsewhere";
  return name === "TimeoutError" ? `nothing within ${ANSWER_MS / 1000} s` : "the connection broke";
}

function adviceFor(status: number): string {
  if (status === 401) return ". Is HCLOUD_TOKEN the token of this project, and of this endpoint?";
  if (status === 403) return ". The token may not read this; make one that may read the whole project";
  if (status === 404 || status === 410) return ". This API does not have the kind: leave it out by --kind";
  return "";
}
