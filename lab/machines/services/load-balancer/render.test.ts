import { describe, expect, test } from "vitest";
import { issue } from "../../../api/kinds/certificates/pem.ts";
import type { Service } from "../../../api/kinds/load-balancers/services.ts";
import { describeWithDebian } from "../../../debian/testing.ts";
import { serviceFolder } from "../in-tree.ts";
import { balancerFiles, renderHaproxy, renderStates, serverName, serverOptions } from "./render.ts";
import type { BalancerSpec } from "./spec.ts";

const httpCheck = {
  protocol: "http",
  port: 8080,
  interval: 15,
  timeout: 10,
  retries: 3,
  http: { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false },
} as const;
const plainHttp = {
  cookie_name: "HCLBSTICKY",
  cookie_lifetime: 300,
  certificates: [],
  redirect_http: false,
  sticky_sessions: false,
};
const http: Service = {
  protocol: "http",
  listen_port: 80,
  destination_port: 8080,
  proxyprotocol: false,
  http: plainHttp,
  health_check: httpCheck,
};
const https: Service = {
  ...http,
  protocol: "https",
  listen_port: 443,
  http: { ...plainHttp, certificates: [7, 8], redirect_http: true, sticky_sessions: true, cookie_name: "SHOP" },
  health_check: {
    ...httpCheck,
    port: 8443,
    http: {
      domain: "shop.example.eu",
      path: "/it's?a=%20#\u0001é",
      response: 'it\'s "ok"\n$HOME',
      status_codes: ["2??", "30*", "418"],
      tls: true,
    },
  },
};
const tcp: Service = {
  protocol: "tcp",
  listen_port: 5432,
  destination_port: 5432,
  proxyprotocol: true,
  health_check: { protocol: "tcp", port: 5432, interval: 3, timeout: 1, retries: 1 },
};

const spec = (services: readonly Service[], more: Partial<BalancerSpec> = {}): BalancerSpec => ({
  maxConnections: 10_000,
  algorithm: "round_robin",
  services,
  targets: [
    { target: { server: 1_000_001 }, address: "10.0.1.5" },
    { target: { server: 1_000_002 }, address: undefined },
    { target: { ip: "2001:db8::7" }, address: "2001:db8::7" },
  ],
  certificates: new Map(),
  ...more,
});

describe("haproxy.cfg", () => {
  test("plain http", () => {
    expect(renderHaproxy(spec([http]))).toMatchSnapshot();
  });

  test("https with redirection, cookies and a difficult health check; tcp with the PROXY protocol", () => {
    const certificates = new Map([
      [7, "one"],
      [8, "two"],
    ]);
    expect(renderHaproxy(spec([https, tcp], { certificates, algorithm: "least_connections" }))).toMatchSnapshot();
  });

  test("a service whose certificate is not issued yet is left out, and what a certificate contains never shows", () => {
    expect(renderHaproxy(spec([https, tcp]))).not.toContain("service-443");
    expect(renderHaproxy(spec([https], { certificates: new Map([[8, "two"]]) }))).toContain(
      " ssl crt /run/service/tls/8.pem ",
    );
    expect(renderHaproxy(spec([https], { certificates: new Map([[8, "SECRET"]]) }))).not.toContain("SECRET");
  });

  test("nothing that a user may set breaks out of its line", () => {
    const [, , check] = ["", "", https.health_check];
    const nasty = "/'\"\\#$HOME;\u2028\n\tx";
    const rules = { ...check.http!, path: nasty.replaceAll(/\s/g, ""), response: nasty, domain: "a'b\"c#d;$HOME" };
    const text = renderHaproxy(spec([{ ...http, health_check: { ...check, http: rules } }]));
    expect(text.split("\n")).toHaveLength(renderHaproxy(spec([http])).split("\n").length + 1);
    expect(text).not.toContain("check-sni a");
  });

  test("a target that has moved is another server, and IPv6 addresses are told from ports", () => {
    const target = { server: 5 };
    expect(serverName({ target, address: "10.0.0.2" })).not.toBe(serverName({ target, address: "10.0.0.3" }));
    expect(serverOptions(http, { address: "2001:db8::7" })).toMatch(/^ipv6@\[2001:db8::7\]:8080 check /);
  });

  test("servers that have to prove themselves stand in the states as down", () => {
    const states = renderStates(spec([http, tcp]), (name) => !name.startsWith("targets-80/server-1000001"));
    expect(states).toMatchSnapshot();
  });
});

describeWithDebian("haproxy.cfg for the real program", (debian) => {
  test.each([
    ["http", [http]],
    ["https and tcp", [https, tcp]],
    ["another port", [{ ...https, listen_port: 8443 }]],
  ] as [string, Service[]][])("%s is taken without a warning", async (_, services) => {
    const pem = async (name: string) => {
      const { certificate, privateKey } = await issue([name], new Date());
      return certificate + privateKey;
    };
    const certificates = new Map([
      [7, await pem("a.example.eu")],
      [8, await pem("b.example.eu")],
    ]);
    const tls = [...certificates].map(([id, content]) => [
      `${serviceFolder}/${balancerFiles.certificate(id)}`,
      { content, mode: "0600" },
    ]);
    const given = spec(services, { certificates });
    const { code, stderr } = await debian.run({
      files: {
        ...Object.fromEntries(tls),
        [`${serviceFolder}/${balancerFiles.states}`]: renderStates(given, () => false),
        "/haproxy.cfg": renderHaproxy(given),
      },
      argv: ["haproxy", "-c", "-dW", "-f", "/haproxy.cfg"],
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
