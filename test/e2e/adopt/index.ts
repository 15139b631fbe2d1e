/** Either the project that exists already (`existing`), or one that states what a stack's state holds (`restated`). */
import { readFileSync } from "node:fs";

if (process.env.ADOPT_STATE) await import("./restated.ts");
else await import("./existing.ts");

// An empty file would be restated as nothing, and nothing would differ.
if (process.env.ADOPT_STATE && readFileSync(process.env.ADOPT_STATE, "utf8").length < 100)
  throw new Error("the state that is to be restated is empty");
