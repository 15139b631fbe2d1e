// Brings node_modules in line with package-lock.json. Plain JavaScript: it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const stampOf = (root) => path.join(root, "node_modules", ".sovereign-installed");
const read = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

function lockHash(root) {
  const content = readFileSync(path.join(root, "package-lock.json"));
  return createHash("sha256").update(`${process.platform} ${process.arch}\0`).update(content).digest("hex");
}

/** Whether npm's own record of what it installed agrees with the lock file: an install by hand counts too. */
export function agrees(lock, installed) {
  const matches = ([place, entry]) => {
    const there = installed.packages?.[place];
    if (!there) return place === "" || entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  };
  return Object.entries(lock.packages).every(matches);
}

/** Whether node_modules holds what package-lock.json says. */
export function isInstalled(root) {
  if (read(stampOf(root)) === lockHash(root)) return true;
  const installed = read(path.join(root, "node_modules", ".package-lock.json"));
  // A stamp that does not fit is no obstacle, but a missing one after our own beginning is: npm was cut off.
  if (!installed || existsSync(path.join(root, ".sovereign", "installing"))) return false;
  try {
    return agrees(JSON.parse(read(path.join(root, "package-lock.json"))), JSON.parse(installed));
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes the lock file when it is free or its holder has died. */
export function takeLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = Number(read(file));
  const age = existsSync(file) ? Date.now() - statSync(file).mtimeMs : 0;
  // A holder that has only just begun may not have written its number yet.
  if (holder ? isAlive(holder) : age < 10_000) return false;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    // Somebody may have been quicker, and what was moved aside be theirs.
    if (Number(read(aside)) !== holder) linkSync(aside, file);
  } catch {
  } finally {
    rmSync(aside, { force: true });
  }
  return false;
}

/** npm's own packages in the project's folder do not get their commands linked; `npx sovereign` wants it. */
function linkCommand(root) {
  const link = path.join(root, "node_modules", ".bin", "sovereign");
  if (process.platform === "win32" || lstatSync(link, { throwIfNoEntry: false })) return;
  try {
    symlinkSync("../../cli/sovereign.mjs", link);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

/** Installs when needed; waits for another run that does so already. */
export async function ensureInstalled(root, { log = console.log, install = npmCi, poll = 1_000 } = {}) {
  if (!isInstalled(root)) await installLocked(root, { log, install, poll });
  linkCommand(root);
}

async function installLocked(root, { log, install, poll }) {
  const state = path.join(root, ".sovereign");
  mkdirSync(state, { recursive: true });
  const lock = path.join(state, "install.lock");
  let said = 0;
  while (!takeLock(lock)) {
    if (Date.now() - said > 2_500) {
      log("another run is installing the npm packages; waiting for it");
      said = Date.now();
    }
    await sleep(poll);
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    if (isInstalled(root)) return;
    const installing = path.join(state, "installing");
    writeFileSync(installing, "");
    rmSync(stampOf(root), { force: true });
    await install(root, log);
    writeFileSync(stampOf(root), lockHash(root));
    rmSync(installing, { force: true });
  } finally {
    release();
    process.off("exit", release);
  }
}

async function npmCi(root, log) {
  const since = Date.now();
  log("installing the npm packages that package-lock.json pins");
  const timer = setInterval(
    () => log(`installing the npm packages (${Math.round((Date.now() - since) / 1_000)} s)`),
    2_500,
  );
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const shell = process.platform === "win32";
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  let end;
  try {
    await new Promise((resolve, reject) => {
      const child = spawn("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], shell });
      // npm must have ended before the lock is given back.
      end = (signal) => child.kill(signal);
      for (const signal of signals) process.on(signal, end);
      child.once("error", (error) => reject(new Error(`npm cannot be started (${error.message}): is it on PATH?`)));
      child.once("close", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`"npm ci" ${signal ? `was ended by ${signal}` : "failed"}: see above, and try again.`));
      });
    });
  } finally {
    for (const signal of signals) process.off(signal, end);
    clearInterval(timer);
  }
}
