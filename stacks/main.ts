import { loadStackConfig } from "./config/load.ts";
import { deploy } from "./outputs.ts";
import { useNativeStackTraces } from "./stack-traces.ts";

/** The program: what is deployed is decided by the stack's configuration alone. Returns the stack's outputs. */
export default async function main(): Promise<Record<string, unknown>> {
  useNativeStackTraces();
  return await deploy(loadStackConfig());
}
