/** Which resources an update changes, by name. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { nameOf } from "./progress.ts";

const noted: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  "create-replacement": "replaced",
};

/** Adds what an event says to resources by what happened to them: `Server shop-app-fsn1-1` under `created`. The provider's alone. */
export function noteChange(changes: Record<string, string[]>, { resOutputsEvent: ended }: EngineEvent): void {
  const what = ended && noted[ended.metadata.op];
  if (!what || !ended.metadata.type.startsWith("hcloud:")) return;
  const { urn, type } = ended.metadata;
  changes[what] ??= [];
  changes[what].push(`${type.slice(type.lastIndexOf(":") + 1)} ${nameOf(urn)}`);
  changes[what].sort();
}
