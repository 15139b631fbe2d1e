/** Brings the toolchain and says how: what `npm test` runs first. */
import { ensureToolchain } from "./ensure.ts";

const stop = new AbortController();
// npm hands on a Ctrl-C that the terminal has sent already: the second must not end this before it has tidied up.
process.on("SIGINT", () => stop.abort()).on("SIGTERM", () => stop.abort());

try {
  const { network, reason } = await ensureToolchain({ onProgress: (line) => console.log(line), signal: stop.signal });
  console.log(`toolchain ready: ${network} network (${reason})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
