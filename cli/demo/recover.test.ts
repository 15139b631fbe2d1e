import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Ask, findCreated } from "./orphans.ts";
import { clearStaleLocks, settle } from "./recover.ts";

const resource = (kind: string, name: string, inputs: Record<string, unknown>) => ({
  urn: `urn:pulumi:dev::sovereign::hcloud:index/${kind}:${kind[0]!.toUpperCase()}${kind.slice(1)}::${name}`,
  type: `hcloud:index/${kind}:${kind[0]!.toUpperCase()}${kind.slice(1)}`,
  custom: true,
  inputs,
});

/** An API that has the given answers by path. */
const api =
  (answers: Record<string, unknown>): Ask =>
  async (path) =>
    answers[path];

describe("a creation that was cut off", () => {
  it.each([
    ["server", { name: "a-1" }, "/servers?name=a-1", { servers: [{ id: 7, name: "a-1" }] }, "7"],
    ["server", { name: "a-1" }, "/servers?name=a-1", { servers: [] }, undefined],
    ["server", { name: "a-1" }, "/servers?name=a-1", { servers: [{ id: 7, name: "a-10" }] }, undefined],
    ["uploadedCertificate", { name: "c" }, "/certificates?name=c", { certificates: [{ id: 3, name: "c" }] }, "3"],
    [
      "networkSubnet",
      { networkId: 5, ipRange: "10.0.1.0/24" },
      "/networks/5",
      { network: { subnets: [{ ip_range: "10.0.1.0/24" }] } },
      "5-10.0.1.0/24",
    ],
    ["networkSubnet", { networkId: 5, ipRange: "10.0.1.0/24" }, "/networks/5", { network: { subnets: [] } }, undefined],
    ["volumeAttachment", { volumeId: 8, serverId: 2 }, "/volumes/8", { volume: { server: 2 } }, "8"],
    ["volumeAttachment", { volumeId: 8, serverId: 2 }, "/volumes/8", { volume: { server: 3 } }, undefined],
    ["volumeAttachment", { volumeId: 8, serverId: 2 }, "/volumes/8", { volume: { server: null } }, undefined],
    [
      "loadBalancerService",
      { loadBalancerId: "4", protocol: "https" },
      "/load_balancers/4",
      { load_balancer: { services: [{ listen_port: 443 }] } },
      "4__443",
    ],
    ["serverNetwork", { serverId: 1, subnetId: "5-10.0.1.0/24" }, "", {}, undefined],
  ])("%s %j is looked up at %s", async (kind, inputs, path, answer, id) => {
    expect(await findCreated(resource(kind, "x", inputs), api({ [path]: answer }))).toBe(id);
  });

  it("is taken into the state when it happened, and forgotten when it did not", async () => {
    const made = resource("server", "made", { name: "made" });
    const lost = resource("server", "lost", { name: "lost" });
    const before = resource("network", "net", {});
    const state = {
      version: 3,
      deployment: {
        manifest: { time: "now" },
        resources: [before],
        pending_operations: [made, lost].map((of) => ({ type: "creating", resource: of })),
      },
    };
    const { settled, adopted, forgotten } = await settle(
      state,
      api({ "/servers?name=made": { servers: [{ id: 9, name: "made" }] }, "/servers?name=lost": { servers: [] } }),
    );
    expect(JSON.parse(JSON.stringify(settled))).toEqual({
      version: 3,
      deployment: { manifest: { time: "now" }, resources: [before, { ...made, id: "9", outputs: { id: "9" } }] },
    });
    expect(adopted).toHaveLength(1);
    expect(forgotten).toBe(1);
  });

  it("that was to replace another leaves the other to be deleted", async () => {
    const old = { ...resource("server", "a", { name: "a-old" }), id: "1" };
    const made = resource("server", "a", { name: "a-new" });
    const { settled } = await settle(
      { deployment: { resources: [old], pending_operations: [{ type: "creating", resource: made }] } },
      api({ "/servers?name=a-new": { servers: [{ id: 2, name: "a-new" }] } }),
    );
    expect(settled.deployment.resources).toMatchObject([{ id: "2" }, { id: "1", delete: true }]);
  });

  it("of other kinds, such as updates, is simply forgotten", async () => {
    const of = { ...resource("server", "a", {}), id: "1" };
    const state = { deployment: { resources: [of], pending_operations: [{ type: "updating", resource: of }] } };
    expect((await settle(state, api({}))).settled.deployment).toEqual({
      resources: [of],
      pending_operations: undefined,
    });
  });
});

describe("locks", () => {
  function backendWith(lock: object | string, stack = "dev") {
    const backend = mkdtempSync(join(tmpdir(), "sovereign-locks-"));
    const folder = join(backend, ".pulumi", "locks", "organization", "sovereign", stack);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "1.json");
    writeFileSync(file, typeof lock === "string" ? lock : JSON.stringify(lock));
    return { backend, file, remove: () => rmSync(backend, { recursive: true }) };
  }
  const mine = { username: "u", hostname: hostname(), timestamp: "2026-11-22T12:00:00Z" };
  // Larger than any process number that the kernel gives.
  const gone = 2 ** 30;

  it.each([[{ ...mine, pid: gone }], ["{ half"]])("of an engine that is gone is removed: %j", (lock) => {
    const { backend, file, remove } = backendWith(lock);
    expect(clearStaleLocks(backend, "dev")).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(clearStaleLocks(backend, "dev")).toBe(false);
    remove();
  });

  it.each([
    ["of an engine that runs", { ...mine, pid: process.pid }],
    ["of another machine", { ...mine, pid: gone, hostname: "elsewhere" }],
  ])("%s is respected", (_, lock) => {
    const { backend, file, remove } = backendWith(lock);
    expect(() => clearStaleLocks(backend, "dev")).toThrow(/another run is at work on dev since 2026-11-22T12:00:00Z/);
    expect(existsSync(file)).toBe(true);
    remove();
  });

  it("of another stack is not touched", () => {
    const { backend, file, remove } = backendWith({ ...mine, pid: gone }, "prod");
    expect(clearStaleLocks(backend, "dev")).toBe(false);
    expect(existsSync(file)).toBe(true);
    remove();
  });
});
