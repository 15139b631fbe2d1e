import type { Kind } from "../core/kind.ts";
import { certificates } from "./certificates/certificates.ts";
import { datacenters } from "./datacenters.ts";
import { zones } from "./dns/zones.ts";
import { firewalls } from "./firewalls.ts";
import { floatingIps } from "./floating-ips.ts";
import { images } from "./images.ts";
import { isos } from "./isos.ts";
import { loadBalancers } from "./load-balancers/load-balancers.ts";
import { loadBalancerTypes } from "./load-balancers/types.ts";
import { locations } from "./locations.ts";
import { networks } from "./networks.ts";
import { placementGroups } from "./placement-groups.ts";
import { pricing } from "./pricing.ts";
import { primaryIps } from "./primary-ips.ts";
import { serverTypes } from "./server-types.ts";
import { servers } from "./servers/index.ts";
import { sshKeys } from "./ssh-keys.ts";
import { volumes } from "./volumes.ts";

/** All kinds of the API, in the order in which their routes are mounted. */
export const KINDS: readonly Kind<never>[] = [
  locations,
  datacenters,
  serverTypes,
  images,
  isos,
  pricing,
  sshKeys,
  networks,
  placementGroups,
  primaryIps,
  firewalls,
  volumes,
  servers,
  floatingIps,
  certificates,
  loadBalancerTypes,
  loadBalancers,
  zones,
] as unknown as Kind<never>[];
