/** A measurement that could not be made: what, where, why, what to do. Not a finding about the stack. */
export class LoadError extends Error {}

export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
