#!/usr/bin/env node
// Completes package-lock.json (npm run lock). A registry that does not carry the builds for other platforms makes
// npm leave them out of the lock file, and then refuse that lock file in "npm ci". They are never installed here, so
// their name, version and platform are enough; a registry that has them supplies the rest, their integrity too.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** The optional packages that packages of the lock ask for and that it does not hold. */
export function missingOptional(lock) {
  const entries = Object.entries(lock.packages);
  const held = new Set(entries.map(([place]) => place.replace(/^.*node_modules\//, "")));
  return entries.flatMap(([place, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !held.has(name))
      .map(([name, version]) => ({ by: place, name, version, dev: entry.dev === true })),
  );
}

/** The lock with an entry for each missing package whose name says its platform; throws for any other. */
export function completed(lock) {
  const added = missingOptional(lock).map(({ name, version, dev }) => {
    const words = name.split(/[-/]/);
    const os = SYSTEMS.filter((system) => words.includes(system));
    const cpu = PROCESSORS.filter((processor) => words.includes(processor));
    if (os.length === 0 || !/^\d+\.\d+\.\d+$/.test(version)) {
      throw new Error(`package-lock.json lacks ${name}@${version}, whose platform its name does not say`);
    }
    const libc = words.includes("musl") ? { libc: ["musl"] } : {};
    return [`node_modules/${name}`, { version, cpu, ...(dev ? { dev } : {}), ...libc, optional: true, os }];
  });
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) });
  return { ...lock, packages: Object.fromEntries(packages.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) };
}

/** The lock with the integrity of each package that has none, where the look-up knows it. */
export function withIntegrity(lock, integrityOf) {
  const packages = Object.entries(lock.packages).map(([place, entry]) => {
    if (place === "" || entry.integrity !== undefined || entry.link === true) return [place, entry];
    const integrity = integrityOf(`${place.replace(/^.*node_modules\//, "")}@${entry.version}`);
    return [place, integrity === undefined ? entry : { ...entry, integrity }];
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** What the registry says; undefined where it does not carry the package. */
function registryIntegrity(spec) {
  try {
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 };
    const text = execFileSync("npm", ["view", spec, "dist.integrity"], options).trim();
    return /^sha512-[A-Za-z0-9+/]{86}==$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.filename === process.argv[1]) {
  const file = new URL("../package-lock.json", import.meta.url);
  const text = readFileSync(file, "utf8");
  const lock = JSON.parse(text);
  const names = missingOptional(lock).map(({ name }) => name);
  const whole = withIntegrity(completed(lock), registryIntegrity);
  const bare = Object.entries(whole.packages).filter(([place, entry]) => place && !entry.integrity && !entry.link);
  const after = `${JSON.stringify(whole, null, 2)}\n`;
  if (after !== text) writeFileSync(file, after);
  console.log(names.length > 0 ? `package-lock.json: added ${names.join(", ")}` : "package-lock.json is complete");
  if (bare.length > 0) {
    console.log(`without integrity, since the registry has none: ${bare.map(([place]) => place).join(", ")}`);
  }
}
