import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createApp } from "./app.ts";
import { ACTIONS } from "./core/actions.ts";
import type { FaultSpec } from "./core/faults.ts";
import { Lab } from "./core/lab.ts";
import { RateLimit } from "./core/rate-limit.ts";
import { Store } from "./core/store.ts";
import { type LabDriver, noDriver } from "./driver.ts";
import { KINDS } from "./kinds/index.ts";
import { labView } from "./view.ts";

export interface LabApiOptions {
  /** What people call it, on its page. @default "local" */
  name?: string;
  /** Port on the loopback address; 0 takes a free one. @default 0 */
  port?: number;
  /** Loopback address to listen on. Others are refused. @default "127.0.0.1" */
  host?: string;
  /** Folder of the store; created where missing. One lab per folder. */
  dataDir: string;
  /** The token that requests must carry. */
  token: string;
  /** What stands behind the records. @default none */
  driver?: LabDriver;
  /** Milliseconds that an action takes; 0 ends it within the request. @default 20 */
  actionDuration?: number;
  faults?: readonly FaultSpec[];
  /** Seed for faults with a probability. @default 1 */
  seed?: number;
  /** Requests per hour. Above 0 they are enforced; 0 only counts them, against the real API's 3600. @default 0 */
  rateLimit?: number;
  /** Epoch milliseconds; another clock for tests. */
  now?: () => number;
  /** Receives one line per request (method, path, status, time) and what went wrong inside. */
  log?: (line: string) => void;
}

export interface LabApi {
  /** What the provider takes as `endpoint`: `http://127.0.0.1:PORT/v1`. */
  url: string;
  port: number;
  /** Answers the requests under way, stops the driver, closes the store. */
  close(): Promise<void>;
}

/** Requests per hour and project of the real API. */
const REAL_RATE_LIMIT = 3600;

/** The lab could not start; the message is for the user. */
export class LabStartError extends Error {}

const isLoopback = (host: string) => host === "::1" || host === "localhost" || /^127\.\d+\.\d+\.\d+$/.test(host);

/** The parts of a lab without a socket: for tests that call the app directly. */
export function openLab(options: Omit<LabApiOptions, "port" | "host">) {
  if (options.token === "") throw new LabStartError("the lab needs a token that is not empty");
  const store = new Store(options.dataDir, [
    ACTIONS,
    ...KINDS.flatMap((kind) => [...(kind.collection ? [kind.collection] : []), ...(kind.moreCollections ?? [])]),
  ] as never[]);
  try {
    const { token, rateLimit = 0, actionDuration = 20, ...rest } = options;
    const lab = new Lab({ ...rest, store, actionDuration });
    const account = new RateLimit(rateLimit || REAL_RATE_LIMIT, lab.now);
    return { lab, app: createApp(lab, token, account, rateLimit > 0) };
  } catch (error) {
    store.close();
    throw error;
  }
}

/**
 * Starts a local Hetzner Cloud API.
 * @throws LabStartError for an address that is not loopback or a port in use
 * @throws DataFolderInUseError when another lab has the data folder
 */
export async function startLabApi(options: LabApiOptions): Promise<LabApi> {
  const { port: wanted = 0, host = "127.0.0.1", driver = noDriver } = options;
  if (!isLoopback(host)) {
    throw new LabStartError(`the lab listens on loopback only: ${host} is not a loopback address, use 127.0.0.1`);
  }
  const { lab, app } = openLab(options);
  // The port is taken first, so that no machine is started for nothing; requests wait until the driver is up.
  let open = () => {};
  const started = new Promise<void>((resolve) => {
    open = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (request, env) => {
      await started;
      return app.fetch(request, env);
    },
  }) as Server;
  try {
    await listen(server, wanted, host);
    await driver.start?.(labView(lab));
    open();
  } catch (error) {
    server.close();
    server.closeAllConnections();
    lab.actions.stop();
    lab.store.close();
    throw error;
  }
  // What was running when an earlier lab ended goes on from here.
  lab.actions.advance();
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async () => {
    await closeServer(server);
    lab.actions.stop();
    await driver.stop?.();
    lab.store.close();
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/v1`,
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return reject(error);
      reject(new LabStartError(`port ${port} on ${host} is in use: stop what listens there or choose another port`));
    });
    server.listen(port, host, resolve);
  });
}

/** Requests that take longer than this to end are cut, such as those that a timeout fault holds. */
const GRACE_MS = 2000;

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
