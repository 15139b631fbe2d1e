import { Command } from "commander";
import { catalogueExplainCommand } from "./catalogue-explain.ts";
import { catalogueListCommand } from "./catalogue-list.ts";

export function catalogueCommand(): Command {
  return new Command("catalogue")
    .description("What the policies know of providers, regions, companies and addresses: owner, place, source, age")
    .addCommand(catalogueExplainCommand())
    .addCommand(catalogueListCommand());
}
