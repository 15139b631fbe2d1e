import { expect, test } from "vitest";
import { openTestLab } from "../testing.ts";

test("null clears the rules, as the vendor's Go client asks for it", async () => {
  const lab = openTestLab();
  const rules = [{ direction: "in", protocol: "tcp", port: "443", source_ips: ["0.0.0.0/0"] }];
  const { body } = await lab.post("/firewalls", { name: "a", rules });
  expect(body.firewall.rules).toHaveLength(1);
  expect((await lab.post(`/firewalls/${body.firewall.id}/actions/set_rules`, { rules: null })).status).toBe(201);
  expect((await lab.get(`/firewalls/${body.firewall.id}`)).body.firewall.rules).toEqual([]);
  lab.close();
});
