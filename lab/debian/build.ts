import { readdirSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { allDebianPackages, DEBIAN_SUITE } from "./packages.ts";

/** Says why no tree can be built here, in words for the user. */
export class DebianUnavailable extends Error {
  override readonly name = "DebianUnavailable";
}

export interface BuildContext {
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Milliseconds between two lines of progress, at most. */
export const progressMs = 2500;

/** Part of nothing that a machine needs: documentation and translations. */
const excluded = [
  "/usr/share/man/*",
  "/usr/share/doc/*",
  "/usr/share/info/*",
  "/usr/share/locale/*",
  "/usr/share/lintian/*",
];

/** Shell, run by mmdebstrap between the essential packages and all others. $1 is the root. */
const beforePackages = `
mkdir -p "$1/etc/postgresql-common"
echo 'create_main_cluster = false' > "$1/etc/postgresql-common/createcluster.conf"
`;

/** Shell, run by mmdebstrap at the end: what a boot would have made under /run, for programs that run without one. */
const afterPackages = `
chroot "$1" systemd-tmpfiles --create --prefix=/run || true
mkdir -p -m 0755 "$1/run/sshd" "$1/run/haproxy"
rm -f "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old
# A machine of the provider has no package but its roles', and starts what they enable: here all are installed, so none is enabled.
for wants in "$1"/etc/systemd/system/multi-user.target.wants/*.service "$1"/etc/systemd/system/*.wants/netavark-*; do
  unit=$(basename "$wants")
  case "$unit" in
    cron.service | e2scrub_reap.service | ssh.service | unattended-upgrades.service) ;;
    *) chroot "$1" systemctl disable --quiet "$unit" ;;
  esac
done
echo localhost > "$1/etc/hostname"
`;

/** Mounts the archives kept between attempts over the root's own, so that an interrupted build downloads nothing twice. */
const keepArchives = `mkdir -p "$1/var/cache/apt/archives" && mount --bind "$ARCHIVES" "$1/var/cache/apt/archives"`;
const releaseArchives = `umount "$1/var/cache/apt/archives"`;

/**
 * As process 1 of its namespaces: an overlay over the root itself that leaves out every fsync (a third of the time, and a build that was cut off
 * is thrown away anyway), where the kernel has that, then mmdebstrap. $1 is the root, $2 a scratch folder on the same disk.
 */
const enterScript = `
mkdir "$1" "$2" "$2/lower" "$2/work" "$2/tmp"
export TMPDIR="$2/tmp"
mount -t overlay -o "volatile,lowerdir=$2/lower,upperdir=$1,workdir=$2/work" overlay "$1" 2> /dev/null || true
shift 2
exec mmdebstrap "$@"
`;

/** Everything that decides what is in the tree, for its key in the cache. */
export function recipe(): string {
  return JSON.stringify([DEBIAN_SUITE, allDebianPackages(), excluded, beforePackages, afterPackages, process.arch]);
}

/**
 * Builds a root tree as the new folder `root` by mmdebstrap, which starts no service; in a mount and process namespace of its own, so that
 * neither mounts nor processes can be left behind. `archives` keeps downloads for the next attempt.
 *
 * @throws DebianUnavailable with the reason, or the reason of the signal.
 */
export async function buildRoot(root: string, archives: string, context: BuildContext): Promise<void> {
  let step = "starting mmdebstrap";
  context.onProgress(step);
  const ticker = setInterval(() => context.onProgress(`${step}${stepFigure(root, archives)}`), progressMs);
  try {
    await runMmdebstrap(root, archives, context, (named) => {
      step = named;
      context.onProgress(step);
    });
  } finally {
    clearInterval(ticker);
  }
}

async function runMmdebstrap(
  root: string,
  archives: string,
  context: BuildContext,
  onStep: (step: string) => void,
): Promise<void> {
  const scratch = `${root}.scratch`;
  const sources = await aptSources();
  const options = [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    "--components=main",
    `--include=${allDebianPackages().join(",")}`,
    "--dpkgopt=force-unsafe-io",
    ...excluded.map((path) => `--dpkgopt=path-exclude=${path}`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=Acquire::Retries "3"',
    `--setup-hook=${keepArchives}`,
    `--essential-hook=${beforePackages}`,
    `--customize-hook=${releaseArchives}`,
    `--customize-hook=${afterPackages}`,
    "--skip=download/empty,essential/unlink,cleanup/apt/cache,cleanup/run",
  ];
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const mmdebstrap = [...options, DEBIAN_SUITE, root, ...(sources === undefined ? [] : ["-"])];
  const enter = ["sh", "-ec", enterScript, "sh", root, scratch, ...mmdebstrap];
  const build = execa("setpriv", ["--pdeathsig", "KILL", "unshare", ...namespaces, "--", ...enter], {
    env: { ...(await aptProxies()), ARCHIVES: archives, LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" },
    stdin: sources === undefined ? "ignore" : new TextEncoder().encode(sources),
    stdout: "ignore",
    reject: false,
    cancelSignal: context.signal,
    killSignal: "SIGKILL",
  });
  const messages: string[] = [];
  try {
    for await (const line of build.iterable({ from: "stderr" })) {
      if (messages.push(line) > 200) messages.shift();
      const named = /^I: (?!running --|skipping)(.*?)\.*$/.exec(line)?.[1];
      if (named !== undefined) onStep(named);
    }
  } catch {
    // The iteration fails where the process does; its result tells more.
  }
  const result = await build;
  context.signal?.throwIfAborted();
  if (result.failed) throw new DebianUnavailable(explainFailure(messages.join("\n") || result.shortMessage || ""));
  await rm(scratch, { recursive: true });
  // Now what was left out: the tree must not count as done while parts of it are only in memory.
  await execa("sync", ["--file-system", root]);
}

/** Of the step: how much is downloaded, or how many packages are configured. */
function stepFigure(root: string, archives: string): string {
  const downloaded = readdirSync(archives, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  let configured = 0;
  try {
    configured =
      readFileSync(join(root, "var/lib/dpkg/status"), "utf8").split("Status: install ok installed").length - 1;
  } catch {
    // Not there before the first package.
  }
  return ` (${Math.round(downloaded / 1e6)} MB downloaded, ${configured} packages installed)`;
}

/**
 * Lines for apt from the mirror of this machine, where it is a Debian that has one; otherwise undefined, for mmdebstrap's own default.
 */
async function aptSources(): Promise<string | undefined> {
  const format = "$(REPO_URI) $(CODENAME)";
  const targets = (
    await printed("apt-get", "indextargets", "--format", format, "Created-By: Packages", "Origin: Debian")
  )
    .split("\n")
    .map((line) => line.split(" "));
  const release = targets.find(([, codename]) => /^[a-z]+$/.test(codename ?? ""))?.[0];
  const security = targets.find(([, codename]) => codename?.endsWith("-security"))?.[0];
  // What is written here stays in the tree: no mirror that has a password in its address.
  if (release === undefined || security === undefined || /@/.test(release + security)) return undefined;
  return [
    `deb ${release} ${DEBIAN_SUITE} main`,
    `deb ${release} ${DEBIAN_SUITE}-updates main`,
    `deb ${security} ${DEBIAN_SUITE}-security main`,
    "",
  ].join("\n");
}

/** The proxies of this machine's apt, which mmdebstrap does not read by itself; by environment, as an option would stay in the tree. */
async function aptProxies(): Promise<Record<string, string>> {
  const dump = await printed("apt-config", "dump", "Acquire");
  const found = dump.matchAll(/^Acquire::(https?)::Proxy "(.+)";$/gm);
  return Object.fromEntries([...found].map(([, scheme, proxy]) => [`${scheme}_proxy`, proxy ?? ""]));
}

/** What a command prints; nothing where it fails or does not exist. */
async function printed(command: string, ...argv: string[]): Promise<string> {
  const result = await execa(command, argv, { reject: false, stdin: "ignore" });
  return result.stdout ?? "";
}

function explainFailure(output: string): string {
  const errors = output.split("\n").filter((line) => /^(E: |W: Failed|Err:|dpkg: error)|No space left/.test(line));
  const quoted = (errors.length > 0 ? errors : output.split("\n"))
    .slice(-5)
    .join("; ")
    .replace(/\/\/[^/\s]*@/g, "//***@")
    .slice(0, 1000);
  if (/No space left on device/.test(output)) return `the disk is full: free space and run it again (${quoted})`;
  if (
    /Could not resolve|Could not connect|Failed to fetch|Temporary failure|Connection (failed|refused|timed out)/.test(
      output,
    )
  ) {
    return `Debian's packages could not be downloaded: is the network or the mirror of apt's sources reachable? (${quoted})`;
  }
  return `mmdebstrap failed: ${quoted}`;
}
