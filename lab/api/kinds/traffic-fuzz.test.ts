import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
let paths: string[];
beforeAll(async () => {
  lab = openTestLab();
  await lab.post("/zones", { name: "example.com", mode: "primary" });
  const services = [{ protocol: "http" }];
  const made = await lab.post("/load_balancers", { name: "a", load_balancer_type: "lb11", location: "fsn1", services });
  const ip = await lab.post("/floating_ips", { type: "ipv6", home_location: "fsn1" });
  const balancer = `/load_balancers/${made.body.load_balancer.id}/actions`;
  const rrset = "/zones/example.com/rrsets/@/NS/actions";
  paths = [
    "/certificates",
    "/floating_ips",
    "/load_balancers",
    "/zones",
    "/zones/example.com/rrsets",
    "/zones/example.com/actions/import_zonefile",
    ...["add_service", "update_service", "add_target", "remove_target", "attach_to_network", "change_dns_ptr"].map(
      (name) => `${balancer}/${name}`,
    ),
    ...["add_records", "set_records", "update_records", "change_ttl"].map((name) => `${rrset}/${name}`),
    ...["assign", "change_dns_ptr"].map((name) => `/floating_ips/${ip.body.floating_ip.id}/actions/${name}`),
  ];
});
afterAll(() => lab.close());

const word = fc.constantFrom(
  "ipv4",
  "uploaded",
  "managed",
  "lb11",
  "fsn1",
  "http",
  "https",
  "tcp",
  "primary",
  "server",
  "ip",
  "A",
  "TXT",
);
const scalar = fc.oneof(word, fc.string(), fc.integer({ min: -2, max: 70_000 }), fc.boolean(), fc.constant(null));
const key = fc.constantFrom(
  ..."name type location home_location load_balancer_type labels certificate private_key domain_names mode ttl".split(
    " ",
  ),
  ..."rrsets zonefile records value comment protocol listen_port destination_port http health_check path".split(" "),
  ..."certificates status_codes server ip label_selector selector id services targets network dns_ptr".split(" "),
);
const { body } = fc.letrec((tie) => ({
  body: fc.dictionary(
    key,
    fc.oneof({ maxDepth: 3 }, scalar, tie("body"), fc.array(fc.oneof(scalar, tie("body")), { maxLength: 3 })),
    {
      maxKeys: 8,
    },
  ),
}));

test("no body makes the lab stumble: it is taken, or refused with a code and words", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), body, async (index, given) => {
      const answer = await lab.post(paths[index % paths.length]!, given);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400)
        expect(answer.body.error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    }),
    { numRuns: 1_000 },
  );
}, 60_000);
