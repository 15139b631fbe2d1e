import { expect, test } from "vitest";
import { createRegister, parseRegister } from "./register.ts";

const service = (endpoint: string) => ({
  endpoint,
  purpose: "testing",
  provider: "Example",
  jurisdiction: "DE",
  dataClasses: [],
  retention: "none",
  legalBasis: "GDPR Art. 28",
  contractDate: "2026-01-01",
  reviewDate: "2027-01-01",
});

const read = (...endpoints: string[]) => parseRegister({ services: endpoints.map(service) });

test("names match exactly, wildcards match whole labels below and not the name itself", () => {
  const { register } = read("api.example.eu", "*.cdn.example.eu");
  expect(register.find("api.example.eu")).toBeDefined();
  expect(register.find("x.api.example.eu")).toBeUndefined();
  expect(register.find("a.b.cdn.example.eu")).toBeDefined();
  expect(register.find("cdn.example.eu")).toBeUndefined();
  expect(register.find("evilcdn.example.eu")).toBeUndefined();
});

test("the exact entry wins over a wildcard, the longer wildcard over the shorter", () => {
  const { register } = read("*.example.eu", "*.a.example.eu", "b.a.example.eu");
  expect(register.find("b.a.example.eu")?.endpoint).toBe("b.a.example.eu");
  expect(register.find("c.a.example.eu")?.endpoint).toBe("*.a.example.eu");
  expect(register.find("c.example.eu")?.endpoint).toBe("*.example.eu");
});

test("addresses match ranges of their family", () => {
  const { register } = read("198.51.100.0/24", "2001:db8::/32");
  expect(register.find("198.51.100.7")).toBeDefined();
  expect(register.find("198.51.101.7")).toBeUndefined();
  expect(register.find("2001:db8::1")).toBeDefined();
});

test("a network needs an entry that has all of it, and the narrowest entry wins", () => {
  const { register } = read("198.51.0.0/16", "198.51.100.0/24", "198.51.100.7");
  const entryOf = (network: string) => register.find(network)?.endpoint;
  expect(entryOf("198.51.100.7")).toBe("198.51.100.7");
  expect(entryOf("198.51.100.8")).toBe("198.51.100.0/24");
  expect(entryOf("198.51.100.128/25")).toBe("198.51.100.0/24");
  expect(entryOf("198.51.100.0/24")).toBe("198.51.100.0/24");
  expect(entryOf("198.51.100.0/23")).toBe("198.51.0.0/16");
  expect(entryOf("198.0.0.0/8")).toBeUndefined();
  expect(entryOf("2001:db8::/64")).toBeUndefined();
});

test("spellings are one: upper case, trailing dot, Unicode", () => {
  const { register } = read("API.Example.EU.", "bücher.example");
  expect(register.services.map((s) => s.endpoint)).toEqual(["api.example.eu", "xn--bcher-kva.example"]);
});

test.each(["*.com", "*.co.uk", "*", "https://a.example", "a.example:443", "a.example/path", "", "a b.example"])(
  "%j approves nothing and is a problem",
  (endpoint) => {
    const { register, problems } = read(endpoint);
    expect(register.services).toEqual([]);
    expect(problems).toHaveLength(1);
  },
);

test("a wrong entry takes no other with it, and a wrong file is an error", () => {
  const { register, problems } = parseRegister({
    services: [{ ...service("a.example"), reviewDate: "2026-02-30" }, service("b.example")],
  });
  expect(register.services.map((s) => s.endpoint)).toEqual(["b.example"]);
  expect(problems).toEqual([{ index: 0, message: expect.stringContaining("reviewDate") }]);
  expect(() => parseRegister([])).toThrow("services");
  expect(() => parseRegister({ services: [], more: 1 })).toThrow("more");
});

test("an empty register finds nothing", () => {
  expect(createRegister([]).find("a.example")).toBeUndefined();
});

test("app servers reach a service unless the entry says who does; a role that there is not is a problem", () => {
  const reachedFrom = (roles: readonly string[]) => ({ ...service("a.example"), reachedFrom: roles });
  expect(read("a.example").register.services[0]?.reachedFrom).toEqual(["app"]);
  const { register, problems } = parseRegister({ services: [reachedFrom([]), reachedFrom(["monitoring"])] });
  expect(register.services.map((s) => s.reachedFrom)).toEqual([[], ["monitoring"]]);
  expect(problems).toEqual([]);
  expect(parseRegister({ services: [reachedFrom(["database"])] }).problems[0]?.message).toContain(
    "one of app, postgres",
  );
});
