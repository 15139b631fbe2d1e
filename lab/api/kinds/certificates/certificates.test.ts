import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answered, openTestLab, type TestLab } from "../../testing.ts";
import { issue } from "./pem.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

function refusal({ status, body }: Answered): [number, string, string | undefined] {
  return [status, body.error.code, body.error.details?.fields?.[0]?.name];
}

const upload = async (name: string, ...domains: string[]) => {
  const made = await issue(domains, new Date("2026-11-01T00:00:00Z"));
  const body = { name, certificate: made.certificate, private_key: made.privateKey };
  return { made, body, answer: await lab.post("/certificates", body) };
};
const order = (name: string, ...domain_names: string[]) =>
  lab.post("/certificates", { name, type: "managed", domain_names });

describe("uploaded certificates", () => {
  test("show what the certificate says and never its private key", async () => {
    const { made, answer } = await upload("web", "example.com", "www.example.com");
    expect(answer.status).toBe(201);
    expect(answer.body.action).toBeNull();
    expect(answer.body.certificate).toMatchObject({
      name: "web",
      type: "uploaded",
      certificate: made.certificate,
      fingerprint: made.fingerprint,
      domain_names: ["example.com", "www.example.com"],
      not_valid_before: "2026-11-01T00:00:00.000Z",
      not_valid_after: "2027-01-30T00:00:00.000Z",
      status: null,
      used_by: [],
    });
    const secret = made.privateKey.split("\n")[1]!;
    const { id } = answer.body.certificate;
    for (const path of [`/certificates/${id}`, "/certificates", "/_lab/state"])
      expect(JSON.stringify((await lab.get(path)).body)).not.toContain(secret);
  });

  test("are refused with the field that is wrong, and the key is not repeated", async () => {
    const { body } = await upload("web", "example.com");
    const other = await issue(["example.com"], new Date());
    const post = (more: object) => lab.post("/certificates", { ...body, name: "other", ...more });
    expect(refusal(await lab.post("/certificates", body))).toEqual([409, "uniqueness_error", "name"]);
    const mismatch = await post({ private_key: other.privateKey });
    expect(refusal(mismatch)).toEqual([422, "invalid_input", "private_key"]);
    expect(JSON.stringify(mismatch.body)).not.toContain(other.privateKey.split("\n")[1]);
    expect(refusal(await post({ certificate: "nonsense" }))).toEqual([422, "invalid_input", "certificate"]);
    expect(refusal(await post({ private_key: undefined }))).toEqual([422, "invalid_input", "private_key"]);
    expect(refusal(await post({ type: "other" }))).toEqual([422, "invalid_input", "type"]);
    expect((await lab.get("/certificates")).body.certificates).toHaveLength(1);
  });

  test("are renamed, labelled, found by type, and cannot be retried", async () => {
    const { answer } = await upload("web", "example.com");
    const path = `/certificates/${answer.body.certificate.id}`;
    expect((await lab.put(path, { name: "new", labels: { a: "b" } })).body.certificate).toMatchObject({ name: "new" });
    expect((await lab.get("/certificates?type=uploaded&label_selector=a")).body.certificates).toHaveLength(1);
    expect((await lab.get("/certificates?type=managed")).body.certificates).toHaveLength(0);
    expect((await lab.post(`${path}/actions/retry`)).body.error.code).toBe("unsupported_error");
    expect((await lab.delete(path)).status).toBe(204);
  });
});

describe("managed certificates", () => {
  test("are pending until issued, for zones of the project", async () => {
    lab.close();
    lab = openTestLab({ actionDuration: 5000 });
    await lab.post("/zones", { name: "example.com", mode: "primary" });
    const { status, body } = await order("web", "example.com", "*.example.com");
    expect(status).toBe(201);
    expect(body.action).toMatchObject({ command: "create_certificate", status: "running" });
    expect(body.certificate).toMatchObject({
      type: "managed",
      certificate: null,
      fingerprint: null,
      domain_names: ["example.com", "*.example.com"],
      status: { issuance: "pending", renewal: "unavailable", error: null },
    });
    const path = `/certificates/${body.certificate.id}`;
    expect((await lab.delete(path)).body.error.code).toBe("locked");
    lab.pass(5000);
    const { certificate } = (await lab.get(path)).body;
    expect(certificate.status).toEqual({ issuance: "completed", renewal: "scheduled", error: null });
    expect(certificate.certificate).toContain("BEGIN CERTIFICATE");
    expect(certificate.fingerprint).toMatch(/^[0-9a-f:]{95}$/);
    expect((await lab.get(`${path}/actions`)).body.actions[0].status).toBe("success");
  });

  test("fail with the reason, and succeed when it is mended and retried", async () => {
    const { body } = await order("web", "www.example.com");
    expect(body.action).toMatchObject({ status: "error", error: { code: "dns_zone_not_found" } });
    const path = `/certificates/${body.certificate.id}`;
    expect((await lab.get(path)).body.certificate.status).toMatchObject({
      issuance: "failed",
      error: { code: "dns_zone_not_found" },
    });
    await lab.post("/zones", { name: "example.com", mode: "primary" });
    const caa = (...values: string[]) =>
      lab.post("/zones/example.com/rrsets", { name: "@", type: "CAA", records: values.map((value) => ({ value })) });
    await caa('0 issue "other.example"');
    const refused = await lab.post(`${path}/actions/retry`);
    expect(refused.body.action).toMatchObject({
      command: "issue_certificate",
      error: { code: "caa_record_does_not_allow_ca" },
    });
    await lab.delete("/zones/example.com/rrsets/@/CAA");
    await caa('0 issue "letsencrypt.org"', '0 issuewild ";"');
    expect((await lab.post(`${path}/actions/retry`)).body.action.status).toBe("success");
    expect((await lab.get(path)).body.certificate.status.issuance).toBe("completed");
    expect((await lab.post(`${path}/actions/retry`)).body.error.code).toBe("unsupported_error");
    const wildcard = await order("wild", "*.example.com");
    expect(wildcard.body.action.error.code).toBe("caa_record_does_not_allow_ca");
  });

  test.each([[[]], [["Example.com"]], [["localhost"]], [["a..com"]], [["*.*.example.com"]], [["192.0.2.1"]], ["x"]])(
    "are refused for %j",
    async (domain_names) => {
      const answer = await lab.post("/certificates", { name: "a", type: "managed", domain_names });
      expect([answer.status, answer.body.error.code]).toEqual([422, "invalid_input"]);
      expect(refusal(answer)[2]).toMatch(/^domain_names/);
    },
  );
});
