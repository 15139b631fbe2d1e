import { expect, it } from "vitest";
import { parseFault, renderFault } from "./fault-spec.ts";

it.each([
  ["rate_limit", { type: "rate_limit" }],
  ["latency:ms=200", { type: "latency", ms: 200 }],
  [
    "server_error:status=503,count=3,method=POST,path=/servers",
    { type: "server_error", status: 503, count: 3, method: "POST", path: "/servers" },
  ],
  ["timeout:ms=10,performed=true", { type: "timeout", ms: 10, performed: true }],
  ["action_error:command=create_server", { type: "action_error", command: "create_server" }],
  ["rate_limit:path=/servers/*/actions", { type: "rate_limit", path: "/servers/*/actions" }],
])("%s", (text, fault) => {
  expect(parseFault(text)).toEqual(fault);
  expect(renderFault({ id: 1, hits: 2, ...fault })).toBe(text);
});

it.each([
  ["", "the type is one of latency,"],
  ["latncy:ms=3", "the type is one of latency,"],
  ["latency", "ms: "],
  ["latency:ms", '"ms" is not KEY=VALUE'],
  ["latency:ms=-1", "ms: "],
  ["latency:ms=1,colour=red", "colour"],
  ["server_error:status=404", "status: "],
])("%j is refused", (text, why) => {
  expect(() => parseFault(text)).toThrow(`fault ${JSON.stringify(text)}: `);
  expect(() => parseFault(text)).toThrow(why);
});
