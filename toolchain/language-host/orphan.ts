import { fstatSync } from "node:fs";

/**
 * Calls back when the engine has gone. One that was killed says nothing, but its end of the pipe it gave as standard
 * input closes; what it started must not outlive it.
 */
export function onEngineGone(leave: () => void): void {
  if (fstatSync(0).isFIFO()) process.stdin.on("end", leave).resume();
}
