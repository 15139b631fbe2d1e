/** For tests: events as the engine tells them. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { ProgressCollector } from "./progress.ts";

export const urn = (type: string, name: string) => `urn:pulumi:dev::sovereign::${type}::${name}`;

export function step(
  op: string,
  type: string,
  name: string,
  part: "pre" | "done" | "failed",
  outputs = {},
): EngineEvent {
  const metadata = { op, type, urn: urn(type, name), new: { outputs } };
  const key = { pre: "resourcePreEvent", done: "resOutputsEvent", failed: "resOpFailedEvent" }[part];
  return { sequence: 0, timestamp: 0, [key]: { metadata } } as unknown as EngineEvent;
}

export const diagnostic = (severity: string, message: string, about?: string): EngineEvent =>
  ({ sequence: 0, timestamp: 0, diagnosticEvent: { severity, message, urn: about, color: "never" } }) as EngineEvent;

export const server = "hcloud:index/server:Server";

export function collect(...events: EngineEvent[]): ProgressCollector {
  const progress = new ProgressCollector();
  for (const event of events) progress.add(event);
  return progress;
}
