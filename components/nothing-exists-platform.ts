import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { Platform } from "./host/platform.ts";
import { Network } from "./network/network.ts";
import type { SubnetRole } from "./network/plan.ts";
import { Pki } from "./pki/pki.ts";

/** Ground for a component alone, everything protected, no agents on its machines. For tests, after `planWithoutProvider`. */
export function platformWithoutProvider(
  name: string,
  roles: readonly SubnetRole[],
  locations: readonly LocationName[] = ["fsn1"],
): Platform {
  const common: Omit<Platform, "location" | "at"> = {
    name,
    network: new Network(name, { locations, roles }),
    pki: new Pki(`${name}-pki`),
    sshKeys: ["1"],
    labels: { stack: name },
    commonRoles: () => [],
    isProtected: () => true,
    publicFirewallId: 1,
  };
  const at = (location: LocationName): Platform => ({ ...common, location, at });
  return at(locations[0]!);
}
