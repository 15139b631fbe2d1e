import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { errorCode, type Log } from "./log.ts";

/**
 * A client that fails at once while there is no master, so that nobody waits for it, and comes back by itself. HAProxy of the same
 * machine leads to whoever is master, or closes the connection.
 */
export function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    connectTimeout: 1000,
    commandTimeout: 1000,
    // An answer that does not come ends the connection, which may lead to a master that is gone.
    socketTimeout: 3000,
    enableOfflineQueue: false,
    // A write whose answer is lost is the caller's to repeat.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, 500),
    protocol: 2,
    disableClientInfo: true,
  });
  let broken = false;
  redis.on("error", (error) => {
    if (!broken) log.warn("no connection to Redis", { error: errorCode(error) });
    broken = true;
  });
  redis.on("ready", () => {
    if (broken) log.info("connected to Redis again");
    broken = false;
  });
  return redis;
}

/** Keys hold digests of what clients know: whoever reads the store cannot use a session or repeat an order. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
