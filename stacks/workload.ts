import { readFileSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Workload } from "../components/app/workload.ts";
import type { StackConfig } from "./config/schema.ts";

type WorkloadConfig = StackConfig["app"]["workload"];

/** The workload as the component wants it, with its files read. Secret values stay with the caller: see `secretEnvironment`. */
export function workloadOf(config: WorkloadConfig, root: string): Workload {
  const common = {
    port: config.port,
    env: config.environment,
    secretEnv: Object.keys(config.secretEnvironment),
    healthPath: config.healthPath,
    ...(config.metricsPath === undefined ? {} : { metricsPath: config.metricsPath }),
    concurrency: config.concurrency,
    migrations: config.migrations,
  };
  switch (config.kind) {
    case "container":
      return {
        kind: "container",
        image: config.image,
        ...(config.command ? { command: config.command } : {}),
        ...(config.registryUser ? { registryUser: config.registryUser } : {}),
        ...common,
      };
    case "service":
      return {
        kind: "service",
        packages: config.packages,
        command: config.command as [string, ...string[]],
        ...(config.archive ? { archive: config.archive } : {}),
        files: config.files.map((file, index) => ({
          path: file.path,
          executable: file.executable,
          content: readSource(root, file.source, `app.workload.files[${index}].source`),
        })),
        ...common,
      };
  }
}

/** @throws naming the setting, when the file is not in the repository or not text */
function readSource(root: string, source: string, setting: string): string {
  const path = resolve(root, source);
  if (!path.startsWith(root + sep)) throw new Error(`${setting}: ${source} is outside the repository`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(
      `${setting}: ${source} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`,
    );
  }
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes))
    throw new Error(`${setting}: ${source} is not text: put binaries into the archive`);
  return text;
}
