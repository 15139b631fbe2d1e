/** The way into machines of a real deployment: OpenSSH's client, to the public address. */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { HostState } from "./state.ts";
import { type Ran, type RunOptions, toItsEnd, UNREACHABLE, type Way } from "./way.ts";

export interface SshOptions {
  readonly stack: string;
  /** Takes the keys of machines that nobody has met before; a key that has changed is refused all the same. @default false */
  readonly acceptNewHostKeys?: boolean;
  /** Private key. @default the agent's, and what the user's configuration of ssh says */
  readonly identity?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly run?: typeof toItsEnd;
}

/** Keys of machines that rollouts made, a file for each stack: below XDG_STATE_HOME, or ~/.local/state. */
export function knownHostsFile(stack: string, env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env.XDG_STATE_HOME;
  const base = xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), ".local", "state");
  return join(base, "sovereign-stacks", "known-hosts", stack);
}

/** One word of a shell's command line. */
const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const asOption = (file: string): string => `"${file.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;

/** Arguments for ssh: asks nobody anything, gives nothing away, and gives up in time. */
export function sshArguments(
  address: string,
  argv: readonly string[],
  {
    known,
    user,
    checking,
    identity,
  }: { known: string; user: string; checking: "yes" | "accept-new"; identity?: string | undefined },
): string[] {
  const options = [
    "BatchMode=yes",
    `StrictHostKeyChecking=${checking}`,
    // What is learnt goes into the first; what the user knows counts too.
    `UserKnownHostsFile=${asOption(known)} ${asOption(user)}`,
    "UpdateHostKeys=no",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ControlMaster=no",
    "LogLevel=ERROR",
  ];
  const key = identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"];
  return [
    "-T",
    ...options.flatMap((option) => ["-o", option]),
    ...key,
    "-l",
    "root",
    "--",
    address,
    argv.map(quote).join(" "),
  ];
}

/** What to do about words of ssh's that a user may not have met; undefined for others. */
export function explainSsh(address: string, words: string): string | undefined {
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/i.test(words))
    return `the key of ${address} is another than the one known: if a machine was made anew at that address, take the old one out with ssh-keygen -R ${address}`;
  if (/Host key verification failed|No \S+ host key is known/i.test(words))
    return `the key of ${address} is not known: connect once with "ssh root@${address}" and compare it, or run this with --accept-new-host-keys`;
  if (/Permission denied/i.test(words))
    return `root@${address} does not let this key in: the machine has the keys of admin.sshKeys as they were when it was made; choose one with --identity`;
  return undefined;
}

export function sshWay({
  stack,
  acceptNewHostKeys = false,
  identity,
  env = process.env,
  run = toItsEnd,
}: SshOptions): Way {
  const known = knownHostsFile(stack, env);
  const user = join(env.HOME || homedir(), ".ssh", "known_hosts");
  const fresh = new Set<string>();
  return {
    isNew: (host) => void fresh.add(host),
    async run(host: HostState, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
      const address = host.publicAddress;
      if (address === undefined || !/^[0-9a-fA-F.:]+$/.test(address))
        return { code: UNREACHABLE, stdout: "", stderr: `${host.name} has no public address` };
      mkdirSync(join(known, ".."), { recursive: true, mode: 0o700 });
      const checking = acceptNewHostKeys || fresh.has(host.name) ? "accept-new" : "yes";
      const ran = await run("ssh", sshArguments(address, argv, { known, user, checking, identity }), options, env);
      const meaning = ran.code === UNREACHABLE ? explainSsh(address, ran.stderr) : undefined;
      return meaning === undefined ? ran : { ...ran, stderr: meaning };
    },
  };
}
