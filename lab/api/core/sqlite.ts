import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Sqlite = typeof import("node:sqlite");
export type Database = InstanceType<Sqlite["DatabaseSync"]>;

/** The data folder belongs to a lab that is running. */
export class DataFolderInUseError extends Error {}

/**
 * Loads node:sqlite without its "experimental" warning: the Node version is pinned, so the warning tells a user
 * of the lab nothing. Only that one warning is held back, and only while the module loads.
 */
function loadSqlite(): Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes("SQLite")) Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Opens the store's database and holds it alone until it is closed.
 *
 * The lock is SQLite's own (a kernel file lock), so it goes with its process however that ends: after a `kill -9` the
 * next lab takes over at once. The pid file beside it is only there for the error message.
 *
 * @param dataDir created with mode 0700 where missing: it holds user data, which may carry secrets
 * @throws DataFolderInUseError when another lab has the folder
 */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { DatabaseSync } = loadSqlite();
  const file = join(dataDir, "lab.db");
  const pidFile = join(dataDir, "lab.pid");
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    // WAL with synchronous=NORMAL: a commit is in the kernel's hands when it returns, so nothing acknowledged is
    // lost when the process is killed. Losing power is not among the promises of a lab.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    db.exec("BEGIN EXCLUSIVE; COMMIT");
  } catch (error) {
    db.close();
    if (!isBusy(error)) throw error;
    throw new DataFolderInUseError(
      `the data folder ${dataDir} is in use by another lab${pidHint(pidFile)}: stop that lab or choose another folder`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return db;
}

function isBusy(error: unknown): boolean {
  const errcode = (error as { errcode?: number }).errcode ?? 0;
  return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
}

function pidHint(pidFile: string): string {
  try {
    return ` (pid ${Number.parseInt(readFileSync(pidFile, "utf8"), 10)})`;
  } catch {
    return "";
  }
}
