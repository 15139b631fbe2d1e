import { describe, expect, it } from "vitest";
import { resolvers } from "../../catalogue/hetzner/resolvers.ts";
import { egressProblems, egressRole, outgoingOf } from "./egress.ts";
import { egressPaths, renderEgressProxy } from "./egress-proxy.ts";
import { composeMachine, type MachineSpec } from "./machine.ts";
import { renderPacketFilter } from "./packet-filter.ts";
import type { EgressNeed, Role } from "./role.ts";

const need = (host: string, port: number, protocol?: EgressNeed["protocol"]): EgressNeed => ({
  host,
  port,
  purpose: "a test",
  ...(protocol ? { protocol } : {}),
});
const policy = (...approved: string[]) => ({ approved, resolvers });
const needs = [
  need("store.example.eu", 443),
  need("Registry.example.eu", 8443),
  need("mail.example.eu", 587),
  need("[2001:db8::5]", 9000),
  need("ntp.example.eu", 123),
];
const privateRange = "10.0.0.0/16";
const places = (ways: readonly { host: string; port: number }[]) => ways.map(({ host, port }) => `${host}:${port}`);

describe("outgoingOf", () => {
  it("sorts needs by how their names are told, approves 443 and 80, and leaves time to the time service", () => {
    const out = outgoingOf(policy("*.pay.example.eu", "192.0.2.0/28"), needs);
    expect(places(out.tls)).toEqual(["*.pay.example.eu:443", "registry.example.eu:8443", "store.example.eu:443"]);
    expect(places(out.http)).toEqual(["*.pay.example.eu:80"]);
    expect(places(out.relays)).toEqual(["mail.example.eu:587"]);
    expect(places(out.addresses)).toEqual(["192.0.2.0/28:443", "192.0.2.0/28:80", "2001:db8::5:9000"]);
  });

  it("does not depend on the order of roles, and has each way once", () => {
    const approved = ["a.example.eu", "store.example.eu"];
    const way = outgoingOf(policy(...approved), [...needs, ...needs]);
    expect(way).toEqual(outgoingOf(policy(...approved.reverse()), [...needs].reverse()));
    expect(new Set(places(way.tls)).size).toBe(way.tls.length);
  });

  it("has a port on loopback for each port outside", () => {
    const ports = outgoingOf(policy(), needs).proxied;
    expect(ports.map(({ port, by }) => `${by} ${port}`)).toEqual(["tls 443", "tls 8443", "http 80", "relay 587"]);
    expect(new Set(ports.map(({ localPort }) => localPort)).size).toBe(ports.length);
  });
});

describe("egressProblems", () => {
  const problems = (...given: EgressNeed[]) => egressProblems(outgoingOf(policy(), given));

  it("finds nothing where names can be told apart", () => {
    expect(problems(...needs)).toEqual([]);
  });

  it("names servers that share a port where no name is spoken", () => {
    expect(problems(need("a.example.eu", 587), need("b.example.eu", 587))).toEqual([
      expect.stringMatching(/a\.example\.eu and b\.example\.eu on port 587 cannot be told apart/),
    ]);
    expect(problems(need("a.example.eu", 8080, "http"), need("b.example.eu", 8080))).toHaveLength(1);
    expect(problems(need("a.example.eu", 443, "http"))).toHaveLength(1);
  });
});

it("renders the proxy and the packet filter", () => {
  const out = outgoingOf(policy("*.pay.example.eu"), needs);
  expect(renderEgressProxy(out, privateRange)).toMatchSnapshot();
  expect(renderPacketFilter({ privateRange, rules: [], outgoing: out })).toMatchSnapshot();
  const list = (path: string) => egressRole(out, privateRange, false).files.find((f) => f.path === path)?.content;
  expect(list(egressPaths.names)).toBe("registry.example.eu:8443\nstore.example.eu:443\n");
  expect(list(egressPaths.suffixes)).toBe(".pay.example.eu:443\n.pay.example.eu:80\n");
});

describe("composeMachine", () => {
  const role: Role = { name: "shop", packages: [], files: [], units: [], openings: [], scrape: [], egress: needs };
  const machine = (over: Partial<MachineSpec>) =>
    composeMachine({
      hostname: "demo-app-fsn1-1",
      roles: [role],
      privateRange,
      privateAddress: "10.0.1.0/24",
      ranges: () => ["10.0.4.0/24"],
      ...over,
    });
  const text = (over: Partial<MachineSpec>) => JSON.stringify(machine(over).cloudConfig);

  it("lets everything out where nothing is said", () => {
    expect(text({})).not.toContain("egress");
  });

  it("keeps Debian's own HAProxy off, unless a role runs it", () => {
    expect(text({ egress: policy() })).toContain("systemctl mask --quiet --now 'haproxy.service'");
    const haproxy: Role = { ...role, name: "haproxy", packages: ["haproxy"], units: [{ name: "haproxy.service" }] };
    expect(text({ egress: policy(), roles: [role, haproxy] })).not.toContain("systemctl mask");
  });

  it("refuses what it could not tell apart, with the machine's name", () => {
    const two: Role = { ...role, name: "two", egress: [need("other.example.eu", 587)] };
    expect(() => machine({ egress: policy(), roles: [role, two] })).toThrow(/^demo-app-fsn1-1: .*port 587/);
  });

  it("is scraped", () => {
    expect(machine({ egress: policy() }).scrape.map((target) => target.job)).toEqual(["egress"]);
  });
});
