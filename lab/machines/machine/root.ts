import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Run } from "../run.ts";

/** What a machine's disk gets before its first boot. */
export interface Seed {
  readonly server: number;
  readonly hostname: string;
  readonly userData: Uint8Array;
  /** Public keys for root, in OpenSSH format. */
  readonly authorizedKeys: readonly string[];
  readonly nameservers: readonly string[];
  /** An authority that the machine trusts besides Debian's. */
  readonly authority?: { readonly pem: string; readonly subjectHash: string } | undefined;
}

export interface SeedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** @default 0o644 */
  readonly mode?: number;
  /** Written behind what the tree has there. */
  readonly append?: boolean;
}

/** Folder in the machine, bound from the lab's: what the lab tells a machine at each boot. */
export const labFolderInside = "/run/sovereign-lab";

/**
 * What cloud-init is told besides the provider's own: where its data is, and that the lab makes the interfaces. An RSA key would take a
 * second of a processor. The list of data sources must have a line of its own, as a shell script looks for it.
 */
const cloudConfig = `datasource_list: [ NoCloud ]
network: { config: disabled }
disable_root: false
apt: { preserve_sources_list: true }
ssh_genkeytypes: [ ed25519 ]
`;

const bootUnit = `[Unit]
Description=What the lab does at each boot: names of volumes, and what systemd leaves out in containers
DefaultDependencies=no
Before=local-fs-pre.target systemd-sysctl.service
After=systemd-remount-fs.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${labFolderInside}/boot.sh boot
`;

/**
 * Masked: the lab configures interfaces, nobody sits at a console, and what only keeps the processors busy on many small machines.
 */
const masked = [
  "systemd-networkd.service",
  "systemd-networkd.socket",
  "systemd-networkd-wait-online.service",
  "console-getty.service",
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "xfs_scrub_all.timer",
];

/** Everything that is written, except for links. */
export function seedFiles(seed: Seed): SeedFile[] {
  const metadata = {
    "instance-id": String(seed.server),
    "local-hostname": seed.hostname,
    "public-keys": [...seed.authorizedKeys],
  };
  const nocloud = "/var/lib/cloud/seed/nocloud";
  const { authority } = seed;
  return [
    { path: `${nocloud}/meta-data`, content: `${JSON.stringify(metadata)}\n` },
    { path: `${nocloud}/user-data`, content: seed.userData, mode: 0o600 },
    { path: "/etc/cloud/cloud.cfg.d/90-lab.cfg", content: cloudConfig },
    { path: "/etc/hostname", content: `${seed.hostname}\n` },
    { path: "/etc/machine-id", content: `${randomBytes(16).toString("hex")}\n`, mode: 0o444 },
    { path: "/etc/resolv.conf", content: seed.nameservers.map((address) => `nameserver ${address}\n`).join("") },
    // All packages are there: apt finds them installed, and no mirror to ask.
    { path: "/etc/apt/sources.list", content: "" },
    { path: "/etc/systemd/system/sovereign-lab.service", content: bootUnit },
    ...(authority
      ? [
          { path: "/usr/local/share/ca-certificates/lab.crt", content: authority.pem },
          { path: `/etc/ssl/certs/${authority.subjectHash}.0`, content: authority.pem },
          { path: "/etc/ssl/certs/ca-certificates.crt", content: authority.pem, append: true },
        ]
      : []),
  ];
}

/** Links by path: to what they lead. */
export function seedLinks(): Record<string, string> {
  const units = "/etc/systemd/system";
  return {
    [`${units}/sysinit.target.wants/sovereign-lab.service`]: "../sovereign-lab.service",
    ...Object.fromEntries(masked.map((unit) => [`${units}/${unit}`, "/dev/null"])),
  };
}

/** Where a machine's disk lies. */
export interface RootFiles {
  readonly folder: string;
  /** Mount point of the whole root, seen in the lab's world only. */
  readonly root: string;
  readonly console: string;
  /** Bound into the machine as {@link labFolderInside}. */
  readonly lab: string;
}

export function rootFiles(machines: string, server: number): RootFiles {
  const folder = join(machines, String(server));
  return {
    folder,
    root: join(folder, "root"),
    console: join(folder, "console.log"),
    lab: join(folder, "lab"),
  };
}

/**
 * Mounts a machine's root: the Debian tree below, its own disk above. The first time the disk is seeded; later what is on it belongs to
 * the machine, and nothing is written there from outside. Repeatable.
 */
export async function mountRoot(files: RootFiles, tree: string, seed: Seed, run: Run): Promise<void> {
  const [upper, work, seeded] = ["upper", "work", "seeded"].map((name) => join(files.folder, name)) as [
    string,
    string,
    string,
  ];
  if (!existsSync(seeded)) {
    await unmountRoot(files, run);
    for (const path of [upper, work]) rmSync(path, { recursive: true, force: true });
  }
  for (const path of [upper, work, files.root, files.lab]) mkdirSync(path, { recursive: true, mode: 0o755 });
  if (await isMounted(files.root, run)) return;
  const options = `lowerdir=${tree},upperdir=${upper},workdir=${work}`;
  await run(["mount", "-t", "overlay", "-o", options, "overlay", files.root]);
  if (existsSync(seeded)) return;
  writeSeed(files.root, seed);
  writeFileSync(seeded, "");
}

export async function unmountRoot(files: RootFiles, run: Run): Promise<void> {
  if (await isMounted(files.root, run)) await run(["umount", "--recursive", files.root]);
}

const isMounted = (path: string, run: Run): Promise<boolean> =>
  run(["mountpoint", "--quiet", path]).then(
    () => true,
    () => false,
  );

/** Into a tree that no machine has touched yet, so that no link in it can lead elsewhere. */
function writeSeed(root: string, seed: Seed): void {
  for (const { path, content, mode = 0o644, append } of seedFiles(seed)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    if (!append) rmSync(file, { force: true });
    writeFileSync(file, content, { mode, flag: append ? "a" : "wx" });
  }
  for (const [path, target] of Object.entries(seedLinks())) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    rmSync(file, { force: true });
    symlinkSync(target, file);
  }
}
