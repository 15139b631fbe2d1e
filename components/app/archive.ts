import { isEuCountry } from "../../catalogue/countries.ts";
import { quote } from "../host/shell.ts";

/** A release of the workload, too large for user data: fetched at the first boot. */
export interface WorkloadArchive {
  /**
   * `https://host/path/name-1.2.tar.gz`, readable without credentials for as long as servers are made from it. Its content becomes
   * `/opt/app`, owned by root.
   */
  readonly url: string;
  /** SHA-256 of the archive, 64 hexadecimal digits: a server with another one does not start the workload. */
  readonly sha256: string;
  /** EU member state that the store is in, as the configuration states it. @default not stated */
  readonly country?: string;
}

/** Where an archive's content is. */
export const archiveDirectory = "/opt/app";
export const fetchArchivePath = "/usr/local/lib/sovereign/fetch-archive";
/** Holds the checksum of what is there: the directory is moved to its place whole. */
const marker = `${archiveDirectory}/.sha256`;

/** Largest archive, MB: it is fetched by every new server. */
export const mostArchiveMb = 512;

const address =
  /^https:\/\/(?=.{4,253}[:/])((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*)(?::([1-9]\d{0,4}))?(?:\/(?!\.{1,2}\/)[\w.~+-]+)+\.(?:tar\.gz|tgz)$/;

/** What is wrong with the address of an archive: the end of a sentence that begins with it. */
export function archiveUrlProblem(url: string): string | undefined {
  if (url.startsWith("http://")) return "is not encrypted: use https";
  if (/^https:\/\/[^/]*@/.test(url)) return "holds a login, which everybody would see who may read the configuration";
  if (url.includes("?"))
    return "has a query: signed addresses expire, and a server that is made later could not be set up";
  const [, , port] = address.exec(url) ?? [];
  return address.test(url) && Number(port ?? 443) < 65_536
    ? undefined
    : "is not like https://store.example.eu/releases/shop-1.2.tar.gz";
}

export const archiveSha256 = /^[0-9a-f]{64}$/;

/** Everything wrong with an archive, each with the field; empty when nothing is. */
export function archiveProblems({ url, sha256, country }: WorkloadArchive): string[] {
  const problem = archiveUrlProblem(url);
  return [
    // Not repeated here: it may hold a password.
    ...(problem ? [`archive.url: ${problem}`] : []),
    ...(archiveSha256.test(sha256)
      ? []
      : [`archive.sha256: ${JSON.stringify(sha256)} is not 64 hexadecimal digits in lower case`]),
    ...(country === undefined || isEuCountry(country)
      ? []
      : [`archive.country: ${JSON.stringify(country)} is not the ISO code of an EU member state`]),
  ];
}

/** The store of an archive, as host and port. */
export function archiveStore({ url }: WorkloadArchive): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 443) };
}

/**
 * The script that brings an archive to its place, once. What comes is bounded and checked before anything reads it; redirections are
 * not followed, as they would lead to hosts that nobody listed.
 */
export function renderFetchArchive({ url, sha256 }: WorkloadArchive): string {
  return `#!/bin/bash
# Fetches the workload's release. Run again by hand after mending the cause: it bears that.
set -euo pipefail
umask 022
url=${quote(url)}
expected=${quote(sha256)}
fail() { echo "release of the workload: $1" >&2; exit 1; }
if [ "$(cat ${marker} 2>/dev/null)" = "$expected" ]; then exit 0; fi
[ ! -e ${archiveDirectory} ] || fail "${archiveDirectory} is there already, and is another one: move it away"

work=$(mktemp -d ${archiveDirectory}.XXXXXXXX)
trap 'rm -rf "$work"' EXIT
status=$(curl --fail --silent --show-error --globoff --proto =https --max-filesize ${mostArchiveMb * 1_000_000} \\
  --connect-timeout 10 --max-time 600 --speed-limit 10000 --speed-time 30 \\
  --retry 30 --retry-delay 3 --retry-max-time 180 --retry-all-errors \\
  --write-out '%{http_code}' --output "$work/archive" -- "$url") ||
  fail "$url could not be fetched (curl: $?). Is it there, is it readable without credentials, has it at most ${mostArchiveMb} MB, and can this server reach its host?"
[ "$status" = 200 ] || fail "$url answered $status: give the address that it leads to, others are not followed"
actual=$(sha256sum "$work/archive" | cut -d ' ' -f 1)
[ "$actual" = "$expected" ] ||
  fail "$url has the SHA-256 $actual, not $expected as configured: nothing of it was used. Configure the one that you have built and tested, or find out who changed it"
mkdir "$work/app"
tar --extract --gzip --file="$work/archive" --directory="$work/app" --no-same-owner --no-same-permissions ||
  fail "$url is not a .tar.gz that can be unpacked"
chown -R root:root "$work/app"
chmod -R u=rwX,go=rX "$work/app"
echo "$expected" > "$work/app/.sha256"
mv -T "$work/app" ${archiveDirectory}
`;
}
