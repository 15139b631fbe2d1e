import type { Platform } from "./host/platform.ts";
import { Network } from "./network/network.ts";
import type { SubnetRole } from "./network/plan.ts";
import { Pki } from "./pki/pki.ts";

/** Ground for a component alone in fsn1, everything protected, no agents on its machines. For tests, after `planWithoutProvider`. */
export function platformWithoutProvider(name: string, roles: readonly SubnetRole[]): Platform {
  return {
    name,
    location: "fsn1",
    network: new Network(name, { locations: ["fsn1"], roles }),
    pki: new Pki(`${name}-pki`),
    sshKeys: ["1"],
    labels: { stack: name },
    commonRoles: () => [],
    isProtected: () => true,
    publicFirewallId: 1,
  };
}
