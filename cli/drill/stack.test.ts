import { expect, it } from "vitest";
import { parse } from "yaml";
import { changedConfig } from "./stack.ts";

it("changes the stack's own keys and nothing else", () => {
  const text =
    "encryptionsalt: v1:abc\nconfig:\n  hcloud:token: x\n  sovereign:location: fsn1\n  sovereign:app:\n    servers: 3\n";
  const changed = changedConfig(text, (config) => {
    (config.app as { servers: number }).servers = 4;
  });
  expect(parse(changed)).toEqual({
    encryptionsalt: "v1:abc",
    config: { "hcloud:token": "x", "sovereign:location": "fsn1", "sovereign:app": { servers: 4 } },
  });
});
