import { expect, test } from "vitest";
import type { Machine } from "../../lab/session/machines.ts";
import { failedUnits, healthOf, parseLoadBalancers, renderHealth } from "./health.ts";

const machine = (name: string, own: Partial<Machine> = {}): Machine => ({
  id: 1,
  name,
  status: "running",
  leader: 42,
  booted: true,
  failed: null,
  failedUnits: [],
  addresses: [],
  ...own,
});

const balancer = (...statuses: string[]) =>
  parseLoadBalancers({
    load_balancers: [
      {
        name: "shop-lb",
        targets: [
          {
            type: "label_selector",
            targets: statuses.map((status) => ({ type: "server", health_status: [{ listen_port: 443, status }] })),
          },
        ],
      },
    ],
  });

test("everything healthy: nothing is waited for", () => {
  const health = healthOf([machine("a"), machine("b")], balancer("healthy", "healthy"));
  expect(health).toMatchObject({ machines: 2, booted: 2, targets: 2, healthyTargets: 2, waitingFor: [], failures: [] });
});

test("what is missing is named: machines that boot, units that failed, targets that are not healthy", () => {
  const machines = [machine("a", { booted: false }), machine("b", { failedUnits: ["patroni.service"] }), machine("c")];
  const health = healthOf(machines, balancer("healthy", "unknown", "unhealthy"));
  expect(health.waitingFor).toEqual(["a", "b", "shop-lb"]);
  expect(renderHealth(health)).toBe("2 of 3 machines booted · 1 of 3 targets healthy · waiting for a and 2 more");
  expect(failedUnits(machines)).toEqual(["b: patroni.service"]);
});

test("a first boot that failed is a failure", () => {
  const health = healthOf([machine("a", { booted: false, failed: "waited 300 s for the data volume" })], []);
  expect(health.failures).toEqual([{ machine: "a", why: "waited 300 s for the data volume" }]);
});
