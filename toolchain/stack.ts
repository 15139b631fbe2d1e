import { execa } from "execa";
import { childEnv, type Toolchain } from "./ensure.ts";
import { ToolchainError } from "./errors.ts";
import { projectRoot } from "./versions.ts";

/** What {@link initStack} is told besides the stack's name. */
export interface InitStackOptions {
  /** Must hold PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE. @default process.env */
  env?: NodeJS.ProcessEnv;
  /** The folder with Pulumi.yaml. @default this project's */
  cwd?: string;
  signal?: AbortSignal;
}

/**
 * Creates a stack unless it exists. The stack's config file stays as it is, byte for byte, when it has an
 * `encryptionsalt` made with the same passphrase; when it has none, Pulumi adds one.
 * @returns whether the stack is new.
 * @throws ToolchainError when the passphrase is not the one of the config file, or when Pulumi fails otherwise.
 */
export async function initStack(toolchain: Toolchain, name: string, options: InitStackOptions = {}): Promise<boolean> {
  const { cwd = projectRoot, signal } = options;
  const result = await execa(toolchain.pulumi, ["stack", "init", name, "--no-select", "--non-interactive"], {
    cwd,
    env: childEnv(toolchain, options.env),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    cancelSignal: signal,
  });
  if (result.exitCode === 0) return true;
  if (/stack '.*' already exists/.test(result.stderr)) return false;
  if (result.stderr.includes("incorrect passphrase")) {
    throw new ToolchainError(
      `PULUMI_CONFIG_PASSPHRASE is not the passphrase that the "encryptionsalt" in Pulumi.${name}.yaml was made with: set the right one, or remove that line to begin with a new passphrase.`,
    );
  }
  throw new ToolchainError(`The stack ${name} could not be created: ${result.stderr.trim() || result.shortMessage}`);
}
