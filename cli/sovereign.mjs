#!/usr/bin/env node
// Runs under any Node from 20 on and hands over to the one that package.json pins, which runs TypeScript by itself.
import { runScript } from "../toolchain/pinned-node.mjs";

try {
  process.exitCode = await runScript("cli/main.ts", process.argv.slice(2));
} catch (error) {
  console.error(`sovereign: ${error.message}`);
  process.exitCode = 2;
}
