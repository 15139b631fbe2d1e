import { expect, it } from "vitest";
import { type Ask, lookUp } from "./name-servers.ts";

it("keeps an answer as long as it says, goes on to the next server, and stays with the one that answers", async () => {
  const asked: string[] = [];
  let time = 0;
  const dead = new Set(["192.0.2.1"]);
  const ask: Ask = async (server) => {
    asked.push(server);
    if (dead.has(server)) throw new Error("timeout");
    return { address: `198.51.100.${asked.length}`, ttl: 5 };
  };
  const find = lookUp(["192.0.2.1", "192.0.2.2"], "shop.example.eu", ask, () => time);
  expect(await find()).toBe("198.51.100.2");
  time = 4999;
  expect(await find()).toBe("198.51.100.2");
  time = 5000;
  expect(await find()).toBe("198.51.100.3");
  expect(asked).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.2"]);
  dead.add("192.0.2.2");
  time = 20_000;
  await expect(find()).rejects.toThrow(
    "no name server answers for shop.example.eu: 192.0.2.2: timeout; 192.0.2.1: timeout",
  );
});
