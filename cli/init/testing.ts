/** Answers and prices for tests. */
import { totalNodes } from "../../components/postgres/members.ts";
import type { StackConfig } from "../../stacks/config/schema.ts";
import type { StackPlan } from "../../stacks/cost.ts";
import { placesOf } from "../../stacks/places.ts";
import { type Answers, answersSchema, type RawAnswers } from "./answers.ts";

export const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFlTLlgPcQVhi01/t5OP3WXeIczJqiW9r8k4MZs81QNn operations@example.eu";
export const edgePublicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC1zuNM1SjGCz2tVJEZOWyBSZ1l7U9gOVjrbUR1Lp1nO edge@example.eu";

/** Of a shop that wants what one location with three machines gives. */
export const plain: RawAnswers = {
  stack: "production",
  domain: "shop.example.eu",
  data: ["personal", "financial", "static"],
  customers: ["consumers"],
  rpo: 0,
  rto: 5,
  locationRpo: 60,
  locationRto: 1440,
  traffic: { DE: 70, AT: 30 },
  team: "on-call",
  people: 3,
  budget: 1000,
  admins: [{ cidr: "203.0.113.10/32", country: "DE" }],
  sshKeys: [publicKey],
  backup: "hetzner",
};

export const answersOf = (change: RawAnswers = {}): Answers => answersSchema.parse({ ...plain, ...change });

/** A price that grows with the machines, without planning them: properties look at thousands. */
export function roughPlan(config: StackConfig): Promise<StackPlan> {
  const { nodes, serving } = placesOf(config);
  const core = totalNodes(nodes) + serving.length * (config.app.servers + config.redis.nodes + 1);
  const edge = (config.edge?.sites ?? []).map(({ location, serverType }) => ({ role: "edge", location, serverType }));
  return Promise.resolve({
    cost: {
      currency: "EUR",
      monthlyNet: core * 30,
      unpriced: edge.map(({ location }) => `production-edge-${location}-1`),
      pricesOf: "2026-06-15",
    },
    machines: edge,
  } as StackPlan);
}
