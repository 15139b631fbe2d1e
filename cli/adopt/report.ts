/** What adoption says: what was found, what stays out and why, what to do next. */
import type { ImportFile } from "./import-file.ts";
import type { Findings, ResourceType } from "./resources.ts";
import { plain } from "./text.ts";

/** What the provider does not read back, and what a program that states it would do. */
const UNREAD: Partial<Record<ResourceType, { readonly properties: readonly string[]; readonly effect: string }>> = {
  Server: { properties: ["userData", "sshKeys"], effect: "would replace the server" },
  Volume: { properties: ["format", "automount"], effect: "would show an update, which changes nothing" },
};

export function renderTable({ resources }: Findings, file: ImportFile): string {
  const rows = resources.map(({ type, id }, at) => [type, file.resources[at]!.name, plain(id, 60)]);
  return renderRows([["TYPE", "NAME", "ID"], ...rows]);
}

export function renderLeftOut({ leftOut }: Findings): string {
  return leftOut
    .map(({ what, name, id, reason }) => `  ${what} ${plain(name, 80)} (${plain(id, 80)}): ${reason}`)
    .join("\n");
}

/** `4 resources: 1 Network, 2 Server, 1 Volume`, by the names of the types. */
export function renderCounts({ resources }: Findings): string {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => `${count} ${type}`);
  return `${resources.length} ${resources.length === 1 ? "resource" : "resources"}: ${parts.join(", ")}`;
}

export function renderNext({ resources }: Findings, file: string): string {
  const types = new Set(resources.map(({ type }) => type));
  const notes = Object.entries(UNREAD)
    .filter(([type]) => types.has(type as ResourceType))
    .map(
      ([type, { properties, effect }]) =>
        `  ${type}: ${properties.join(" and ")}. A program that states them ${effect}: give it ignoreChanges: ${JSON.stringify(properties)}`,
    );
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return [
    "Next, in the folder of the project that takes them over, with an empty stack selected:",
    `  pulumi import --file ${quoted} --protect --generate-code=false`,
    "    puts them into the stack's state, changes nothing at the provider, and protects each from deletion.",
    "    With --out index.ts instead of --generate-code=false the vendor's engine also writes a program of them.",
    "  pulumi refresh --preview-only      shows that nothing differs",
    "Until a program states them, `pulumi up` refuses: it would have to delete what is protected.",
    ...(notes.length > 0 ? ["", "Not read back by the provider:", ...notes] : []),
  ].join("\n");
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
