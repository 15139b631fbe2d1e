#!/usr/bin/env node
// Runs under any Node from 20 on and hands over to the one that package.json pins, which runs TypeScript by itself.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

if (!existsSync(pinned)) {
  console.error(
    'sovereign: the packages of this project are not installed: run "npm ci" (or "npm run demo") in its folder first',
  );
  process.exit(2);
}
const child = spawn(pinned, ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)], {
  stdio: "inherit",
});
// A terminal sends Ctrl-C to both; what is sent to this process alone is passed on.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`sovereign: cannot start ${pinned}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
