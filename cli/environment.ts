/** The variables that lead the engine, the provider and the program to a lab instead of a real cloud. */
import { pathToFileURL } from "node:url";
import { SERVICE_ADDRESSES } from "../lab/machines/network/names.ts";
import type { RunningLab } from "../lab/session/session.ts";
import type { Toolchain } from "../toolchain/ensure.ts";

export function labVariables(lab: RunningLab, toolchain: Pick<Toolchain, "env">): Record<string, string> {
  return {
    ...toolchain.env,
    HCLOUD_TOKEN: lab.secrets.token,
    HCLOUD_ENDPOINT: lab.endpoint,
    PULUMI_BACKEND_URL: pathToFileURL(lab.files.state).href,
    PULUMI_CONFIG_PASSPHRASE: lab.secrets.passphrase,
    // Without an `encryptionsalt` in the stack's file the state's own is used, instead of a new one at every run.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    BACKUP_ACCESS_KEY: lab.secrets.backupAccessKey,
    BACKUP_SECRET_KEY: lab.secrets.backupSecretKey,
    ENTRANCE_CERTIFICATE: lab.secrets.certificate,
    ENTRANCE_CERTIFICATE_KEY: lab.secrets.certificateKey,
    EDGE_CERTIFICATE: lab.secrets.edgeCertificate,
    EDGE_CERTIFICATE_KEY: lab.secrets.edgeCertificateKey,
    // Recorded there, for drills.
    ALERT_WEBHOOK_URL: `http://${SERVICE_ADDRESSES.webhook}/`,
  };
}

/** What would lead elsewhere: another backend, another project's credentials, another configuration. */
export const MISLEADING_VARIABLES: readonly string[] = [
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_CONFIG",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_OPTION_CONFIG_FILE",
  "PULUMI_OPTION_CWD",
  "PULUMI_OPTION_STACK",
  "PULUMI_STACK",
  "HCLOUD_CONTEXT",
  "HETZNER_ENDPOINT",
  "HETZNER_TOKEN",
];

/** An environment without what misleads and with the lab's variables. */
export function labEnvironment(
  lab: RunningLab,
  toolchain: Pick<Toolchain, "env">,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !MISLEADING_VARIABLES.includes(name));
  return { ...Object.fromEntries(kept), ...labVariables(lab, toolchain) };
}

export type Shell = "sh" | "fish";

/** Lines that a shell evaluates: what misleads is unset, the rest is set. */
export function renderExports(
  variables: Readonly<Record<string, string>>,
  shell: Shell,
  misleading: readonly string[] = MISLEADING_VARIABLES,
): string {
  const unset = misleading.map((name) => (shell === "fish" ? `set -e ${name};` : `unset ${name};`));
  const set = Object.entries(variables).map(([name, value]) =>
    shell === "fish" ? `set -gx ${name} ${quoteFish(value)};` : `export ${name}=${quoteSh(value)};`,
  );
  return [...unset, ...set].join("\n");
}

/** For sh, bash and zsh: nothing has a meaning between single quotes. */
function quoteSh(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoteFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
