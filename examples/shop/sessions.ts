import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import { orderRequest } from "./orders.ts";
import { digest } from "./redis.ts";

export const basket = z.array(orderRequest).max(20);

const session = z.object({ since: z.string(), basket });
export type Session = z.output<typeof session>;

export interface Sessions {
  /** The new session's id, which only its owner gets to know. */
  create(): Promise<{ id: string; session: Session }>;
  get(id: string): Promise<Session | undefined>;
  /** False when the session has ended. */
  setBasket(id: string, basket: Session["basket"]): Promise<boolean>;
  end(id: string): Promise<void>;
}

/** A session ends this long after it was last used. In s. */
export const sessionSeconds = 7 * 24 * 60 * 60;

const name = (id: string) => `shop:session:${digest(id)}`;

export function createSessions(redis: Redis): Sessions {
  const get = async (id: string): Promise<Session | undefined> => {
    const text = await redis.getex(name(id), "EX", sessionSeconds);
    return text === null ? undefined : session.parse(JSON.parse(text));
  };
  return {
    get,
    async create() {
      const id = randomBytes(32).toString("base64url");
      const made: Session = { since: new Date().toISOString(), basket: [] };
      await redis.set(name(id), JSON.stringify(made), "EX", sessionSeconds, "NX");
      return { id, session: made };
    },
    async setBasket(id, basket) {
      const found = await get(id);
      if (!found) return false;
      const changed = JSON.stringify({ ...found, basket });
      return (await redis.set(name(id), changed, "EX", sessionSeconds, "XX")) === "OK";
    },
    async end(id) {
      await redis.del(name(id));
    },
  };
}
