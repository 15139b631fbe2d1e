import { afterEach, beforeEach, expect, test } from "vitest";
import { issue } from "../../../api/kinds/certificates/pem.ts";
import { LOAD_BALANCERS } from "../../../api/model-traffic.ts";
import { openTestLab, type TestLab } from "../../../api/testing.ts";
import { balancerSpec } from "./spec.ts";

let lab: TestLab;
let network: number;
beforeEach(async () => {
  lab = openTestLab();
  const subnets = [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }];
  network = (await lab.post("/networks", { name: "private", ip_range: "10.0.0.0/16", subnets })).body.network.id;
});
afterEach(() => lab.close());

const server = async (name: string, more: object = {}) => {
  const { body } = await lab.post("/servers", {
    name,
    server_type: "cpx22",
    location: "fsn1",
    image: "debian-13",
    ...more,
  });
  expect(body.error).toBeUndefined();
  return { id: body.server.id as number, ipv4: body.server.public_net.ipv4?.ip as string };
};
const balancer = async (more: object = {}) => {
  const base = { name: "shop", load_balancer_type: "lb21", location: "fsn1", network };
  const { body } = await lab.post("/load_balancers", { ...base, ...more });
  expect(body.error).toBeUndefined();
  return body.load_balancer.id as number;
};
const specOf = (id: number) => balancerSpec({ store: lab.lab.store }, lab.lab.store.get(LOAD_BALANCERS, id)!);

test("targets are servers by id and by label, privately or publicly, and addresses, each once", async () => {
  const one = await server("one", { networks: [network], labels: { role: "app" } });
  const two = await server("two", { networks: [network], labels: { role: "app" } });
  const three = await server("three");
  await server("four", { labels: { role: "db" } });
  const id = await balancer({
    targets: [
      { type: "server", server: { id: one.id }, use_private_ip: true },
      { type: "label_selector", label_selector: { selector: "role=app" }, use_private_ip: true },
      { type: "server", server: { id: three.id } },
      { type: "ip", ip: { ip: "203.0.113.7" } },
    ],
  });
  const [first, second, third, fourth, ...more] = specOf(id).targets;
  expect(first).toEqual({ target: { server: one.id }, address: expect.stringMatching(/^10\.0\.1\./) });
  expect(second).toEqual({ target: { server: two.id }, address: expect.stringMatching(/^10\.0\.1\./) });
  expect(second!.address).not.toBe(first!.address);
  expect(third).toEqual({ target: { server: three.id }, address: three.ipv4 });
  expect(fourth).toEqual({ target: { ip: "203.0.113.7" }, address: "203.0.113.7" });
  expect(more).toEqual([]);
  expect(specOf(id).maxConnections).toBe(20_000);
});

test("a target that lost its way in the network has no address", async () => {
  const one = await server("one", { networks: [network] });
  const id = await balancer({ targets: [{ type: "server", server: { id: one.id }, use_private_ip: true }] });
  expect(specOf(id).targets[0]!.address).toBeDefined();
  await lab.post(`/servers/${one.id}/actions/detach_from_network`, { network });
  expect(specOf(id).targets).toEqual([{ target: { server: one.id }, address: undefined }]);
});

test("certificates come with their private keys", async () => {
  const { certificate, privateKey } = await issue(["a.example.eu"], new Date());
  const upload = { name: "a", certificate, private_key: privateKey };
  const uploaded = (await lab.post("/certificates", upload)).body.certificate.id as number;
  const id = await balancer({ services: [{ protocol: "https", http: { certificates: [uploaded] } }] });
  expect(specOf(id).certificates.get(uploaded)).toBe(`${certificate.trimEnd()}\n${privateKey.trimEnd()}\n`);
});
