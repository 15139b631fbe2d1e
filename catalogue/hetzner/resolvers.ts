/** The provider's recursive resolvers, in its own network. https://docs.hetzner.com/dns-console/dns/general/recursive-name-servers. */
export const resolvers = ["185.12.64.1", "185.12.64.2", "2a01:4ff:ff00::add:1", "2a01:4ff:ff00::add:2"] as const;
