/**
 * Records what the real engine writes of the programs in programs/: `node test/checks/record.ts`. The engine, its event stream and its state are real;
 * the providers are stand-ins that take whatever a program says.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Deployment } from "./deployment.ts";

const here = import.meta.dirname;

for (const file of readdirSync(join(here, "programs"))) {
  const name = basename(file, ".yaml");
  const deployment = await Deployment.open(join(here, "programs", file));
  try {
    writeFileSync(join(here, "fixtures", `${name}.events.jsonl`), await deployment.events());
    writeFileSync(join(here, "fixtures", `${name}.state.json`), await deployment.state());
  } finally {
    deployment.close();
  }
  console.log(name);
}
