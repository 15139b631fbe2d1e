import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

let lab: TestLab;
let requests: [path: string, body: Json][];
beforeAll(async () => {
  lab = openTestLab();
  await lab.post("/zones", { name: "example.com", mode: "primary" });
  const services = [{ protocol: "http" }];
  const made = await lab.post("/load_balancers", { name: "a", load_balancer_type: "lb11", location: "fsn1", services });
  const made6 = await lab.post("/floating_ips", { type: "ipv6", home_location: "fsn1" });
  const balancer = `/load_balancers/${made.body.load_balancer.id}/actions`;
  const floating = `/floating_ips/${made6.body.floating_ip.id}/actions`;
  const rrset = "/zones/example.com/rrsets/@/NS/actions";
  const service = {
    protocol: "tcp",
    listen_port: 80,
    destination_port: 80,
    http: { certificates: [1], redirect_http: true, cookie_name: "a", cookie_lifetime: 60 },
    health_check: { protocol: "http", port: 80, interval: 5, timeout: 5, http: { path: "/", status_codes: ["2??"] } },
  };
  const target = {
    type: "label_selector",
    label_selector: { selector: "a in (b)" },
    server: { id: 1 },
    ip: { ip: "::1" },
  };
  const records = [{ value: "ns.example.com.", comment: "c" }];
  requests = [
    ["/certificates", { name: "a", type: "uploaded", certificate: "-----BEGIN CERTIFICATE-----", private_key: "x" }],
    ["/certificates", { name: "a", type: "uploaded", domain_names: ["example.com"], labels: { a: "b" } }],
    ["/floating_ips", { type: "ipv4", name: "a", home_location: "fsn1", server: 1 }],
    [
      "/load_balancers",
      { name: "b", load_balancer_type: "lb11", location: "x", network: 1, services: [service], targets: [target] },
    ],
    [`${balancer}/add_service`, service],
    [`${balancer}/update_service`, service],
    [`${balancer}/add_target`, target],
    [`${balancer}/remove_target`, target],
    [`${balancer}/attach_to_network`, { network: 1, ip: "10.0.0.1", ip_range: "10.0.0.0/24" }],
    [`${balancer}/change_dns_ptr`, { ip: "192.0.2.1", dns_ptr: "a" }],
    ["/zones", { name: "example.org", mode: "primary", ttl: 60, rrsets: [{ name: "a", type: "TXT", records }] }],
    ["/zones", { name: "example.net", mode: "primary", zonefile: '$TTL 60\n@ TXT "a" ; b' }],
    ["/zones/example.com/rrsets", { name: "www", type: "CAA", ttl: 60, records }],
    ["/zones/example.com/actions/import_zonefile", { zonefile: '@ IN SOA a. b. ( 1 2 3 4 5 )\na TXT "x"' }],
    ...["add_records", "set_records", "remove_records", "update_records"].map((name): [string, Json] => [
      `${rrset}/${name}`,
      { records, ttl: 60 },
    ]),
    [`${floating}/assign`, { server: 1 }],
    [`${floating}/change_dns_ptr`, { ip: "2001:db8::1", dns_ptr: "a" }],
  ];
});
afterAll(() => lab.close());

/** The value with one of its parts, chosen by `at`, replaced or (with undefined) left out. */
function withOneChanged(value: Json, at: number, by: Json | undefined): Json | undefined {
  if (at % 7 === 0 || typeof value !== "object" || value === null) return by;
  const keys = Object.keys(value);
  const key = keys[at % keys.length];
  if (key === undefined) return by;
  const child = withOneChanged((value as Record<string, Json>)[key]!, Math.floor(at / 7), by);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? (child ?? null) : item));
  const { [key]: _, ...rest } = value;
  return child === undefined ? rest : { ...rest, [key]: child };
}

const anything = fc.oneof(
  fc.constantFrom(
    "ipv4",
    "ipv6",
    "managed",
    "fsn1",
    "https",
    "http",
    "tcp",
    "server",
    "ip",
    "A",
    "SOA",
    '"',
    "\\",
    "(",
    "::/64",
  ),
  fc.constantFrom("constructor", "__proto__", "1e9", "\u0000", "ä", "a".repeat(300), "-----BEGIN CERTIFICATE-----"),
  fc.string(),
  fc.constantFrom<Json | undefined>(undefined, null, true, {}, [], [null], -1, 0, 1.5, 65_536, 2 ** 53),
);

test("no odd body makes the lab stumble: it is taken, or refused with a code and words", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(fc.tuple(fc.nat(), anything), { maxLength: 3 }), async (which, changes) => {
      const [path, valid] = requests[which % requests.length]!;
      const body = changes.reduce<Json | undefined>(
        (value, [at, by]) => (value === undefined ? by : withOneChanged(value, at, by)),
        valid,
      );
      const answer = await lab.post(path, body);
      expect(answer.status, JSON.stringify([path, body])).toBeLessThan(500);
      if (answer.status >= 400)
        expect(answer.body.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }),
    { numRuns: 2_000 },
  );
}, 60_000);
