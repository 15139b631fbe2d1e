import { Command } from "commander";
import { pageAddress } from "../../lab/session/page.ts";
import { withExamples } from "../examples.ts";
import { hint, print } from "../output.ts";
import { requireLab } from "../require-lab.ts";
import { labNameOption } from "./options.ts";

export function labPageCommand(): Command {
  const command = new Command("page")
    .description("Print an address that shows a lab live in a browser")
    .addOption(labNameOption())
    .action(async ({ name }: { name: string }) => {
      print(await pageAddress(await requireLab(name)));
      hint("it opens once, within ten minutes; the tab may then look for a week, and change nothing");
    });
  return withExamples(command, [
    ["npx sovereign lab page", "then open the address in a browser on this machine"],
    ['xdg-open "$(npx sovereign lab page)"', "at once, on a Linux desktop"],
  ]);
}
