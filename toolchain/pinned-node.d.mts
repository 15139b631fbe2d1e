import type { SpawnOptions } from "node:child_process";

export const projectRoot: string;
export const binaries: string;
export function pinnedNode(): string;
export function pinnedEnvironment(): NodeJS.ProcessEnv;
export function run(file: string, args: readonly string[], options?: SpawnOptions): Promise<number>;
export function runScript(script: string, args: readonly string[]): Promise<number>;
