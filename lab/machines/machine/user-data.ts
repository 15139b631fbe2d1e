import { gunzipSync } from "node:zlib";
import { parse } from "yaml";

/** Bytes that user data may have when unpacked: far above what 32 KiB of real ones hold. */
const maxBytes = 2 * 1024 * 1024;

/**
 * The bytes that the machine gets. The provider's data source undoes base64 where the text is that (`maybe_b64decode` of
 * cloud-init's DataSourceHetzner: all of it, without line breaks), and cloud-init itself undoes gzip.
 */
export function decodeUserData(text: string): Buffer {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return Buffer.from(text, isBase64 ? "base64" : "utf8");
}

/**
 * Names of the Debian packages that a cloud-config asks for; none for other kinds of user data, which only a machine can read.
 * @throws Error when it cannot be read
 */
export function wantedPackages(userData: Uint8Array): string[] {
  const text = unpacked(userData);
  if (!/^#cloud-config\s/.test(text)) return [];
  const config = parseConfig(text.slice(text.indexOf("\n") + 1));
  const listed = config !== null && typeof config === "object" && "packages" in config ? config.packages : undefined;
  if (!Array.isArray(listed)) return [];
  return [...new Set(listed.flatMap(packageNames))].sort();
}

/** JSON is YAML, and far quicker to read. */
function parseConfig(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Then it is other YAML.
  }
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`its user data is no valid YAML: ${String(error).split("\n", 1)[0]?.slice(0, 200)}`);
  }
}

/** An entry is a name, a name with its version, or `{ apt: entries }`. */
function packageNames(entry: unknown): string[] {
  if (typeof entry === "string") return [entry.replace(/[=/].*$/, "")];
  if (Array.isArray(entry)) return typeof entry[0] === "string" ? [entry[0]] : [];
  if (entry === null || typeof entry !== "object" || !("apt" in entry) || !Array.isArray(entry.apt)) return [];
  return entry.apt.flatMap((one: unknown) => (typeof one === "object" && !Array.isArray(one) ? [] : packageNames(one)));
}

/** User data as text: gzip is undone, as cloud-init does. @throws Error when it cannot be */
export function unpacked(userData: Uint8Array): string {
  if (userData[0] !== 0x1f || userData[1] !== 0x8b) return Buffer.from(userData).toString("utf8");
  try {
    return gunzipSync(userData, { maxOutputLength: maxBytes }).toString("utf8");
  } catch (error) {
    throw new Error(`its user data cannot be unpacked: ${error instanceof Error ? error.message : error}`);
  }
}

/** Packages that are installed, or provided by one that is, according to dpkg's status file. */
export function installedPackages(dpkgStatus: string): Set<string> {
  const names = new Set<string>();
  for (const paragraph of dpkgStatus.split(/\n\n+/)) {
    if (!/^Status: \S+ \S+ installed$/m.test(paragraph)) continue;
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const provided = /^Provides: (.+)$/m.exec(paragraph)?.[1] ?? "";
    for (const one of [name ?? "", ...provided.split(",")]) names.add(one.replace(/\(.*$/, "").trim());
  }
  names.delete("");
  return names;
}

/** Why a machine cannot run this user data in the lab; undefined when it can. */
export function missingPackages(
  server: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
  wanted: readonly string[],
  installed: ReadonlySet<string>,
): string | undefined {
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return undefined;
  const role = server.labels.role === undefined ? "" : ` (role ${server.labels.role})`;
  const several = missing.length > 1;
  return (
    `server ${server.name}${role} wants the package${several ? "s" : ""} ${missing.join(", ")}, which the lab's image ` +
    `lacks: add ${several ? "them" : "it"} to lab/debian/packages.ts`
  );
}
