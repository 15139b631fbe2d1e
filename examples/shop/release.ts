/** `npm run release`: the shop as one archive, for machines whose Node runs no TypeScript and that install no packages. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Metafile } from "esbuild";
import { type ArchiveFile, storedGzip, tar } from "./tar.ts";

const folder = import.meta.dirname;
const root = join(folder, "..", "..");

export interface Release {
  /** `shop-<first 12 digits of the sha256>.tar.gz`: another content has another name. */
  readonly name: string;
  readonly sha256: string;
  /** .tar.gz, with `shop.mjs` and `public/` at its top. */
  readonly archive: Buffer;
}

/** One file for Node 20, which is Debian 13's, and what went into it. */
async function bundle(): Promise<{ code: Uint8Array; inputs: string[] }> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["examples/shop/main.ts"],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Paths within node_modules, which are not everywhere the same, stand in the code unless it is minified.
    minify: true,
    legalComments: "none",
    // Packages that are not ES modules ask for Node's own by require; pg asks for a native driver, which nobody needs.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    external: ["pg-native"],
    outfile: "shop.mjs",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return { code: result.outputFiles[0]!.contents, inputs: Object.keys((result.metafile as Metafile).inputs) };
}

/** Licences of the packages in the bundle, as these ask for. */
function renderLicences(inputs: readonly string[]): string {
  const packages = new Set(
    inputs.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(0, 1) ?? []),
  );
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
    const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file
      ? readFileSync(join(root, path, file), "utf8")
          .replaceAll("\r\n", "\n")
          .trim()
      : "";
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n`);
}

/** Builds the archive: the same sources and packages give the same bytes, on every machine and day. */
export async function buildRelease(): Promise<Release> {
  const { code, inputs } = await bundle();
  const assets = readdirSync(join(folder, "public")).map(
    (file): ArchiveFile => ({ path: `public/${file}`, content: readFileSync(join(folder, "public", file)) }),
  );
  const licences = Buffer.from(renderLicences(inputs));
  const archive = storedGzip(
    tar([{ path: "shop.mjs", content: code }, { path: "LICENCES.txt", content: licences }, ...assets]),
  );
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return { name: `shop-${sha256.slice(0, 12)}.tar.gz`, sha256, archive };
}

const anyRelease = /(url: \S*\/)shop-[0-9a-f]{12}\.tar\.gz(\s+sha256: )[0-9a-f]{64}\b/g;

/** A stack's configuration with this release in the place of another one. */
export function withRelease(config: string, { name, sha256 }: Pick<Release, "name" | "sha256">): string {
  return config.replace(anyRelease, (_, url: string, key: string) => `${url}${name}${key}${sha256}`);
}

if (import.meta.main) {
  const { name, sha256, archive } = await buildRelease();
  const releases = join(root, ".sovereign", "releases");
  mkdirSync(releases, { recursive: true });
  writeFileSync(join(releases, name), archive);
  console.log(`${relative(process.cwd(), join(releases, name))} (${Math.ceil(archive.length / 1024)} KiB)

Put it where your servers can fetch it without credentials, and into the stack's configuration:

      archive:
        url: https://fsn1.your-objectstorage.com/shop-releases/${name}
        sha256: ${sha256}

The example configurations of this repository: npm run generate`);
}
