import { readFileSync } from "node:fs";
import type { MachineFile, MachineUnit } from "../host/role.ts";
import { ports } from "../ports.ts";
import { type DiscoveredHosts, pathLabel } from "./topology.ts";

const directory = "/var/lib/sovereign-discovery";
const program = "/usr/local/lib/sovereign/discover.py";
const configFile = "/etc/sovereign/discovery.json";

/** Where Prometheus reads the targets of a job that come and go. */
export function discoveryFile(job: string): string {
  return `${directory}/${job}.json`;
}

/** Source of the sweep; run by Debian's own python3, standard library only. */
export const discoveryProgram = readFileSync(new URL("./discover.py", import.meta.url), "utf8");

/** What the sweep looks for. A target that vanished stays for ten minutes, so that the alert about it can fire. */
export function renderDiscovery(discovered: readonly DiscoveredHosts[]): string {
  return `${JSON.stringify({
    directory,
    port: ports.nodeExporter,
    /** Seconds. */
    timeout: 1,
    concurrency: 64,
    /** Seconds. */
    forgetAfter: 600,
    subnets: discovered.map((hosts) => ({
      cidr: hosts.subnet,
      labels: { role: hosts.role, location: hosts.location },
      targets: hosts.scrape.map((target) => ({ job: target.job, port: target.port, labels: pathLabel(target) })),
    })),
  })}\n`;
}

export function discoveryFiles(discovered: readonly DiscoveredHosts[]): MachineFile[] {
  return [
    { path: program, content: discoveryProgram, mode: "0755" },
    { path: configFile, content: renderDiscovery(discovered) },
  ];
}

export const discoveryUnits: readonly MachineUnit[] = [
  {
    name: "sovereign-discovery.service",
    content: `[Unit]
Description=Find machines whose address is the provider's choice
After=network-online.target

[Service]
Type=oneshot
User=prometheus
ExecStart=${program} ${configFile}
StateDirectory=sovereign-discovery
TimeoutStartSec=120
# Three lines for every sweep would drown the journal.
LogLevelMax=notice
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET
MemoryMax=128M
`,
  },
  {
    name: "sovereign-discovery.timer",
    content: `[Unit]
Description=Find machines whose address is the provider's choice, every 20 seconds

[Timer]
OnBootSec=10
OnUnitActiveSec=20
AccuracySec=1

[Install]
WantedBy=timers.target
`,
  },
];
