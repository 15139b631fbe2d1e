import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabApiOptions, openLab } from "./server.ts";

/** For unit tests: a lab without a socket, its own clock and a client. */

export const TEST_TOKEN = "test-token-test-token-test-token-test-token-test-token-test-token";

export interface Answered {
  status: number;
  headers: Headers;
  // Tests read answers of every shape; the assertions are their types.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
}

export type TestLab = ReturnType<typeof openTestLab>;

/** Opens a lab in a temporary folder. Actions take no time unless the options say otherwise. Call `close` at the end. */
export function openTestLab(options: Partial<LabApiOptions> = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "lab-test-"));
  let time = Date.parse("2026-11-01T12:00:00Z");
  const { lab, app } = openLab({ token: TEST_TOKEN, actionDuration: 0, now: () => time, ...options, dataDir });

  const request = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const response = await app.request(path.startsWith("/_lab") ? path : `/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${TEST_TOKEN}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

  return {
    lab,
    app,
    dataDir,
    get: (path: string) => request("GET", path),
    post: (path: string, body?: unknown) => request("POST", path, body),
    put: (path: string, body?: unknown) => request("PUT", path, body),
    delete: (path: string) => request("DELETE", path),
    /** Lets time pass: what is due by then has ended at the next request. */
    pass: (ms: number) => {
      time += ms;
    },
    close: () => {
      lab.actions.stop();
      lab.store.close();
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
