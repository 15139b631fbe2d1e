// What the npm scripts start: makes a fresh clone ready, then runs the real command under the pinned Node.
// Plain JavaScript without dependencies, for any Node from 20 on.
const OLDEST = 20;
const USAGE = "usage: node toolchain/bootstrap.mjs <demo|lab|load|test|bench|mutation> [arguments]";

async function main([command, ...args]) {
  if (Number(process.versions.node.split(".")[0]) < OLDEST) {
    throw new Error(`Node ${OLDEST} or later is needed; this is ${process.version} (${process.execPath}).`);
  }
  const { ensureInstalled } = await import("./install.mjs");
  const { projectRoot, run, runScript } = await import("./pinned-node.mjs");
  const commands = {
    demo: () => runScript("cli/main.ts", ["demo", ...args]),
    lab: () => runScript("cli/main.ts", ["lab", "up", ...args]),
    load: () => runScript("cli/main.ts", ["load", ...args]),
    bench: () => runScript("bench/main.ts", args),
    mutation: () =>
      run("stryker", ["run", "test/mutation/stryker.config.mjs", "--incremental", ...args], { cwd: projectRoot }),
    test: () => import("./run-tests.mjs").then(({ runTests }) => runTests(args)),
  };
  if (!Object.hasOwn(commands, command ?? "")) throw new Error(USAGE);
  await ensureInstalled(projectRoot);
  return commands[command]();
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
