import type { Role } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import { archiveStore, fetchArchivePath, renderFetchArchive, type WorkloadArchive } from "./archive.ts";
import { type EnvironmentSpec, renderEnvironmentFile, variableNames } from "./environment.ts";
import { appMetrics } from "./metrics.ts";
import { type ContainerWorkload, imageRegistry, type ServiceWorkload, unknownWorkload } from "./workload.ts";

export const workloadUnit = "sovereign-workload.service";
const environmentPath = "/etc/sovereign/workload.env";
const registryAuthPath = "/etc/sovereign/registry.json";
/** Name of the secret token with base64 of `user:password` at the registry. */
export const registryAuthSecret = "registry-auth";

/** The workload stops before what it needs does, and only after nginx has finished its requests. */
const ordering = `Wants=network-online.target
After=network-online.target haproxy.service pgbouncer.service
Before=nginx.service
StartLimitIntervalSec=0`;

/**
 * The metadata service hands out the user data, with every secret of the machine, to whoever asks. The packet filter keeps it for
 * root; this keeps the workload from it whatever it runs as. A quadlet's container is below its unit's control group
 * (`--cgroups=split`), so the unit's filter covers it on the host's network too.
 */
const noUserData = "IPAddressDeny=169.254.169.254";

/** Where podman takes users of containers from: beyond all that Debian and systemd give away. */
const containerUsers = "containers:1879048192:1048576\n";

/** An argument as systemd's command lines take it: one word, no specifiers, no variables. */
export function quoteArgument(argument: string): string {
  return `"${argument.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/**
 * The container as a quadlet. Variables come by systemd from the environment file and are passed on by name, so that no
 * secret is on a command line.
 */
export function renderQuadlet(workload: ContainerWorkload, variables: readonly string[]): string {
  const lines = [
    `Image=${workload.image}`,
    "ContainerName=workload",
    "Network=host",
    // Root in the container is an ordinary user of the machine.
    "UserNS=auto:size=65536",
    "Pull=missing",
    "NoNewPrivileges=true",
    "DropCapability=all",
    ...(workload.capabilities ?? []).map((capability) => `AddCapability=${capability}`),
    `ReadOnly=${!(workload.writable ?? false)}`,
    "ReadOnlyTmpfs=true",
    ...(workload.user ? [`User=${workload.user.split(":")[0]}`] : []),
    ...(workload.user?.includes(":") ? [`Group=${workload.user.split(":")[1]}`] : []),
    ...(workload.command?.length ? [`Exec=${workload.command.map(quoteArgument).join(" ")}`] : []),
    ...(workload.registryUser ? [`PodmanArgs=--authfile=${registryAuthPath}`] : []),
    ...variables.map((name) => `PodmanArgs=--env=${name}`),
  ];
  return `[Unit]
Description=Workload
${ordering}

[Container]
${lines.join("\n")}

[Service]
EnvironmentFile=${environmentPath}
${noUserData}
Restart=always
RestartSec=2
TimeoutStartSec=600
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`;
}

/** The workload as a service that may read the system, write only to its own state directory, and gain no rights. */
export function renderServiceUnit(workload: ServiceWorkload): string {
  return `[Unit]
Description=Workload
${ordering}

[Service]
${workload.user ? `User=${workload.user}` : "DynamicUser=yes"}
StateDirectory=workload
WorkingDirectory=/var/lib/workload
EnvironmentFile=${environmentPath}
ExecStart=${workload.command.map(quoteArgument).join(" ")}
Restart=always
RestartSec=2
TimeoutStopSec=30
LimitNOFILE=20000
${noUserData}
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
InaccessiblePaths=-/etc/sovereign
LockPersonality=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
# @pkey: V8 (Node) protects its code with memory keys where the processor has them. Anything else is refused, not fatal.
SystemCallFilter=@system-service @pkey
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=multi-user.target
`;
}

type WorkloadParts = Pick<Role, "packages" | "files" | "units" | "setup" | "egress">;

function containerParts(workload: ContainerWorkload, variables: readonly string[]): WorkloadParts {
  const { host, port } = imageRegistry(workload.image);
  const auth = JSON.stringify({
    auths: { [port === 443 ? host : `${host}:${port}`]: { auth: secretToken(registryAuthSecret) } },
  });
  return {
    // Debian's podman recommends these, and a machine installs no recommended packages.
    packages: ["podman", "crun", "netavark", "aardvark-dns", "catatonit"],
    files: [
      { path: "/etc/containers/systemd/sovereign-workload.container", content: renderQuadlet(workload, variables) },
      { path: "/etc/subuid", content: containerUsers },
      { path: "/etc/subgid", content: containerUsers },
      ...(workload.registryUser ? [{ path: registryAuthPath, content: `${auth}\n`, mode: "0600" }] : []),
    ],
    units: [{ name: workloadUnit }],
    egress: [{ host, port, purpose: "image of the workload" }],
  };
}

function archiveParts(
  archive: WorkloadArchive,
): Required<Pick<WorkloadParts, "packages" | "files" | "setup" | "egress">> {
  const purpose = ["release of the workload", ...(archive.country ? [`(${archive.country})`] : [])].join(" ");
  return {
    packages: ["curl"],
    files: [{ path: fetchArchivePath, content: renderFetchArchive(archive), mode: "0755" }],
    setup: [fetchArchivePath],
    egress: [{ ...archiveStore(archive), purpose }],
  };
}

function serviceParts(workload: ServiceWorkload): WorkloadParts {
  const archive = workload.archive ? archiveParts(workload.archive) : undefined;
  const files = (workload.files ?? []).map(({ path, content, executable }) => ({
    path,
    content,
    mode: executable ? "0755" : "0644",
  }));
  return {
    ...archive,
    packages: [...(workload.packages ?? []), ...(archive?.packages ?? [])],
    files: [...files, ...(archive?.files ?? [])],
    units: [{ name: workloadUnit, content: renderServiceUnit(workload) }],
  };
}

function parts(spec: EnvironmentSpec): WorkloadParts {
  const { workload } = spec;
  switch (workload.kind) {
    case "container":
      return containerParts(workload, variableNames(spec));
    case "service":
      return serviceParts(workload);
    default:
      return unknownWorkload(workload);
  }
}

/** The workload on an app server, whichever kind it is. */
export function workloadRole(spec: EnvironmentSpec): Role {
  const { workload } = spec;
  const own = parts(spec);
  return {
    name: "workload",
    ...own,
    files: [...own.files, { path: environmentPath, content: renderEnvironmentFile(spec), mode: "0600" }],
    openings: [],
    scrape: workload.metricsPath
      ? [{ job: appMetrics.jobs.workload, port: ports.workloadMetrics, path: workload.metricsPath }]
      : [],
  };
}
