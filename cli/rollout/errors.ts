/** What ends a rollout before it is through: a sentence for people. */
export class RolloutError extends Error {}
