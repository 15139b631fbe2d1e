/** Commands to a running HAProxy, and what it answers. */
import { ask } from "../in-tree.ts";

/** How a server of a backend is, in HAProxy's words. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  readonly isUp: boolean;
  /** A check has ended since the server was added or the configuration loaded. */
  readonly isChecked: boolean;
}

/** Servers only (4), of all proxies (-1). */
const SHOW_SERVERS = "show stat -1 4 -1";

/** The state of every server. */
export async function serverStates(socket: string): Promise<ServerState[]> {
  return parseStates(await ask(socket, SHOW_SERVERS));
}

/** Reads the table that `show stat` answers. */
export function parseStates(csv: string): ServerState[] {
  const [header = "", ...rows] = csv.trim().split("\n");
  const columns = header.replace(/^# /, "").split(",");
  const column = (name: string) => {
    const index = columns.indexOf(name);
    if (index < 0) throw new Error(`HAProxy's figures have no column ${name}`);
    return index;
  };
  const [proxy, server, status, check] = ["pxname", "svname", "status", "check_status"].map(column);
  return rows.map((row) => {
    const cells = row.split(",");
    const state = cells[status!] ?? "";
    return {
      backend: cells[proxy!] ?? "",
      server: cells[server!] ?? "",
      isUp: state.startsWith("UP"),
      // While a check runs, the last one's result is shown behind a star.
      isChecked: !/^(\* )?(INI|)$/.test(cells[check!] ?? ""),
    };
  });
}

/** Runs a command on one server and wants the answer that means success. */
async function command(socket: string, line: string, success: RegExp): Promise<void> {
  const answer = (await ask(socket, line)).trim();
  if (!success.test(answer)) throw new Error(`HAProxy: ${line.split(" ").slice(0, 3).join(" ")}: ${answer}`);
}

const SILENCE = /^$/;

/** Adds a server, which gets no request before its checks have found it healthy. */
export async function addServer(socket: string, name: string, options: string): Promise<void> {
  await command(socket, `add server ${name} ${options}`, /^New server registered\.$/);
  await command(socket, `enable health ${name}; enable server ${name}; ${downUntilChecked(name)}`, SILENCE);
}

const downUntilChecked = (name: string) => `set server ${name} health down`;

/** A server gets no further requests; those that it works on end in peace. */
export function drainServer(socket: string, name: string): Promise<void> {
  return command(socket, `set server ${name} state maint`, SILENCE);
}

/** A server that was being drained is wanted again. */
export function bringBackServer(socket: string, name: string): Promise<void> {
  return command(socket, `set server ${name} state ready; ${downUntilChecked(name)}`, SILENCE);
}

/** Removes a drained server. False while it still has connections. */
export async function removeServer(socket: string, name: string): Promise<boolean> {
  const answer = (await ask(socket, `del server ${name}`)).trim();
  return /^(Server deleted\.|No such server\.)$/.test(answer);
}

/**
 * Makes the master load its configuration anew. Connections stay; the listening sockets never close.
 * @throws Error with HAProxy's reasons; the old configuration then goes on
 */
export async function reload(masterSocket: string): Promise<void> {
  const answer = await ask(masterSocket, "reload");
  if (!answer.startsWith("Success=1")) {
    throw new Error(`HAProxy refused its new configuration: ${alerts(answer) || answer.trim()}`);
  }
}

const alerts = (text: string): string =>
  text
    .split("\n")
    .filter((line) => line.startsWith("[ALERT]"))
    .join("; ");
