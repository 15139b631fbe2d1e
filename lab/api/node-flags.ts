/**
 * How Node is to run the API: its young generation is kept small. Left to itself it takes a third more memory, for a speed
 * that a local API has no use for.
 */
export const labNodeFlags: readonly string[] = ["--max-semi-space-size=8"];
