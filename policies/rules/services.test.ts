import { expect, test } from "vitest";
import { Secret } from "../../graph/model.ts";
import { graph, resource } from "../core/testing.ts";
import { isService, mayBeService } from "./services.ts";

const pod = resource({ type: "kubernetes:core/v1:Pod" });
const service = (metadata: unknown) => resource({ type: "kubernetes:core/v1:Service", inputs: { metadata } as never });
const known = (host: string, metadata: unknown) => isService(pod, host, graph([service(metadata)]));

test.each(["cache.shop", "a.b", "c-1.shop-2", `${"a".repeat(63)}.shop`, "cache.2"])("%s may be a Service", (host) => {
  expect(mayBeService(pod, host)).toBe(true);
});

test.each([
  "cache",
  "a.cache.shop",
  "1cache.shop",
  "-cache.shop",
  "cache-.shop",
  "cache.shop-",
  "Cache.shop",
  "ca_che.shop",
  `${"a".repeat(64)}.shop`,
  "cache.shop.",
  "",
])("%j may not", (host) => {
  expect(mayBeService(pod, host)).toBe(false);
});

test("only what runs in a cluster asks its DNS", () => {
  expect(mayBeService(resource({ type: "hcloud:index/server:Server" }), "cache.shop")).toBe(false);
});

test("a Service is known by name and namespace, as far as they can be seen", () => {
  expect(known("cache.shop", { name: "cache", namespace: "shop" })).toBe(true);
  expect(known("cache.shop", new Secret({ name: new Secret("cache"), namespace: new Secret("shop") }))).toBe(true);
  expect(known("cache.default", { name: "cache" })).toBe(true);
  expect(known("cache.default", { name: "cache", namespace: "shop" })).toBe(false);
  expect(known("undefined.shop", { namespace: "shop" })).toBe(false);
  expect(known("cache.7", { name: "cache", namespace: 7 })).toBe(false);
  expect(known("cache.shop", "cache.shop")).toBe(false);
});
