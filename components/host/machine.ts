import type { SubnetRole } from "../network/plan.ts";
import { tlsPaths } from "../pki/paths.ts";
import { baseRole } from "./base-role.ts";
import { dataVolumeFiles, dataVolumeUnits, renderDataDropIn } from "./data-volume.ts";
import { type EgressPolicy, egressProblems, egressRole, outgoingOf } from "./egress.ts";
import { renderFirstBoot } from "./first-boot.ts";
import { kernelProblems, kernelRole } from "./kernel-settings.ts";
import type { FilterRule } from "./packet-filter.ts";
import { userDataPaths } from "./paths.ts";
import type {
  DataDirectory,
  EgressNeed,
  MachineFile,
  MachineUnit,
  Opening,
  PublicOpening,
  Role,
  ScrapeTarget,
} from "./role.ts";
import { secretNames } from "./secret-token.ts";
import type { CloudConfigSpec } from "./user-data.ts";

export interface MachineSpec {
  readonly hostname: string;
  readonly roles: readonly Role[];
  /** The private network. */
  readonly privateRange: string;
  /** Planned address, or the private network's range where the provider chooses one. */
  readonly privateAddress: string;
  /** Ranges of a role's subnets. */
  readonly ranges: (role: SubnetRole) => readonly string[];
  /** Lets out what roles need and what is approved, and nothing else. @default everything goes out */
  readonly egress?: EgressPolicy | undefined;
}

/** A machine's roles put together: everything about it that can be known before it exists. */
export interface Machine {
  readonly cloudConfig: CloudConfigSpec;
  readonly openings: readonly Opening[];
  /** What the public reaches; also the provider's firewall has to let it in. */
  readonly publicOpenings: readonly PublicOpening[];
  readonly scrape: readonly ScrapeTarget[];
  /** Addresses outside the private network that it needs. */
  readonly egress: readonly EgressNeed[];
  /** GB of the data volume; 0 where no role keeps data. */
  readonly dataGb: number;
}

export const unitFiles = (unit: MachineUnit, data: readonly DataDirectory[]): MachineFile[] => [
  ...(unit.content === undefined ? [] : [{ path: `/etc/systemd/system/${unit.name}`, content: unit.content }]),
  ...(unit.dropIn === undefined
    ? []
    : [{ path: `/etc/systemd/system/${unit.name}.d/sovereign.conf`, content: unit.dropIn }]),
  ...(data.length === 0 || unit.state === "masked" || !unit.name.endsWith(".service")
    ? []
    : [
        {
          path: `/etc/systemd/system/${unit.name}.d/data.conf`,
          content: renderDataDropIn(data),
        },
      ]),
];

/** Metrics are open to monitoring without every role having to say so. */
const scrapeOpening = (target: ScrapeTarget): Opening => ({
  port: target.port,
  from: ["monitoring"],
  purpose: `metrics: ${target.job}`,
});

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** Everything wrong with how roles fit together on one machine; empty when nothing is. */
export function machineProblems(roles: readonly Role[], files: readonly MachineFile[]): string[] {
  return [
    ...duplicates(roles.map((role) => role.name)).map((name) => `role ${name} is given twice`),
    ...duplicates(files.map((file) => file.path)).map((path) => `two roles write ${path}`),
    ...kernelProblems(roles),
    ...files
      .filter((file) => secretNames(file.content).length > 0 && (file.mode ?? "0644").at(-1) !== "0")
      .map((file) => `${file.path} holds a secret and is readable by every user: give it mode 0640 or 0600`),
  ];
}

/**
 * Puts roles together.
 * @throws with every problem found: a file that two roles write, a secret in a world-readable file, two values for a setting of the kernel
 */
export function composeMachine(spec: MachineSpec): Machine {
  const outgoing =
    spec.egress &&
    outgoingOf(
      spec.egress,
      spec.roles.flatMap((role) => role.egress ?? []),
    );
  const hasHaproxy = spec.roles.some((role) => role.packages.includes("haproxy"));
  // The way out is there before services that need it.
  const given = [...(outgoing ? [egressRole(outgoing, spec.privateRange, hasHaproxy)] : []), ...spec.roles];
  const openings = given.flatMap((role) => [...role.openings, ...role.scrape.map(scrapeOpening)]);
  const publicOpenings = given.flatMap((role) => role.publicOpenings ?? []);
  const rules = [
    ...openings.map(
      (opening): FilterRule => ({
        port: opening.port,
        protocol: opening.protocol ?? "tcp",
        sources: [...new Set(opening.from.flatMap((role) => spec.ranges(role)))],
        purpose: opening.purpose,
      }),
    ),
    ...publicOpenings.map(
      ({ port, protocol = "tcp", purpose }): FilterRule => ({ port, protocol, sources: "anywhere", purpose }),
    ),
  ];
  const roles = [baseRole({ privateRange: spec.privateRange, rules, outgoing }), ...given, ...kernelRole(given)];
  const data = roles.flatMap((role) => role.data ?? []);
  const firstBoot: MachineFile = {
    path: userDataPaths.firstBoot,
    mode: "0700",
    content: renderFirstBoot({
      privateAddress: spec.privateAddress,
      data,
      setup: roles.flatMap((role) => role.setup ?? []),
      units: [...dataVolumeUnits(data), ...roles.flatMap((role) => role.units)],
    }),
  };
  const files = [
    ...roles.flatMap((role) => [...role.files, ...role.units.flatMap((unit) => unitFiles(unit, role.data ?? []))]),
    ...dataVolumeFiles(data),
    firstBoot,
  ];
  const problems = [...machineProblems(roles, files), ...(outgoing ? egressProblems(outgoing) : [])];
  if (problems.length) throw new Error(`${spec.hostname}: ${problems.join("; ")}`);
  return {
    cloudConfig: {
      hostname: spec.hostname,
      groups: [tlsPaths.group],
      packages: roles.flatMap((role) => role.packages),
      files,
    },
    openings,
    publicOpenings,
    scrape: roles.flatMap((role) => role.scrape),
    egress: roles.flatMap((role) => role.egress ?? []),
    dataGb: data.reduce((sum, directory) => sum + directory.sizeGb, 0),
  };
}
