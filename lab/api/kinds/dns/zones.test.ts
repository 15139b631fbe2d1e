import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answered, openTestLab, type TestLab } from "../../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

const createZone = (more: object = {}) => lab.post("/zones", { name: "example.com", mode: "primary", ...more });

/** What a refusal names: status, code and the first field. */
function refusal({ status, body }: Answered): [number, string, string | undefined] {
  return [status, body.error.code, body.error.details?.fields?.[0]?.name];
}

async function serial(): Promise<number> {
  const { body } = await lab.get("/zones/example.com/rrsets/@/SOA");
  return Number(body.rrset.records[0].value.split(" ")[2]);
}

describe("zones", () => {
  test("a new zone has a SOA and the assigned nameservers, and is found by id and by name", async () => {
    const { status, body } = await createZone({ labels: { env: "test" } });
    expect(status).toBe(201);
    expect(body.action).toMatchObject({ command: "create_zone", status: "success", error: null });
    expect(body.action.resources).toEqual([{ type: "zone", id: body.zone.id }]);
    expect(body.zone).toMatchObject({
      name: "example.com",
      ttl: 3600,
      mode: "primary",
      record_count: 4,
      status: "ok",
      primary_nameservers: [],
      protection: { delete: false },
    });
    expect(body.zone.authoritative_nameservers.assigned).toHaveLength(3);
    expect((await lab.get(`/zones/${body.zone.id}`)).body).toEqual({ zone: body.zone });
    expect((await lab.get("/zones/example.com")).body).toEqual({ zone: body.zone });
    expect((await lab.get("/zones?label_selector=env==test&mode=primary")).body.zones).toHaveLength(1);
    expect((await lab.get("/zones?mode=secondary")).body.zones).toHaveLength(0);
    const { body: soa } = await lab.get("/zones/example.com/rrsets/@/SOA");
    expect(soa.rrset.records[0].value).toBe(
      "hydrogen.ns.hetzner.com. dns.hetzner.com. 2026110100 86400 10800 3600000 3600",
    );
  });

  test("names are checked and unique", async () => {
    await createZone();
    expect(refusal(await createZone())).toEqual([409, "uniqueness_error", "name"]);
    expect(refusal(await createZone({ name: "sub.example.com" }))).toEqual([422, "invalid_input", "name"]);
    expect(refusal(await createZone({ name: "a.com", ttl: 59 }))).toEqual([422, "invalid_input", "ttl"]);
    expect(refusal(await createZone({ name: "a.com", mode: "other" }))).toEqual([422, "invalid_input", "mode"]);
    expect((await lab.get("/zones/none.com")).body.error.code).toBe("not_found");
  });

  test("a zone is updating while an action runs on it, and can be changed meanwhile", async () => {
    lab.close();
    lab = openTestLab({ actionDuration: 1000 });
    expect((await createZone()).body.zone.status).toBe("updating");
    expect((await lab.post("/zones/example.com/actions/change_protection", { delete: true })).status).toBe(201);
    lab.pass(1000);
    expect((await lab.get("/zones/example.com")).body.zone).toMatchObject({
      status: "ok",
      protection: { delete: true },
    });
  });

  test("protection keeps a zone; deleting it removes its RRSets", async () => {
    const { body } = await createZone();
    await lab.post("/zones/example.com/actions/change_protection", { delete: true });
    expect(refusal(await lab.delete("/zones/example.com"))[1]).toBe("protected");
    await lab.post("/zones/example.com/actions/change_protection", { delete: false });
    const deleted = await lab.delete(`/zones/${body.zone.id}`);
    expect(deleted.body.action.command).toBe("delete_zone");
    expect((await lab.get("/_lab/state")).body.counts).toMatchObject({ zones: 0, rrsets: 0 });
  });

  test("a secondary zone has nameservers instead of RRSets", async () => {
    const refused = await createZone({ mode: "secondary" });
    expect(refusal(refused)).toEqual([422, "invalid_input", "primary_nameservers"]);
    const nameserver = { address: "192.0.2.53", tsig_algorithm: "hmac-sha256", tsig_key: "c2VjcmV0" };
    const { body } = await createZone({ mode: "secondary", primary_nameservers: [nameserver] });
    expect(body.zone.primary_nameservers).toEqual([{ ...nameserver, port: 53 }]);
    expect(body.zone.record_count).toBe(0);
    for (const path of ["/rrsets", "/zonefile"])
      expect(refusal(await lab.get(`/zones/example.com${path}`)).slice(0, 2)).toEqual([422, "incorrect_zone_mode"]);
    const changed = { primary_nameservers: [{ address: "2001:db8::53", port: 5353 }] };
    expect((await lab.post("/zones/example.com/actions/change_primary_nameservers", changed)).status).toBe(201);
    expect((await lab.get("/zones/example.com")).body.zone).toMatchObject(changed);
  });
});

describe("zone files", () => {
  test("export gives what import takes, with another TTL", async () => {
    await createZone({
      rrsets: [{ name: "www", type: "A", ttl: 60, records: [{ value: "192.0.2.1", comment: "web" }] }],
    });
    const { zonefile } = (await lab.get("/zones/example.com/zonefile")).body;
    expect(zonefile).toContain("www\tIN\t60\tA\t192.0.2.1 ; web\n");
    const changed = zonefile.replace("$TTL\t3600", "$TTL\t7200").replace("192.0.2.1", "192.0.2.2");
    expect((await lab.post("/zones/example.com/actions/import_zonefile", { zonefile: changed })).status).toBe(201);
    expect((await lab.get("/zones/example.com")).body.zone).toMatchObject({ ttl: 7200, record_count: 5 });
    expect((await lab.get("/zones/example.com/rrsets/www/A")).body.rrset).toMatchObject({
      ttl: 60,
      records: [{ value: "192.0.2.2", comment: "web" }],
    });
  });

  test("a bad import changes nothing", async () => {
    await createZone();
    const { zonefile } = (await lab.get("/zones/example.com/zonefile")).body;
    const bad = [
      `${zonefile}www A 192.0.2.300\n`,
      zonefile.replace(/.*oxygen.*\n/, ""),
      zonefile.replace(/.*SOA.*\n/, ""),
      `${zonefile}a A 192.0.2.1\na CNAME b\n`,
      `${zonefile}a A 192.0.2.1\na A 192.0.2.1\n`,
      `${zonefile}a 60 A 192.0.2.1\na 90 A 192.0.2.2\n`,
    ];
    for (const text of bad) {
      const answer = await lab.post("/zones/example.com/actions/import_zonefile", { zonefile: text });
      expect(refusal(answer)).toEqual([422, "invalid_input", "zonefile"]);
    }
    expect((await lab.get("/zones/example.com/zonefile")).body.zonefile).toBe(zonefile);
    const change = await lab.post("/zones/example.com/rrsets/@/NS/actions/change_protection", { change: true });
    expect(change.status).toBe(201);
    const refused = await lab.post("/zones/example.com/actions/import_zonefile", { zonefile });
    expect(refused.body.error.code).toBe("protected");
  });
});

describe("RRSets", () => {
  beforeEach(async () => {
    await createZone();
  });
  const add = (name: string, type: string, ...values: string[]) =>
    lab.post("/zones/example.com/rrsets", { name, type, records: values.map((value) => ({ value })) });
  const act = (path: string, name: string, body: object) =>
    lab.post(`/zones/example.com/rrsets/${path}/actions/${name}`, body);
  const values = async (path: string) =>
    (await lab.get(`/zones/example.com/rrsets/${path}`)).body.rrset.records.map(
      (record: { value: string }) => record.value,
    );

  test("are created, read, listed, labelled and deleted; each change raises the serial", async () => {
    const before = await serial();
    const { body } = await add("www", "A", "192.0.2.1", "192.0.2.2");
    expect(body.rrset).toEqual({
      id: "www/A",
      zone: expect.any(Number),
      name: "www",
      type: "A",
      ttl: null,
      labels: {},
      protection: { change: false },
      records: [{ value: "192.0.2.1" }, { value: "192.0.2.2" }],
    });
    expect(await serial()).toBe(before + 1);
    expect((await lab.put("/zones/example.com/rrsets/www/A", { labels: { a: "b" } })).body.rrset.labels).toEqual({
      a: "b",
    });
    const listed = await lab.get("/zones/example.com/rrsets?type=A&type=NS&sort=name:desc&per_page=100");
    expect(listed.body.rrsets.map((rrset: { id: string }) => rrset.id)).toEqual(["www/A", "@/NS"]);
    expect(listed.body.meta.pagination.per_page).toBe(100);
    expect((await lab.get("/zones/example.com/rrsets?label_selector=a=b")).body.rrsets).toHaveLength(1);
    expect((await lab.delete("/zones/example.com/rrsets/www/A")).body.action.command).toBe("delete_rrset");
    expect((await lab.get("/zones/example.com/rrsets/www/A")).status).toBe(404);
    expect(await serial()).toBe(before + 2);
  });

  test("are refused when they do not fit", async () => {
    await add("www", "A", "192.0.2.1");
    expect(refusal(await add("www", "A", "192.0.2.2"))).toEqual([409, "uniqueness_error", "name"]);
    expect(refusal(await add("www", "CNAME", "other"))).toEqual([422, "invalid_input", "name"]);
    expect(refusal(await add("@", "CNAME", "other"))).toEqual([422, "invalid_input", "name"]);
    expect(refusal(await add("a", "CNAME", "b", "c"))).toEqual([422, "invalid_input", "records"]);
    expect(refusal(await add("a", "A", "192.0.2.1", "bad"))).toEqual([422, "invalid_input", "records.1.value"]);
    expect(refusal(await add("a", "A", "192.0.2.1", "192.0.2.1"))).toEqual([422, "invalid_input", "records.1.value"]);
    expect(refusal(await add("a", "A"))).toEqual([422, "invalid_input", "records"]);
    expect(refusal(await add("a", "SPF", "x"))).toEqual([422, "invalid_input", "type"]);
    expect(refusal(await add("a.example.com", "A", "192.0.2.1"))).toEqual([422, "invalid_input", "name"]);
    expect(refusal(await lab.get("/zones/example.com/rrsets/www/SPF"))).toEqual([422, "invalid_input", "rr_type"]);
    await add("alias", "CNAME", "www");
    expect(refusal(await add("alias", "TXT", '"x"'))).toEqual([422, "invalid_input", "name"]);
  });

  test("records are added (which makes the RRSet), removed (which ends it), set and commented", async () => {
    expect((await act("mail/MX", "add_records", { records: [{ value: "10 a" }], ttl: 300 })).status).toBe(201);
    expect((await act("mail/MX", "add_records", { records: [{ value: "20 b" }] })).status).toBe(201);
    expect(await values("mail/MX")).toEqual(["10 a", "20 b"]);
    expect(refusal(await act("mail/MX", "add_records", { records: [{ value: "20 b" }] }))[2]).toBe("records.0.value");
    expect(refusal(await act("mail/MX", "add_records", { records: [{ value: "30 c" }], ttl: 600 }))[2]).toBe("ttl");
    await act("mail/MX", "update_records", { records: [{ value: "10 a", comment: "first" }] });
    const { rrset } = (await lab.get("/zones/example.com/rrsets/mail/MX")).body;
    expect(rrset).toMatchObject({ ttl: 300, records: [{ value: "10 a", comment: "first" }, { value: "20 b" }] });
    expect(refusal(await act("mail/MX", "remove_records", { records: [{ value: "99 x" }] }))[2]).toBe(
      "records.0.value",
    );
    await act("mail/MX", "set_records", { records: [{ value: "5 z" }] });
    expect(await values("mail/MX")).toEqual(["5 z"]);
    await act("mail/MX", "change_ttl", { ttl: null });
    expect((await lab.get("/zones/example.com/rrsets/mail/MX")).body.rrset.ttl).toBeNull();
    await act("mail/MX", "remove_records", { records: [{ value: "5 z" }] });
    expect((await lab.get("/zones/example.com/rrsets/mail/MX")).status).toBe(404);
    expect(refusal(await act("mail/MX", "set_records", { records: [{ value: "5 z" }] }))[0]).toBe(404);
  });

  test("protection stops every change; the apex keeps its SOA and NS", async () => {
    await add("www", "A", "192.0.2.1");
    await act("www/A", "change_protection", { change: true });
    const records = [{ value: "192.0.2.9" }];
    for (const name of ["set_records", "add_records", "remove_records", "update_records"])
      expect(refusal(await act("www/A", name, { records })).slice(0, 2)).toEqual([423, "protected"]);
    expect(refusal(await act("www/A", "change_ttl", { ttl: 60 }))[1]).toBe("protected");
    expect(refusal(await lab.delete("/zones/example.com/rrsets/www/A"))[1]).toBe("protected");
    expect(await values("www/A")).toEqual(["192.0.2.1"]);
    for (const type of ["SOA", "NS"])
      expect(refusal(await lab.delete(`/zones/example.com/rrsets/@/${type}`))[1]).toBe("protected");
  });

  test("stay as they were when the action of a change fails", async () => {
    await add("www", "A", "192.0.2.1");
    const before = (await lab.get("/zones/example.com/zonefile")).body.zonefile;
    const fail = (command: string) => lab.post("/_lab/faults", { type: "action_error", command, count: 1 });
    const attempts: [string, () => Promise<Answered>][] = [
      ["create_rrset", () => add("new", "A", "192.0.2.1")],
      ["delete_rrset", () => lab.delete("/zones/example.com/rrsets/www/A")],
      ["add_rrset_records", () => act("www/A", "add_records", { records: [{ value: "192.0.2.2" }] })],
      ["remove_rrset_records", () => act("www/A", "remove_records", { records: [{ value: "192.0.2.1" }] })],
      ["change_ttl", () => lab.post("/zones/example.com/actions/change_ttl", { ttl: 60 })],
      ["delete_zone", () => lab.delete("/zones/example.com")],
    ];
    for (const [command, attempt] of attempts) {
      await fail(command);
      expect((await attempt()).body.action).toMatchObject({ command, status: "error" });
      expect((await lab.get("/zones/example.com/zonefile")).body.zonefile).toBe(before);
      expect((await attempt()).body.action.status).toBe("success");
      lab.close();
      lab = openTestLab();
      await createZone();
      await add("www", "A", "192.0.2.1");
    }
    await fail("create_zone");
    const zone = () => lab.post("/zones", { name: "other.com", mode: "primary" });
    expect((await zone()).body.action.status).toBe("error");
    expect((await lab.get("/zones/other.com")).status).toBe(404);
    expect((await zone()).body.action.status).toBe("success");
  });

  test("survive a restart", async () => {
    await add("*.dev", "TXT", '"a b"');
    lab.lab.actions.stop();
    lab.lab.store.close();
    const again = openTestLab({ dataDir: lab.dataDir });
    expect((await again.get("/zones/example.com/rrsets/*.dev/TXT")).body.rrset.records).toEqual([{ value: '"a b"' }]);
    again.close();
    lab.close = () => rmSync(lab.dataDir, { recursive: true, force: true });
  });
});
