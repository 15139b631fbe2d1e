import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../api/model.ts";
import type { Run } from "./run.ts";

const GB = 1024 ** 3;

/** Node of a block device as a machine sees it too. */
export interface VolumeDevice {
  /** Such as `/dev/loop3`. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

/** The provider's stable name of a volume, below `/dev/disk/by-id`. */
export const volumeLink = (volume: number): string => `scsi-0HC_Volume_${volume}`;

/** Bytes that a volume really has: whole pages, as loop devices want it. */
export const volumeBytes = (volume: Pick<VolumeRecord, "size">, limitGb: number): number =>
  Math.floor((Math.min(volume.size, limitGb) * GB) / 4096) * 4096;

/**
 * Volumes as sparse files behind loop devices. A device stays for as long as this process holds it open, whatever machines do: the
 * kernel removes it with the last one that has it open or mounted.
 */
export class Volumes {
  readonly #folder: string;
  readonly #limitGb: number;
  readonly #run: Run;
  readonly #open = new Map<number, Promise<VolumeDevice & { readonly descriptor: number }>>();

  /** @param limitGb most GB that a volume really has */
  constructor(folder: string, limitGb: number, run: Run) {
    this.#folder = folder;
    this.#limitGb = limitGb;
    this.#run = run;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  #image(id: number): string {
    return join(this.#folder, `${id}.img`);
  }

  /** The volume's device, made when it is missing; its image too, with the file system that was asked for. */
  device(volume: VolumeRecord): Promise<VolumeDevice> {
    const known = this.#open.get(volume.id);
    if (known) return known;
    const opening = this.#attach(volume);
    this.#open.set(volume.id, opening);
    opening.catch(() => this.#open.delete(volume.id));
    return opening;
  }

  async #attach(volume: VolumeRecord): Promise<VolumeDevice & { readonly descriptor: number }> {
    await this.#ensureImage(volume);
    const path = (await this.#run(["losetup", "--find", "--show", this.#image(volume.id)])).trim();
    const descriptor = openSync(path, "r");
    // In use, so this only marks it to go with its last user.
    await this.#run(["losetup", "--detach", path]);
    const { rdev } = statSync(path);
    return { path, descriptor, ...deviceNumbers(rdev) };
  }

  async #ensureImage(volume: VolumeRecord): Promise<void> {
    const image = this.#image(volume.id);
    if (existsSync(image)) return;
    const temporary = `${image}.new`;
    writeFileSync(temporary, "", { mode: 0o600 });
    truncateSync(temporary, volumeBytes(volume, this.#limitGb));
    if (volume.format === "ext4") await this.#run(["mkfs.ext4", "-q", "-F", temporary]);
    if (volume.format === "xfs") await this.#run(["mkfs.xfs", "-q", temporary]);
    renameSync(temporary, image);
  }

  /** Makes it as large as its record says; it never shrinks. */
  async resize(volume: VolumeRecord): Promise<void> {
    const device = await this.device(volume);
    const image = this.#image(volume.id);
    const bytes = volumeBytes(volume, this.#limitGb);
    if (statSync(image).size >= bytes) return;
    truncateSync(image, bytes);
    await this.#run(["losetup", "--set-capacity", device.path]);
  }

  /** Its data is gone for good. */
  async remove(id: number): Promise<void> {
    await this.#release(id);
    rmSync(this.#image(id), { force: true });
  }

  async #release(id: number): Promise<void> {
    const device = await this.#open.get(id)?.catch(() => undefined);
    this.#open.delete(id);
    if (device) closeSync(device.descriptor);
  }

  /** Removes images of volumes that are no more. */
  keepOnly(ids: ReadonlySet<number>): void {
    for (const name of readdirSync(this.#folder)) {
      const id = Number(/^(\d+)\.img/.exec(name)?.[1]);
      if (!ids.has(id)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** Lets go of all devices; the data stays. */
  async close(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.#release(id);
  }
}

/** A device number as Linux packs it: 12 bits of major, 20 of minor. */
export const deviceNumbers = (rdev: number): { major: number; minor: number } => ({
  major: (rdev >> 8) & 0xfff,
  minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00),
});
