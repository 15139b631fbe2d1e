import { expect, test } from "vitest";
import {
  changedService,
  listenPorts,
  newService,
  type Service,
  serviceSchema,
  serviceUpdateSchema,
} from "./services.ts";

const add = (request: object): Service => newService(serviceSchema.parse(request));
const change = (service: Service, request: object): Service =>
  changedService(service, serviceUpdateSchema.parse({ listen_port: service.listen_port, ...request }));

test("defaults of each protocol", () => {
  const health = { port: 80, interval: 15, timeout: 10, retries: 3 };
  const http = { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false };
  expect(add({ protocol: "http" })).toEqual({
    protocol: "http",
    listen_port: 80,
    destination_port: 80,
    proxyprotocol: false,
    http: {
      cookie_name: "HCLBSTICKY",
      cookie_lifetime: 300,
      certificates: [],
      redirect_http: false,
      sticky_sessions: false,
    },
    health_check: { protocol: "http", ...health, http },
  });
  const https = add({ protocol: "https", http: { certificates: [1] }, destination_port: 8080 });
  expect(https).toMatchObject({ listen_port: 443, destination_port: 8080, health_check: { port: 8080 } });
  const tcp = add({ protocol: "tcp", listen_port: 5432, destination_port: 5433 });
  expect(tcp).toMatchObject({ listen_port: 5432, health_check: { ...health, protocol: "tcp", port: 5433 } });
  expect(tcp.http).toBeUndefined();
  expect(tcp.health_check.http).toBeUndefined();
});

test("empty strings and zeros of clients mean the default", () => {
  const service = add({
    protocol: "http",
    http: { cookie_name: "", cookie_lifetime: 0 },
    health_check: {
      protocol: "http",
      port: 8080,
      interval: 5,
      timeout: 3,
      retries: 0,
      http: { path: "", status_codes: [] },
    },
  });
  expect(service.http).toMatchObject({ cookie_name: "HCLBSTICKY", cookie_lifetime: 300 });
  expect(service.health_check).toMatchObject({ retries: 3, http: { path: "/", status_codes: ["2??", "3??"] } });
});

test("a change keeps what it leaves out", () => {
  const before = add({
    protocol: "https",
    http: { certificates: [1], redirect_http: true, cookie_name: "A" },
    health_check: { protocol: "http", interval: 20, http: { path: "/healthz" } },
  });
  const after = change(before, { http: { certificates: [2, 2] }, health_check: { timeout: 5 } });
  expect(after.http).toEqual({ ...before.http, certificates: [2] });
  expect(after.health_check).toEqual({ ...before.health_check, timeout: 5 });
  const tcp = change(before, { health_check: { protocol: "tcp" } });
  expect(tcp.health_check.http).toBeUndefined();
});

test.each([
  [{ protocol: "tcp", destination_port: 80 }, "listen_port"],
  [{ protocol: "tcp", listen_port: 80 }, "destination_port"],
  [{ protocol: "tcp", listen_port: 1, destination_port: 1, http: {} }, "http"],
  [{ protocol: "http", http: { redirect_http: true } }, "http.redirect_http"],
  [{ protocol: "http", http: { certificates: [1] } }, "http.certificates"],
  [{ protocol: "https" }, "http.certificates"],
  [{ protocol: "http", health_check: { interval: 5, timeout: 6 } }, "health_check.timeout"],
])("%j is refused for %s", (request, field) => {
  expect(() => add(request)).toThrow(`'${field}'`);
});

test.each([
  { protocol: "udp" },
  { protocol: "http", listen_port: 65_536 },
  { protocol: "http", http: { cookie_name: "a b" } },
  { protocol: "http", http: { cookie_lifetime: 5 } },
  { protocol: "http", health_check: { interval: 2 } },
  { protocol: "http", health_check: { interval: 61 } },
  { protocol: "http", health_check: { retries: 6 } },
  { protocol: "http", health_check: { http: { path: "healthz" } } },
  { protocol: "http", health_check: { http: { path: "/a b" } } },
  { protocol: "http", health_check: { http: { domain: "a%b" } } },
  { protocol: "http", health_check: { http: { status_codes: ["2xx"] } } },
])("%j does not fit the schema", (request) => {
  expect(serviceSchema.safeParse(request).success).toBe(false);
});

test("a redirect also listens on port 80", () => {
  const http = { certificates: [1], redirect_http: true };
  expect(listenPorts(add({ protocol: "https", http }))).toEqual([443, 80]);
  expect(listenPorts(add({ protocol: "https", http: { certificates: [1] } }))).toEqual([443]);
});
