/** Brings the toolchain and says how: what `npm test` runs first. */
import { ensureToolchain } from "./ensure.ts";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort()).once("SIGTERM", () => stop.abort());

try {
  const { network, reason } = await ensureToolchain({ onProgress: (line) => console.log(line), signal: stop.signal });
  console.log(`toolchain ready: ${network} network (${reason})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
