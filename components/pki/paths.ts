/** Where every machine finds its certificate for the private network. The key is readable by root and `group`. */
export const tlsPaths = {
  ca: "/etc/sovereign/tls/ca.crt",
  certificate: "/etc/sovereign/tls/host.crt",
  key: "/etc/sovereign/tls/host.key",
  /** Certificate and key in one file, for HAProxy. */
  bundle: "/etc/sovereign/tls/host.pem",
  /** Units that read the key need `SupplementaryGroups=` of this. */
  group: "sovereign-tls",
} as const;
