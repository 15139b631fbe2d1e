import { Command } from "commander";
import { type Measure, renderTable } from "./measure.ts";

const suites: Record<string, () => Promise<{ run(): Promise<Measure[]> }>> = {
  "lab-api": () => import("./lab-api.ts"),
  graph: () => import("./graph.ts"),
  check: () => import("./check.ts"),
  packs: () => import("./packs.ts"),
  review: () => import("./review.ts"),
  preview: () => import("./preview.ts"),
};

const program = new Command("bench")
  .description("Measures what the project promises; exit code 1 when a limit is exceeded")
  .argument("[suites...]", `which: ${Object.keys(suites).join(", ")}; all without`)
  .option("--json", "print JSON instead of a table")
  .addHelpText("after", "\nExamples:\n  npm run bench\n  npm run bench -- preview --json")
  .action(async (names: string[], options: { json?: boolean }) => {
    const unknown = names.filter((name) => !(name in suites));
    if (unknown.length)
      program.error(`no such suite: ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}`);
    const measures: Measure[] = [];
    for (const name of names.length ? names : Object.keys(suites)) {
      process.stderr.write(`${name}: measuring\n`);
      measures.push(...(await (await suites[name]!()).run()));
    }
    process.stdout.write(`${options.json ? JSON.stringify(measures, null, 2) : renderTable(measures)}\n`);
    if (measures.some((m) => m.limit !== undefined && m.value > m.limit)) process.exitCode = 1;
  });

await program.parseAsync();
