import { Command } from "commander";
import { explain } from "../../policies/catalogue/explain.ts";
import { todayUtc } from "../../policies/index.ts";
import { renderExplanation } from "../catalogue/text.ts";
import { withExamples } from "../examples.ts";
import { print } from "../output.ts";
import { catalogueFilesOption, openCatalogue } from "./catalogue-options.ts";

export function catalogueExplainCommand(): Command {
  const command = new Command("explain")
    .description("Say what is known of a host, an address or a region, from where, and how old that is")
    .argument(
      "<what...>",
      "host name, URL, address, network, PROVIDER/REGION, or the name of a provider, vendor or region",
    )
    .addOption(catalogueFilesOption())
    .option("--json", "as JSON")
    .action((what: string[], { catalogue, json = false }: { catalogue: readonly string[]; json?: boolean }) => {
      const known = openCatalogue(catalogue);
      const explanations = what.map((query) => explain(known, query, todayUtc()));
      print(json ? JSON.stringify(explanations, undefined, 2) : explanations.map(renderExplanation).join("\n\n"));
      process.exitCode = explanations.every((explanation) => explanation.known) ? 0 : 1;
    })
    .addHelpText("after", "\nExit codes: 0 all are known, 1 something is not, 2 a catalogue file that cannot be used");
  return withExamples(command, [
    ["npx sovereign catalogue explain o1.ingest.sentry.io", "who a host belongs to"],
    ["npx sovereign catalogue explain 9.9.9.9 1.1.1.1", "whose resolvers these are"],
    ["npx sovereign catalogue explain ovh/eu-west-lz-zrh", "where a region is"],
  ]);
}
