import {
  loadBalancerTypes as all,
  findLoadBalancerType,
  type LoadBalancerType,
} from "../../../../catalogue/hetzner/load-balancer-types.ts";
import { locationNames } from "../../../../catalogue/hetzner/locations.ts";
import { invalidInput } from "../../core/errors.ts";
import type { Kind } from "../../core/kind.ts";
import { renderPrices } from "../server-types.ts";

export const loadBalancerTypes: Kind<LoadBalancerType> = {
  path: "load_balancer_types",
  singular: "load_balancer_type",
  all: () => all,
  sort: { id: (type) => type.id, name: (type) => type.name },
  render: (_, type) => ({
    id: type.id,
    name: type.name,
    description: type.name.toUpperCase(),
    max_connections: type.maxConnections,
    max_services: type.maxServices,
    max_targets: type.maxTargets,
    max_assigned_certificates: type.maxAssignedCertificates,
    deprecated: null,
    prices: renderPrices(type.monthlyEurNet, locationNames),
  }),
};

const RENDERED = new Map<string, object>(
  all.map((type) => [type.name, loadBalancerTypes.render(undefined as never, type)]),
);

/** A type as load balancers show it. */
export function renderType(name: string): object {
  return RENDERED.get(name)!;
}

/** The type that a record names. */
export function typeOf(name: string): LoadBalancerType {
  return findLoadBalancerType(name)!;
}

/**
 * The type that a request names, by name or id.
 *
 * @throws ApiError `invalid_input` naming the field
 */
export function requireType(nameOrId: string | number): LoadBalancerType {
  const wanted = String(nameOrId).toLowerCase();
  const found = all.find((type) => type.name === wanted || String(type.id) === wanted);
  if (!found) throw invalidInput("load_balancer_type", `load balancer type '${wanted.slice(0, 50)}' not found`);
  return found;
}
