import { Resolver } from "node:dns/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestLab, type TestLab } from "../../../api/testing.ts";
import { labView } from "../../../api/view.ts";
import { describeWithDebian } from "../../../debian/testing.ts";
import { eventually, type TestNamespace, testNamespace } from "../testing.ts";
import { type DnsService, dns } from "./dns.ts";

/** Reserved for documentation: nobody's. */
const AUTHORITATIVE = "192.0.2.53";

describeWithDebian("DNS", (debian) => {
  let lab: TestLab;
  let place: TestNamespace;
  let service: DnsService;
  let resolver: Resolver;
  let authoritative: Resolver;
  let logged: string[];
  let delegations: Record<string, string[]>;

  beforeEach(async () => {
    lab = openTestLab();
    place = await testNamespace();
    logged = [];
    delegations = {};
    await place.hold(AUTHORITATIVE);
    service = dns({
      view: labView(lab.lab),
      network: { ensureLoadBalancer: () => Promise.reject(new Error("none")), services: { netns: place.netns } },
      tree: debian.tree(),
      log: (line) => logged.push(line),
      resolvers: [place.address],
      authoritative: AUTHORITATIVE,
      delegations: () => delegations,
      hosts: { "fsn1.your-objectstorage.com": "198.19.255.80" },
    });
    lab.lab.store.onCommit(service.changed);
    resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([place.address]);
    authoritative = new Resolver({ timeout: 2000, tries: 2 });
    authoritative.setServers([AUTHORITATIVE]);
    await addZone("example.eu");
    await service.start();
  });
  afterEach(async () => {
    await service.stop();
    await place.close();
    lab.close();
  });

  const addZone = async (name: string) => {
    const { body } = await lab.post("/zones", { name, mode: "primary", ttl: 3600 });
    expect(body.error).toBeUndefined();
  };
  const addRecords = async (zone: string, name: string, type: string, ...values: string[]) => {
    const records = values.map((value) => ({ value }));
    const { body } = await lab.post(`/zones/${zone}/rrsets`, { name, type, ttl: 60, records });
    expect(body.error).toBeUndefined();
  };
  const orCode = (answer: Promise<unknown>) => answer.catch((error: NodeJS.ErrnoException) => error.code);

  test("zones of the API are answered, and a change shows at once", async () => {
    expect((await authoritative.resolveSoa("example.eu")).nsname).toBe("hydrogen.ns.hetzner.com");
    expect(await orCode(resolver.resolve4("shop.example.eu"))).toBe("ENOTFOUND");
    await addRecords("example.eu", "shop", "A", "198.18.0.7", "198.18.0.8");
    await addRecords("example.eu", "shop", "AAAA", "2001:db8:0:1::1");
    await addRecords("example.eu", "www", "CNAME", "shop");
    await addRecords("example.eu", "@", "TXT", '"v=spf1 -all; \\"quoted\\""');
    await eventually(
      () => orCode(resolver.resolve4("www.example.eu")),
      (found) => Array.isArray(found) && [...found].sort().join() === "198.18.0.7,198.18.0.8",
    );
    expect(await resolver.resolve6("shop.example.eu")).toEqual(["2001:db8:0:1::1"]);
    expect(await authoritative.resolveTxt("example.eu")).toEqual([['v=spf1 -all; "quoted"']]);
    await lab.post("/zones/example.eu/rrsets/shop/A/actions/set_records", { records: [{ value: "198.18.0.9" }] });
    await eventually(
      () => resolver.resolve4("shop.example.eu"),
      (found) => found.join() === "198.18.0.9",
    );
    expect(logged).toEqual([]);
  });

  test("zones come and go", async () => {
    await addZone("example.de");
    await addRecords("example.de", "@", "A", "198.18.0.1");
    await eventually(
      () => orCode(resolver.resolve4("example.de")),
      (found) => String(found) === "198.18.0.1",
    );
    expect((await lab.delete("/zones/example.eu")).body?.error).toBeUndefined();
    await eventually(
      () => orCode(resolver.resolveSoa("example.eu")),
      (found) => found === "ENOTFOUND",
    );
    expect(await resolver.resolve4("example.de")).toEqual(["198.18.0.1"]);
  });

  test("a zone is answered by whom it is delegated to, and by nobody else", async () => {
    await addRecords("example.eu", "a.shop", "A", "198.18.0.7");
    await eventually(
      () => orCode(resolver.resolve4("a.shop.example.eu")),
      (found) => String(found) === "198.18.0.7",
    );
    // Nobody answers there.
    delegations = { "shop.example.eu": [place.alsoHere[0]!] };
    service.reload();
    await eventually(
      () => orCode(resolver.resolve4("a.shop.example.eu")),
      (found) => !Array.isArray(found),
    );
    delegations = { "shop.example.eu": [place.alsoHere[0]!, AUTHORITATIVE] };
    service.reload();
    await eventually(
      () => orCode(resolver.resolve4("a.shop.example.eu")),
      (found) => String(found) === "198.18.0.7",
    );
  });

  test("object storage has the lab's address, and nothing else exists", async () => {
    expect(await resolver.resolve4("fsn1.your-objectstorage.com")).toEqual(["198.19.255.80"]);
    expect(await resolver.resolve4("bucket.fsn1.your-objectstorage.com")).toEqual(["198.19.255.80"]);
    for (const name of ["debian.org", "your-objectstorage.com", "example.com", "169.254.169.254.in-addr.arpa"]) {
      expect([name, await orCode(resolver.resolve4(name))]).toEqual([name, "ENOTFOUND"]);
    }
  });
});
