#!/usr/bin/env node
// Completes package-lock.json (npm run lock). A registry that does not carry the builds for other platforms makes
// npm leave them out of the lock file, and then refuse that lock file in "npm ci". They are never installed here, so
// their name, version and platform are enough; a registry that has them supplies the rest.
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

if (import.meta.filename === process.argv[1]) {
  const file = new URL("../package-lock.json", import.meta.url);
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const names = missingOptional(lock).map(({ name }) => name);
  if (names.length > 0) writeFileSync(file, `${JSON.stringify(completed(lock), null, 2)}\n`);
  console.log(names.length > 0 ? `package-lock.json: added ${names.join(", ")}` : "package-lock.json is complete");
}
