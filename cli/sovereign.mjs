#!/usr/bin/env node
// `npx sovereign`: starts the command line under the pinned Node.
import { runScript } from "../toolchain/pinned-node.mjs";

try {
  process.exit(await runScript("cli/main.ts", process.argv.slice(2)));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
