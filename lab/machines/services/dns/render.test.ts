import { expect, test } from "vitest";
import { openTestLab } from "../../../api/testing.ts";
import { describeWithDebian } from "../../../debian/testing.ts";
import { renderPdns, renderUnbound, renderZoneList } from "./render.ts";
import { servedZones } from "./zones.ts";

const resolver = {
  addresses: ["127.0.0.2", "::1"],
  authoritative: "198.19.255.53",
  zones: ["example.de", "example.eu", "both.example.eu"],
  delegations: { "shop.example.eu": ["198.18.0.5", "2001:db8::5"], "both.example.eu": ["198.18.0.6"] },
  hosts: { "fsn1.your-objectstorage.com": "198.19.255.80" },
};

test("the resolver's configuration", () => {
  expect(renderUnbound(resolver)).toMatchSnapshot();
});

test("the authoritative server's configuration", () => {
  expect(renderPdns("198.19.255.53")).toMatchSnapshot();
});

test("zones in secondary mode are left out; a zone's file stays the same while its records change", async () => {
  const lab = openTestLab();
  await lab.post("/zones", { name: "example.eu", mode: "primary", ttl: 7200 });
  const nameservers = [{ address: "203.0.113.1" }];
  const second = { name: "example.de", mode: "secondary", primary_nameservers: nameservers };
  expect((await lab.post("/zones", second)).status).toBe(201);
  const [before, ...none] = servedZones({ store: lab.lab.store });
  expect(none).toEqual([]);
  expect(before).toMatchObject({
    name: "example.eu",
    content: expect.stringMatching(/^\$ORIGIN\texample\.eu\.\n\$TTL\t7200/),
  });
  await lab.post("/zones/example.eu/rrsets", {
    name: "a",
    type: "A",
    records: [{ value: "198.18.0.1", comment: "x" }],
  });
  const [after] = servedZones({ store: lab.lab.store });
  expect(after!.file).toBe(before!.file);
  expect(after!.content).toContain("a\tIN\tA\t198.18.0.1\n");
  lab.close();
});

describeWithDebian("DNS configuration for the real programs", (debian) => {
  test("unbound takes its own", async () => {
    const { code, stdout, stderr } = await debian.script({
      files: { "/unbound.conf": renderUnbound(resolver) },
      script: "mkdir -p /run/service; unbound-checkconf /unbound.conf",
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("no errors");
    expect(code).toBe(0);
  });

  test("PowerDNS knows every setting, and finds the zones", async () => {
    const { stdout } = await debian.script({
      files: {
        "/run/service/pdns.conf": renderPdns("127.0.0.1"),
        "/run/service/named.conf": renderZoneList([{ name: "example.eu", file: "zones/a", content: "" }]),
        "/run/service/zones/a": "$ORIGIN example.eu.\n$TTL 60\n@ IN SOA a. b. 1 2 3 4 5\n@ IN NS a.\n",
      },
      script: `pdnsutil --config-dir=/run/service list-all-zones 2>&1
pdnsutil --config-dir=/run/service check-zone example.eu 2>&1 || true
pdns_server --config-dir=/run/service --config=check 2>&1`,
    });
    expect(stdout).toContain("example.eu");
    expect(stdout).not.toMatch(/unknown|unable|invalid|fatal/i);
  });
});
