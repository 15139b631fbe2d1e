import type { Redis } from "ioredis";
import { z } from "zod";
import type { Order } from "./orders.ts";
import { digest } from "./redis.ts";

/** Orders by their idempotency keys, so that repetitions do not reach the database. It may lose any of them at any time. */
export interface Answers {
  get(key: string): Promise<Order | undefined>;
  put(key: string, order: Order): Promise<void>;
}

/** s */
const keptFor = 24 * 60 * 60;

const stored = z.object({
  number: z.string(),
  sku: z.string(),
  quantity: z.number(),
  cents: z.number(),
  createdAt: z.string(),
});

const name = (key: string) => `shop:answer:${digest(key)}`;

export function createAnswers(redis: Redis): Answers {
  return {
    async get(key) {
      const text = await redis.get(name(key));
      return text === null ? undefined : stored.parse(JSON.parse(text));
    },
    async put(key, order) {
      await redis.set(name(key), JSON.stringify(order), "EX", keptFor);
    },
  };
}
