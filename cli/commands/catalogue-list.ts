import { Command } from "commander";
import pc from "picocolors";
import { allOrigins, OLD_AFTER_DAYS } from "../../policies/catalogue/freshness.ts";
import type { Catalogue } from "../../policies/catalogue/types.ts";
import { todayUtc } from "../../policies/index.ts";
import { originText } from "../catalogue/text.ts";
import { withExamples } from "../examples.ts";
import { print } from "../output.ts";
import { catalogueFilesOption, openCatalogue } from "./catalogue-options.ts";

export function catalogueListCommand(): Command {
  const command = new Command("list")
    .description("How much the catalogue holds, and which entries are older than a year")
    .addOption(catalogueFilesOption())
    .option("--json", "as JSON")
    .action(({ catalogue, json = false }: { catalogue: readonly string[]; json?: boolean }) => {
      const summary = summarise(openCatalogue(catalogue), todayUtc());
      print(json ? JSON.stringify(summary, undefined, 2) : renderSummary(summary));
    })
    .addHelpText("after", "\nExit codes: 0 done, 2 a catalogue file that cannot be used");
  return withExamples(command, [
    ["npx sovereign catalogue list", "counts, and what is to be read again"],
    ["npx sovereign catalogue list --catalogue own.yaml", "with a file of your own on top"],
  ]);
}

function summarise(catalogue: Catalogue, today: string) {
  const vendors = [...catalogue.vendors.values()];
  const providers = [...catalogue.providers.values()];
  const origins = allOrigins(catalogue, today);
  return {
    vendors: vendors.length,
    domains: vendors.reduce((count, { domains }) => count + domains.length, 0),
    providers: providers.map((provider) => ({ package: provider.package, regions: provider.regions.length })),
    addresses: catalogue.addresses.length,
    recalled: origins.filter(({ confidence }) => confidence === "recalled").length,
    entries: origins.length,
    old: origins.filter(({ old }) => old),
  };
}

function renderSummary({ vendors, domains, providers, addresses, recalled, entries, old }: Summary): string {
  const age = old.length === 0 ? pc.green("none") : pc.yellow(String(old.length));
  return [
    `vendors     ${vendors}, with ${domains} domains`,
    `providers   ${providers.map((provider) => `${provider.package} ${provider.regions}`).join(", ")} (regions)`,
    `addresses   ${addresses}`,
    `sources     ${entries - recalled} entries read from their source, ${recalled} from general knowledge`,
    `old         ${age}, older than ${OLD_AFTER_DAYS} days`,
    ...old.map((origin) => `  ${originText(origin)}`),
  ].join("\n");
}

type Summary = ReturnType<typeof summarise>;
