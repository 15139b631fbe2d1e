import { loadStackConfig } from "./config/load.ts";
import type { StackConfig } from "./config/schema.ts";
import { singleRegion } from "./single-region.ts";
import { useNativeStackTraces } from "./stack-traces.ts";

const topologies: Record<StackConfig["topology"], (config: StackConfig) => Promise<Record<string, unknown>>> = {
  "single-region": singleRegion,
};

/** The program: what is deployed is decided by the stack's configuration alone. Returns the stack's outputs. */
export default async function main(): Promise<Record<string, unknown>> {
  useNativeStackTraces();
  const config = loadStackConfig();
  return await topologies[config.topology](config);
}
