import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { customerSettings, k6Argv, parseSummary } from "./k6.ts";
import { errorKinds, errorMetric, requestKinds } from "./mix.ts";

const shop = { address: "198.18.0.7", port: 443, domain: "shop.example.eu" };
const step = { run: "load-1", users: 50, warmSeconds: 8, steadySeconds: 20 };

it("users run in the network of the lab and resolve its name without asking anybody", () => {
  const argv = k6Argv("/opt/k6", 4711);
  expect(argv.slice(0, 5)).toEqual(["nsenter", "--net=/proc/4711/root/run/netns/svc", "--", "/opt/k6", "run"]);
  expect(argv).toEqual(expect.arrayContaining(["--no-usage-report"]));
  expect(customerSettings(shop, step)).toMatchObject({
    url: "https://shop.example.eu",
    options: { hosts: { "shop.example.eu": "198.18.0.7" }, scenarios: { users: { vus: 50, duration: "28s" } } },
  });
  expect(customerSettings({ ...shop, port: 8443 }, step)).toMatchObject({ url: "https://shop.example.eu:8443" });
});

const values = (p95: number) => ({ values: { med: 10.04, "p(95)": p95, "p(99)": 99.96, max: 120 } });
const summary = (metrics: object) => JSON.stringify({ metrics });
const answered = {
  "http_req_duration{phase:steady}": values(50.55),
  "http_req_duration{phase:steady,kind:order}": values(70),
  "http_req_duration{phase:steady,kind:read}": values(0),
  "http_reqs{phase:steady}": { values: { count: 1001, rate: 12 } },
  http_reqs: { values: { count: 5000, rate: 60 } },
};

it("reads what counts, per second of the time that counts", () => {
  const text = summary({
    ...answered,
    orders_placed: { values: { count: 44 } },
    errors_status_503: { values: { count: 3 } },
    errors_timeout: { values: { count: 0 } },
  });
  expect(parseSummary(text, step)).toEqual({
    users: 50,
    seconds: 20,
    requests: 1001,
    requestsPerSecond: 50.1,
    orders: 44,
    p50Ms: 10,
    p95Ms: 50.6,
    p99Ms: 100,
    p95ByKind: { order: 70 },
    errors: { "status 503": 3 },
  });
});

it("says what k6 said when there is no summary, and when nothing was sent", () => {
  expect(() => parseSummary("GoError: no such file", step)).toThrow("GoError");
  expect(() => parseSummary(summary({}), step)).toThrow("no request");
  const none = { ...answered, "http_reqs{phase:steady}": { values: { count: 0 } } };
  expect(() => parseSummary(summary(none), step)).toThrow("no request");
});

it("the program of the users and this file speak of the same things", () => {
  const script = readFileSync(new URL("customer.js", import.meta.url), "utf8");
  const sent = [...script.matchAll(/send\("(\w+)"/g)].map(([, kind]) => kind);
  expect(new Set(sent)).toEqual(new Set(requestKinds));
  const named = [...script.matchAll(/"((?:another )?status|timeout|connection)[^"]*"/g)].map(([text]) =>
    text.slice(1, -1),
  );
  for (const kind of named) expect(errorKinds).toContain(kind);
  for (const kind of errorKinds) expect(errorMetric(kind)).toMatch(/^[a-z][a-z0-9_]+$/);
  for (const [, setting] of script.matchAll(/\bload\.(\w+)/g))
    expect(customerSettings(shop, step)).toHaveProperty(setting!);
  for (const [, setting] of script.matchAll(/\bload\.mix\.(\w+)/g))
    expect(customerSettings(shop, step)).toHaveProperty(`mix.${setting}`);
});
