// Mutation testing of the rules: `npm run mutation`. What came of it stands in docs/checks.md.
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = "test/mutation";
const folders = ["policies", "graph", "catalogue", "register", here];

export default {
  testRunner: "in-process",
  plugins: [`./${here}/runner.ts`, `./${here}/words.ts`],
  mutate: [
    "policies/rules/**/*.ts",
    "policies/core/**/*.ts",
    "!**/*.test.ts",
    "!**/testing.ts",
    // These make the rules' pages and read their examples: no rule.
    "!policies/rules/{pages,example}.ts",
  ],
  // A copy of these is changed, never the tree itself; outside of it, so that nobody else's run finds the copy.
  ignorePatterns: [
    "**",
    "!package.json",
    "!tsconfig.json",
    ...folders.map((folder) => `!${folder}/**`),
    // Labs come and go there while files are looked for.
    "/.sovereign",
  ],
  tempDirName: join(tmpdir(), `sovereign-mutation-${process.pid}`),
  cleanTempDir: "always",
  ignorers: ["words"],
  coverageAnalysis: "perTest",
  concurrency: 1,
  // Loading anew leaves the old copies in memory.
  maxTestRunnerReuse: 500,
  timeoutMS: 30_000,
  incrementalFile: ".sovereign/mutation/incremental.json",
  reporters: ["clear-text", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: ".sovereign/mutation/report.json" },
  allowConsoleColors: false,
};
