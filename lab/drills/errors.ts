/** A drill that could not be run to its end: what, where, why, what to do. Not a finding about the stack. */
export class DrillError extends Error {}
