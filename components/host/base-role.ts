import { tlsPaths } from "../pki/paths.ts";
import type { Outgoing } from "./egress.ts";
import type { FilterRule } from "./packet-filter.ts";
import { renderPacketFilter } from "./packet-filter.ts";
import type { MachineFile, Role } from "./role.ts";
import { secretToken } from "./secret-token.ts";

export interface BaseRoleSpec {
  /** The private network; without one the machine has no certificate of it either. */
  readonly privateRange?: string | undefined;
  readonly rules: readonly FilterRule[];
  /** What may go out. @default everything */
  readonly outgoing?: Outgoing | undefined;
}

/** The provider's own time servers, in the EU. https://docs.hetzner.com, read 2026-10. */
const timeServers = ["ntp1.hetzner.de", "ntp2.hetzner.com", "ntp3.hetzner.net"];

/** Never upgraded unattended: their restarts are rolled out one machine after another. */
const heldBack = ["postgresql", "patroni", "etcd", "pgbouncer", "pgbackrest", "valkey", "redis", "haproxy"];

const sshd = `PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
X11Forwarding no
AllowAgentForwarding no
MaxAuthTries 3
LoginGraceTime 20
`;

const upgrades = `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Package-Blacklist { ${heldBack.map((name) => `"^${name}";`).join(" ")} };
Unattended-Upgrade::Automatic-Reboot "false";
`;

/** What proves a machine to the others of its private network. */
function certificateFiles(): MachineFile[] {
  const readers = { owner: `root:${tlsPaths.group}`, mode: "0640" };
  const certificate = secretToken("tls.certificate");
  const key = secretToken("tls.key");
  return [
    { path: tlsPaths.ca, content: secretToken("tls.authority"), ...readers },
    { path: tlsPaths.certificate, content: certificate, ...readers },
    { path: tlsPaths.key, content: key, ...readers },
    { path: tlsPaths.bundle, content: `${certificate}${key}`, ...readers },
  ];
}

/** What every machine has: its certificate, packet filter, SSH without passwords, time, and security updates. */
export function baseRole(spec: BaseRoleSpec): Role {
  return {
    name: "base",
    packages: ["nftables", "unattended-upgrades", "ca-certificates", "systemd-timesyncd", "python3"],
    files: [
      // Services of packages must not start before their files, data and secrets are in place.
      { path: "/usr/sbin/policy-rc.d", mode: "0755", content: "#!/bin/sh\nexit 101\n" },
      ...(spec.privateRange === undefined ? [] : certificateFiles()),
      { path: "/etc/nftables.conf", mode: "0600", content: renderPacketFilter(spec) },
      { path: "/etc/ssh/sshd_config.d/50-sovereign.conf", mode: "0600", content: sshd },
      {
        path: "/etc/systemd/timesyncd.conf.d/sovereign.conf",
        content: `[Time]\nNTP=${timeServers.join(" ")}\nFallbackNTP=\n`,
      },
      { path: "/etc/apt/apt.conf.d/52sovereign", content: upgrades },
    ],
    units: [
      { name: "nftables.service" },
      { name: "systemd-timesyncd.service" },
      { name: "ssh.service" },
      { name: "unattended-upgrades.service" },
    ],
    openings: [],
    scrape: [],
    egress: timeServers.map((host) => ({ host, port: 123, purpose: "time" })),
  };
}
