#!/usr/bin/env node
// Runs under any Node from 20 on and hands over to the one that package.json pins, which runs TypeScript by itself.
import { leanOptions, runScript } from "../toolchain/pinned-node.mjs";

/** What reads a whole deployment at once, in pipelines with little memory. */
const LEAN = ["check", "review"];

try {
  const args = process.argv.slice(2);
  process.exitCode = await runScript("cli/main.ts", args, LEAN.includes(args[0]) ? leanOptions : []);
} catch (error) {
  console.error(`sovereign: ${error.message}`);
  process.exitCode = 2;
}
