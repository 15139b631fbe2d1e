import { Command } from "commander";
import { renderStackFileSchema } from "../../stacks/config/json-schema.ts";
import { renderReference } from "../../stacks/config/reference.ts";
import { print } from "../output.ts";
import { configCheckCommand } from "./config-check.ts";

export function configCommand(): Command {
  return new Command("config")
    .description("Check and describe the configuration of stacks")
    .addCommand(configCheckCommand())
    .addCommand(
      new Command("schema")
        .description("Print the JSON Schema of a Pulumi.<stack>.yaml, for editors")
        .action(() => print(renderStackFileSchema())),
    )
    .addCommand(
      new Command("reference")
        .description("Print every key with its default, as Markdown")
        .action(() => print(renderReference())),
    );
}
