import { readFileSync } from "node:fs";
import { condensePython, withSettings } from "../host/python.ts";
import { postgresPaths, stanza } from "./spec.ts";

/** One program in parts, in this order. */
const parts = ["head", "moments", "tools", "restore", "command"];

export const restoreSource = parts
  .map((part) => readFileSync(new URL(`./restore/${part}.py`, import.meta.url), "utf8"))
  .join("\n\n");

const program = condensePython(restoreSource);

/** `sovereign-postgres-restore`: puts the whole cluster back to a moment of the past. */
export function renderRestoreCommand(): string {
  const settings = {
    stanza,
    socket: postgresPaths.socket,
    binaries: postgresPaths.binaries,
    patroni: postgresPaths.patroniConfig,
    data: postgresPaths.dataDirectory,
    lock: postgresPaths.restoreLock,
  };
  return withSettings(program, settings);
}
