/** What a program's node_modules say of it: the plugins it needs, the packages it names, where its tools are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A resource plugin that an installed package asks for. */
export interface RequiredPackage {
  name: string;
  version: string;
  /** Where else than at the vendor's the plugin is served. */
  server: string;
}

/** A package by the name and version that are installed. */
export interface Dependency {
  name: string;
  version: string;
}

interface Manifest {
  name?: string;
  version?: string;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** A folder and those above it, nearest first. */
export function ancestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

function packageFolders(nodeModules: string): string[] {
  if (!existsSync(nodeModules)) return [];
  return readdirSync(nodeModules, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      const folder = path.join(nodeModules, entry.name);
      return entry.name.startsWith("@") ? readdirSync(folder).map((name) => path.join(folder, name)) : [folder];
    });
}

function requiredPackage(manifest: Manifest | undefined): RequiredPackage[] {
  const plugin = manifest?.pulumi;
  if (!plugin?.resource || !manifest?.name) return [];
  return [
    {
      name: plugin.name ?? manifest.name.replace(/^@pulumi\//, ""),
      version: plugin.version ?? manifest.version ?? "",
      server: plugin.server ?? "",
    },
  ];
}

/** The resource plugins that the packages visible from a program's folder ask for, each once. */
export function requiredPackages(programFolder: string): RequiredPackage[] {
  const found = ancestors(programFolder)
    .flatMap((folder) => packageFolders(path.join(folder, "node_modules")))
    .flatMap((folder) => requiredPackage(readManifest(folder)));
  return [...new Map(found.toReversed().map((plugin) => [plugin.name, plugin])).values()].toReversed();
}

/** The packages that the program's own manifest names, as installed. */
export function dependencies(programFolder: string): Dependency[] {
  const root = ancestors(programFolder).find((folder) => existsSync(path.join(folder, "package.json")));
  if (!root) return [];
  const manifest = readManifest(root);
  return Object.entries({ ...manifest?.dependencies, ...manifest?.devDependencies }).map(([name, wanted]) => ({
    name,
    version: readManifest(path.join(root, "node_modules", name))?.version ?? wanted,
  }));
}

/** The Node that the program's project pins, or the one that runs this process. */
export function pinnedNode(programFolder: string): string {
  const pinned = ancestors(programFolder).map((folder) => path.join(folder, "node_modules", ".bin", "node"));
  return pinned.find((file) => existsSync(file)) ?? process.execPath;
}
