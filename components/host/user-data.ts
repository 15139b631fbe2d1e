import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { limits } from "../../catalogue/hetzner/limits.ts";
import { userDataPaths } from "./paths.ts";
import type { MachineFile } from "./role.ts";
import { fillSecrets, secretNames, secretToken } from "./secret-token.ts";

export interface CloudConfigSpec {
  readonly hostname: string;
  readonly groups: readonly string[];
  readonly packages: readonly string[];
  readonly files: readonly MachineFile[];
}

/**
 * The machine's cloud-config. JSON is YAML, and far quicker to write. Files of other users than root are written after
 * the packages that make those users.
 */
export function renderCloudConfig(spec: CloudConfigSpec): string {
  const config = {
    hostname: spec.hostname,
    preserve_hostname: false,
    manage_etc_hosts: true,
    ssh_pwauth: false,
    disable_root: false,
    ...(spec.groups.length > 0 ? { groups: [...spec.groups] } : {}),
    package_update: true,
    packages: [...new Set(spec.packages)].sort(),
    // Small ones, which are much alike, side by side: packed they are 1 % smaller.
    write_files: spec.files
      .toSorted((a, b) => a.content.length - b.content.length)
      .map((file) => ({
        path: file.path,
        permissions: file.mode ?? "0644",
        ...(file.owner && file.owner !== "root:root" ? { owner: file.owner, defer: true } : {}),
        content: file.content,
      })),
    runcmd: [[userDataPaths.firstBoot]],
  };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/**
 * gzip and base64, as one text. cloud-init's data source for the provider undoes base64 (`maybe_b64decode` in
 * DataSourceHetzner) and cloud-init itself undoes gzip. The result is the same for the same text on every machine.
 * @param level 1 is three times as quick as 9 and a tenth larger
 */
export function encodeUserData(text: string, level: 1 | 9 = 9): string {
  const packed = gzipSync(text, { level, memLevel });
  packed[9] = 255; // the header's operating system byte would differ between machines
  return packed.toString("base64");
}

/** Machines hold many short files that are not alike: smaller blocks with codes of their own are 1 % less than zlib's usual ones (8). */
const memLevel = 6;

/** Blocks of 64 characters that take as much room as Ed25519 certificates with long names, and their keys. */
const tlsBlocks: Readonly<Record<string, number>> = { "tls.authority": 10, "tls.certificate": 13, "tls.key": 3 };

/** Stands in for secrets that do not exist yet, as incompressible as they will be. */
export function filler(name: string): string {
  const blocks = tlsBlocks[name] ?? 1;
  return Array.from({ length: blocks }, (_, i) => createHash("sha384").update(`${name} ${i}`).digest("base64")).join(
    "",
  );
}

/**
 * Why the user data is too large, or undefined when it fits. Secrets that are not known yet are reckoned with, so that
 * the first preview already tells.
 * @param text the rendered `spec`
 * @param packed the same, encoded at whatever level
 */
export function userDataProblem(
  spec: CloudConfigSpec,
  text = renderCloudConfig(spec),
  packed = encodeUserData(text, 1),
): string | undefined {
  const names = secretNames(text);
  // Mostly a machine is far from the limit whatever its secrets are: then they need not be made up and packed.
  const secrets = names.reduce(
    (sum, name) => sum + (text.split(secretToken(name)).length - 1) * filler(name).length,
    0,
  );
  if (packed.length + Math.ceil((secrets * 4) / 3) <= limits.userDataBytes) return undefined;
  const dummies = Object.fromEntries(names.map((name) => [name, filler(name)]));
  const size = encodeUserData(fillSecrets(text, dummies)).length;
  if (size <= limits.userDataBytes) return undefined;
  const largest = spec.files
    .map((file) => ({ path: file.path, bytes: encodeUserData(file.content).length }))
    .sort((a, b) => b.bytes - a.bytes || a.path.localeCompare(b.path))
    .slice(0, 5)
    .map((part) => `${part.path} (about ${part.bytes} bytes)`);
  return (
    `user data of ${spec.hostname} is ${size} bytes when compressed; the provider takes at most ${limits.userDataBytes}. ` +
    `Largest parts: ${largest.join(", ")}. Move large files into the workload's archive, image or package.`
  );
}
