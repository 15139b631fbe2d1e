/** What a load balancer shall do, worked out of the API's records. */
import { findLoadBalancerType } from "../../../../catalogue/hetzner/load-balancer-types.ts";
import { attachmentsOf } from "../../../api/core/ipam.ts";
import type { LabView, TargetHealth } from "../../../api/driver.ts";
import type { Service } from "../../../api/kinds/load-balancers/services.ts";
import { isReachable, selectedServers } from "../../../api/kinds/load-balancers/targets.ts";
import { PRIMARY_IPS, SERVERS } from "../../../api/model.ts";
import { CERTIFICATES, type LoadBalancerRecord, privateKeyBlob } from "../../../api/model-traffic.ts";

/** A load balancer as its proxy needs it. */
export interface BalancerSpec {
  /** Open at the same time, as the type allows. */
  readonly maxConnections: number;
  readonly algorithm: LoadBalancerRecord["algorithm"];
  readonly services: readonly Service[];
  readonly targets: readonly TargetSpec[];
  /** The certificates that can be used now: chain and private key in one PEM text, by the certificate's id. */
  readonly certificates: ReadonlyMap<number, string>;
}

export interface TargetSpec {
  readonly target: TargetHealth["target"];
  /** Where it is reached; undefined while there is no way to it. */
  readonly address: string | undefined;
}

type View = Pick<LabView, "store">;

/** Reads what a load balancer shall do. */
export function balancerSpec(view: View, balancer: LoadBalancerRecord): BalancerSpec {
  return {
    maxConnections: findLoadBalancerType(balancer.type)?.maxConnections ?? FALLBACK_CONNECTIONS,
    algorithm: balancer.algorithm,
    services: balancer.services,
    targets: targetsOf(view, balancer),
    certificates: certificatesOf(view, balancer),
  };
}

/** For a type that the catalogue does not know: as many as the smallest has. */
const FALLBACK_CONNECTIONS = 10_000;

/** The servers and addresses behind all targets, each once: what is named twice is health-checked as the first says. */
function targetsOf(view: View, balancer: LoadBalancerRecord): TargetSpec[] {
  const found = new Map<string, TargetSpec>();
  const add = (spec: TargetSpec) => {
    const key = JSON.stringify(spec.target);
    if (!found.has(key)) found.set(key, spec);
  };
  const addServer = (id: number, usePrivate: boolean) =>
    add({ target: { server: id }, address: serverAddress(view, balancer, id, usePrivate) });
  for (const target of balancer.targets) {
    if (target.type === "ip") add({ target: { ip: target.ip }, address: target.ip });
    else if (target.type === "server") addServer(target.server, target.use_private_ip);
    else for (const { id } of selectedServers(view, balancer, target)) addServer(id, target.use_private_ip);
  }
  return [...found.values()];
}

function serverAddress(view: View, balancer: LoadBalancerRecord, id: number, usePrivate: boolean): string | undefined {
  if (!view.store.get(SERVERS, id) || !isReachable(view, balancer, id, usePrivate)) return undefined;
  if (!usePrivate) return view.store.by(PRIMARY_IPS, "server", id).find((ip) => ip.type === "ipv4")?.ip;
  return attachmentsOf(view, { type: "server", id }).find(({ network }) => network === balancer.network)?.ip;
}

/** Managed certificates that are not issued yet are left out. */
function certificatesOf({ store }: View, balancer: LoadBalancerRecord): Map<number, string> {
  const ids = new Set(balancer.services.flatMap((service) => service.http?.certificates ?? []));
  const usable = [...ids].flatMap((id): [number, string][] => {
    const chain = store.get(CERTIFICATES, id)?.issued?.certificate;
    const key = store.blob(privateKeyBlob(id));
    return chain === undefined || key === undefined ? [] : [[id, `${chain.trimEnd()}\n${key.trimEnd()}\n`]];
  });
  return new Map(usable);
}
