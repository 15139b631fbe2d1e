import { Command } from "commander";
import { ensureToolchain } from "../../toolchain/ensure.ts";
import { renderExports, type Shell } from "../environment.ts";
import { withExamples } from "../examples.ts";
import { hint, print } from "../output.ts";
import { shellOption } from "./options.ts";

/** For the real cloud from a network where the vendor's downloads are out of reach. */
export function toolchainCommand(): Command {
  const env = new Command("env")
    .description("Print what a shell has to set so that plain Pulumi uses the pinned engine and plugins; no lab")
    .addOption(shellOption())
    .action(async ({ shell }: { shell: Shell }) => {
      const toolchain = await ensureToolchain({ onProgress: hint });
      hint(`${toolchain.network} network: ${toolchain.reason}`);
      print(renderExports(toolchain.env, shell, []));
    });
  return new Command("toolchain")
    .description("The engine and its plugins: fetched where the vendor can be reached, built from Go modules elsewhere")
    .addCommand(withExamples(env, [['eval "$(npx sovereign toolchain env)"', "then: npx pulumi up -s production"]]));
}
