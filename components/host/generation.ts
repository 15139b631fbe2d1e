import type { Platform } from "./platform.ts";

/**
 * Generation of a machine with data: its own, else its part's, which is one number for all machines or one for each.
 * @param index place of the machine in its part
 * @default 1
 */
export function generationOf(
  platform: Pick<Platform, "generationOf">,
  host: string,
  ofPart: number | readonly number[] | undefined,
  index = 0,
): number {
  return platform.generationOf?.(host) ?? (typeof ofPart === "object" ? ofPart[index] : ofPart) ?? 1;
}
