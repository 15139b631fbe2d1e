import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** In its public name: another content has another name, so that this one may be kept for ever. */
  readonly hash: string;
}

export interface Assets {
  /** Public path of a file: `/assets/shop.0123456789ab.css`. */
  path(file: string): string;
  /** By public path. Not `current`, when the path is of another release: old and new servers work side by side for a while. */
  find(path: string): { readonly asset: Asset; readonly current: boolean } | undefined;
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** @throws for a file of a kind that has no type here */
export function loadAssets(folder: URL): Assets {
  const files = new Map<string, Asset>();
  for (const file of readdirSync(folder).sort()) {
    const type = types[extname(file)];
    if (!type) throw new Error(`public/${file}: no content type is known for it`);
    const body = new Uint8Array(readFileSync(new URL(file, folder)));
    files.set(file, { body, type, hash: createHash("sha256").update(body).digest("hex").slice(0, 12) });
  }
  return {
    path(file) {
      const asset = files.get(file);
      if (!asset) throw new Error(`public/${file} does not exist`);
      const extension = extname(file);
      return `/assets/${file.slice(0, -extension.length)}.${asset.hash}${extension}`;
    },
    find(path) {
      const [, name, hash, extension] = /^\/assets\/([a-z0-9-]+)\.([0-9a-f]{12})(\.[a-z]+)$/.exec(path) ?? [];
      const asset = files.get(`${name}${extension}`);
      return asset && { asset, current: asset.hash === hash };
    },
  };
}
