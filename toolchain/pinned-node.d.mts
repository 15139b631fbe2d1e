import type { SpawnOptions } from "node:child_process";

export const projectRoot: string;
export const binaries: string;
export function pinnedNode(): string;
export function pinnedEnvironment(): NodeJS.ProcessEnv;
export function run(file: string, args: readonly string[], options?: SpawnOptions): Promise<number>;
export function runScript(script: string, args: readonly string[], options?: readonly string[]): Promise<number>;
/** Options of Node for commands that read much and are soon done. */
export const leanOptions: readonly string[];
