import { resolvers } from "../../catalogue/hetzner/resolvers.ts";
import { baseRole } from "../host/base-role.ts";
import { egressProblems, egressRole, type Outgoing, outgoingOf } from "../host/egress.ts";
import { egressPaths } from "../host/egress-proxy.ts";
import { renderFirstBoot } from "../host/first-boot.ts";
import { kernelRole } from "../host/kernel-settings.ts";
import { machineProblems, unitFiles } from "../host/machine.ts";
import { userDataPaths } from "../host/paths.ts";
import type { EgressNeed, MachineFile, Role } from "../host/role.ts";
import type { CloudConfigSpec } from "../host/user-data.ts";

/** An edge machine's roles put together. */
export interface EdgeMachine {
  readonly cloudConfig: CloudConfigSpec;
  readonly egress: readonly EgressNeed[];
}

/** For everybody, like the provider's firewall, which decides who may. */
const openPorts = [
  { port: 80, purpose: "HTTP, led to HTTPS" },
  { port: 443, purpose: "HTTPS" },
];

/** The proxy that lets connections out by name, without what counts for a monitoring that edge machines do not have. */
function egress(given: readonly Role[]): { readonly outgoing: Outgoing; readonly role: Role } {
  const outgoing = outgoingOf(
    { approved: [], resolvers },
    given.flatMap((role) => role.egress ?? []),
  );
  const hasHaproxy = given.some((role) => role.packages.includes("haproxy"));
  const role = egressRole(outgoing, nowhere, hasHaproxy);
  return {
    outgoing,
    role: {
      ...role,
      files: role.files.filter(({ path }) => path !== egressPaths.metricsScript),
      units: role.units.filter(({ name }) => name !== egressMetricsUnit),
    },
  };
}

const egressMetricsUnit = "sovereign-egress-metrics.service";
/** Nothing outside has such an address, and there is no private network: the proxy for egress leads to none of them. */
const nowhere = "10.0.0.0/8";

/**
 * Puts the roles of a machine without a private network together. It lets out what its roles need and nothing else: time, packages, and for a
 * cache the core's public name.
 * @throws with every problem found
 */
export function composeEdgeMachine(hostname: string, given: readonly Role[]): EdgeMachine {
  const { outgoing, role: proxy } = egress(given);
  const rules = openPorts.map((opening) => ({ ...opening, protocol: "tcp" as const, sources: "anywhere" as const }));
  const roles = [baseRole({ rules, outgoing }), proxy, ...given, ...kernelRole(given)];
  const firstBoot: MachineFile = {
    path: userDataPaths.firstBoot,
    mode: "0700",
    content: renderFirstBoot({
      data: [],
      setup: roles.flatMap((role) => role.setup ?? []),
      units: roles.flatMap((role) => role.units),
    }),
  };
  const files = [
    ...roles.flatMap((role) => [...role.files, ...role.units.flatMap((unit) => unitFiles(unit, []))]),
    firstBoot,
  ];
  const problems = [...machineProblems(roles, files), ...egressProblems(outgoing)];
  if (problems.length) throw new Error(`${hostname}: ${problems.join("; ")}`);
  return {
    cloudConfig: { hostname, groups: [], packages: roles.flatMap((role) => role.packages), files },
    egress: roles.flatMap((role) => role.egress ?? []),
  };
}
