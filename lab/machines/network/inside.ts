import { namespacePath } from "./names.ts";

/** The lab's network cannot be made as it is asked for; the message says what to do about it. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** The arguments that run a program inside of a namespace. */
export const inside = (namespace: string, ...argv: readonly string[]): [string, ...string[]] => [
  "nsenter",
  `--net=${namespacePath(namespace)}`,
  "--",
  ...argv,
];
