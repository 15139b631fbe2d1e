import { constants } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** A Debian root tree, never written to after it was built. */
export interface DebianTree {
  /** Absolute path of the root directory. */
  readonly root: string;
  /** An empty directory that runs mount on, each in a mount namespace of its own. */
  readonly mountPoint: string;
}

export interface DebianFile {
  readonly content: string | Uint8Array;
  /** Octal. @default "0644" */
  readonly mode?: string;
  /** `user` (and its group) or `user:group`, names of the tree. @default "root:root" */
  readonly owner?: string;
}

export interface RunSettings {
  /** Files by absolute path. Missing folders are made with mode 0755 and owned by root. */
  readonly files?: Readonly<Record<string, string | Uint8Array | DebianFile>>;
  /** What the program reads on its standard input. @default nothing */
  readonly stdin?: string | Uint8Array;
  /** User of the tree that the program runs as, with that user's groups. @default "root" */
  readonly user?: string;
  /** Added to `PATH`, `HOME=/root`, `LANG=C.UTF-8`; nothing else of this process' environment is seen. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds, for everything. @default 30000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code of the program; 128 + n when signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Most that a run may print on either output. In bytes. */
const maxOutput = 16 * 1024 * 1024;
const started = "started\n";

/** Shell, in a mount namespace of its own: `merged` below `$top`, where it goes, is the tree `$root` with changes that live in memory. */
export const overlayInMemory = `umask 022
mount -t tmpfs -o mode=0755 tmpfs "$top"
cd "$top"
mkdir upper work merged
mount -t overlay -o "lowerdir=$root,upperdir=$top/upper,workdir=$top/work" overlay merged
`;

/**
 * As process 1 of namespaces of its own (mounts, processes, network, host name, IPC): an overlay whose changes live in memory, devices,
 * a loopback interface, then the files, then the program. Everything is gone with this process. The program gets pipes, as a program that
 * opens /dev/stdout or /dev/stdin fails on the sockets that are this process' own; and a process namespace within, which ends with it, so
 * that nothing it leaves running holds the pipes open. $1 root, $2 mount point, $3 user.
 */
const enterScript = `
set -eu
root=$1 top=$2 user=$3
shift 3
${overlayInMemory}mount -t sysfs -o ro sysfs merged/sys
mount -t tmpfs -o mode=1777 tmpfs merged/dev/shm
echo debian > /proc/sys/kernel/hostname
chroot merged /usr/sbin/ip link set lo up
chroot merged /usr/bin/python3 -ISc "$PLACE_FILES" <&3
exec 3<&-
unset PLACE_FILES
test "$user" = root || {
  group=$(chroot merged id -g -- "$user")
  set -- setpriv "--reuid=$user" "--regid=$group" --init-groups -- "$@"
}
mkfifo -m 0666 out err
exec 5<&0 < /dev/null
cat < out 5<&- &
cat < err >&2 5<&- &
printf '${started}' >&4
exec 4>&-
set +e
cat <&5 2> /dev/null | unshare --pid --fork --kill-child --mount-proc=merged/proc \\
  sh -c 'exec 5<&-; chmod 0666 /proc/self/fd/0; chroot merged "$@"; exit $?' sh "$@" > out 2> err
code=$?
wait
exit $code
`;

/** Reads the files as JSON: path, mode, owner, base64 of the content. (No shutil: it takes longer to load than all the rest.) */
const placeFiles = `
import binascii, grp, json, os, pwd, sys
def known(find, name):
    try: return find(name)
    except KeyError: sys.exit(f"no such user or group in the Debian tree: {name}")
for path, mode, owner, content in json.load(sys.stdin):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.islink(path): os.unlink(path)
    with open(path, "wb") as file: file.write(binascii.a2b_base64(content))
    user, _, group = owner.partition(":")
    account = known(pwd.getpwnam, user)
    os.chown(path, account.pw_uid, known(grp.getgrnam, group).gr_gid if group else account.pw_gid)
    os.chmod(path, int(mode, 8))
`;

/**
 * Runs a program of the tree with files in place. The tree stays as it is, no network but an own loopback is there, and nothing is left
 * afterwards: no process, mount or file, even if this process is killed. Runs at the same time do not see each other.
 *
 * @throws Error when the program could not be started, took too long (it is killed), or printed too much.
 */
export async function runInDebian(
  tree: DebianTree,
  run: RunSettings & { readonly argv: readonly [string, ...string[]] },
): Promise<RunResult> {
  const timeoutMs = run.timeoutMs ?? 30_000;
  const namespaces = [
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
    "--net",
    "--uts",
    "--ipc",
  ];
  const enter = ["sh", "-c", enterScript, "sh", tree.root, tree.mountPoint, run.user ?? "root", ...run.argv];
  const result = await execa("setpriv", ["--pdeathsig", "KILL", "unshare", ...namespaces, "--", ...enter], {
    extendEnv: false,
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      LANG: "C.UTF-8",
      PLACE_FILES: placeFiles,
      ...run.env,
    },
    cwd: "/",
    stdio: [
      run.stdin === undefined ? "ignore" : bytes(run.stdin),
      "pipe",
      "pipe",
      bytes(JSON.stringify(fileList(run.files ?? {}))),
      "pipe",
    ],
    cancelSignal: run.signal,
    reject: false,
    stripFinalNewline: false,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: maxOutput,
  });
  const stderr = String(result.stderr ?? "");
  const what = `${run.argv[0]} in the Debian tree`;
  run.signal?.throwIfAborted();
  if (result.timedOut) throw new Error(`${what} did not end within ${timeoutMs} ms and was killed: ${tail(stderr)}`);
  if (result.isMaxBuffer) throw new Error(`${what} printed more than ${maxOutput} bytes and was killed`);
  if (result.stdio[4] !== started) {
    throw new Error(`${what} could not be started: ${tail(stderr) || result.shortMessage}`);
  }
  return { code: exitCode(result), stdout: String(result.stdout ?? ""), stderr };
}

/** {@link runInDebian} for several commands: a POSIX shell script, ended by the first command that fails (`set -eu`). */
export function runScript(tree: DebianTree, run: RunSettings & { readonly script: string }): Promise<RunResult> {
  return runInDebian(tree, { ...run, argv: ["/bin/sh", "-euc", run.script] });
}

function fileList(files: NonNullable<RunSettings["files"]>): [string, string, string, string][] {
  return Object.entries(files).map(([path, given]) => {
    if (!path.startsWith("/") || join(path) !== path || path.endsWith("/")) {
      throw new Error(`Not the absolute path of a file: ${JSON.stringify(path)}`);
    }
    const file: DebianFile = typeof given === "string" || given instanceof Uint8Array ? { content: given } : given;
    const mode = file.mode ?? "0644";
    if (!/^[0-7]{3,4}$/.test(mode)) throw new Error(`${path}: mode ${JSON.stringify(mode)} is not octal like "0640"`);
    return [path, mode, file.owner ?? "root:root", Buffer.from(bytes(file.content)).toString("base64")];
  });
}

function bytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function exitCode(result: { exitCode?: number; signal?: NodeJS.Signals }): number {
  return result.exitCode ?? 128 + (result.signal === undefined ? 0 : constants.signals[result.signal]);
}

function tail(text: string): string {
  return text.trim().slice(-2000);
}
