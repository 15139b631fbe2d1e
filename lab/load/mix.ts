/** What a user of the shop does: read by the program that plays the users, and told in the docs. */

/** Kinds of requests that latencies are kept for. */
export const requestKinds = ["page", "asset", "session", "read", "order"] as const;
export type RequestKind = (typeof requestKinds)[number];

export const mix = {
  /** Seconds between two steps of a visit, each equally likely between these. */
  thinkSeconds: { least: 0.5, most: 1.5 },
  /** Share of visits by somebody new, whose browser has no files of the shop and no session yet. */
  newVisitors: 0.25,
  /** Share of visits that put something into the basket (session in Redis). */
  baskets: 0.5,
  /** Share of visits that look at the page of last orders (a replica of Postgres). */
  recent: 0.3,
  /** Share of visits that order, and look at the order afterwards (primary of Postgres). */
  orders: 0.2,
} as const;

/** Names of errors as the program of the users counts them. */
export const errorKinds = [
  "timeout",
  "connection",
  "status 429",
  "status 500",
  "status 502",
  "status 503",
  "status 504",
  "another status",
] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** k6 allows letters, digits and underscores in names of metrics. */
export const errorMetric = (kind: ErrorKind): string => `errors_${kind.replaceAll(" ", "_")}`;
