/**
 * Limits of Hetzner Cloud that decide how a stack can be built. Limits of load balancer types stand with the types.
 *
 * Sources: Hetzner's documentation and API reference, read between 2026-02 and 2026-10. Some account limits can be
 * raised by Hetzner on request; these are the defaults.
 */
export const limits = {
  /** Servers in one spread placement group (docs "Placement groups", 2026-10). */
  serversPerPlacementGroup: 10,
  /** Placement groups per project (docs "Placement groups", 2026-10). */
  placementGroupsPerProject: 50,
  /** Rules of one firewall (API reference, 2026-02). */
  rulesPerFirewall: 50,
  /** Effective rules of one firewall, each source or destination network counted (API reference, 2026-02). */
  effectiveRulesPerFirewall: 500,
  /** Networks in one firewall rule's sources or destinations (API reference, 2026-02). */
  networksPerFirewallRule: 100,
  /** Firewalls on one server, label selectors included (API reference, 2026-02). */
  firewallsPerServer: 5,
  /** Subnets of one network (docs "Networks", 2026-10). */
  subnetsPerNetwork: 50,
  /** Routes of one network (docs "Networks", 2026-10; weak). */
  routesPerNetwork: 100,
  /** Servers and load balancers attached to one network (docs "Networks", 2026-10). */
  attachmentsPerNetwork: 100,
  /** Networks that one server can be attached to (docs "Networks", 2026-10; weak). */
  networksPerServer: 3,
  /** Alias addresses of one server in one network (docs "Networks", 2026-10; weak). */
  aliasIpsPerServerNetwork: 5,
  /** Volumes attached to one server (docs "Volumes", 2026-10). */
  volumesPerServer: 16,
  /** GB of the smallest volume (API reference, 2026-02). */
  volumeMinGb: 10,
  /** GB of the largest volume (API reference, 2026-02). */
  volumeMaxGb: 10_240,
  /** Bytes of a server's user data, as sent (API reference: 32 KiB, 2026-02). */
  userDataBytes: 32_768,
  /** Load balancers per account (docs "Load Balancers", read 2026-10). */
  loadBalancersPerAccount: 20,
  /** API calls per hour and project; one more call is granted each second (API reference, 2026-02). */
  apiRequestsPerHour: 3_600,
  /** Items on one page of a list (API reference, 2026-02). */
  apiItemsPerPage: 50,
  /** Items on one page of a zone's RRsets (API reference, 2026-02). */
  apiRrsetsPerPage: 100,
} as const satisfies Record<string, number>;
