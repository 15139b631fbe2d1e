import { alwaysRestarted } from "../host/drop-ins.ts";
import type { MachineFile, MachineUnit, Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import type { PostgresNode } from "./client.ts";
import {
  type EtcdSpec,
  etcdKernelSettings,
  etcdMember,
  forgetMembership,
  renderEtcd,
  renderEtcdDefaults,
  renderEtcdMember,
} from "./etcd.ts";
import { etcdStepAsideService, renderEtcdStepAside } from "./etcd-step-aside.ts";
import { renderDynamicConfig, renderPatroni } from "./patroni.ts";
import {
  backupKinds,
  renderBackupScript,
  renderBackupService,
  renderBackupTimer,
  renderPgbackrest,
  renderRestoreScript,
  storeAddress,
} from "./pgbackrest.ts";
import { renderRestoreCommand } from "./restore.ts";
import { renderRolesScript, renderRolesSecrets, renderRolesSql } from "./roles-sql.ts";
import { type BackupSpec, type PostgresSpec, postgresPaths } from "./spec.ts";
import { renderSwitchover, switchoverCommand } from "./switchover.ts";
import {
  etcdDropIn,
  etcdSettleService,
  leaderService,
  leaderTimer,
  patroniDropIn,
  renderLeaderScript,
  renderPgbackrestExporterDefaults,
  renderPostgresExporterDefaults,
} from "./units.ts";

/** GB of the data volume for etcd: its quota is 2 GB, and a member is rewritten beside itself. */
const etcdStorageGb = 5;

const secretFile = (path: string, content: string): MachineFile => ({
  path,
  content,
  mode: "0600",
  owner: "postgres:postgres",
});
const script = (name: string, content: string): MachineFile => ({
  path: `${postgresPaths.scripts}/${name}`,
  content,
  mode: "0755",
});

/** A member of etcd: beside PostgreSQL on the first three nodes, or alone on a witness. */
export function etcdRole(spec: EtcdSpec, member: PostgresNode): Role {
  return {
    name: "etcd",
    packages: ["etcd-server", "etcd-client", "python3"],
    files: [
      { path: postgresPaths.etcdConfig, content: renderEtcd(spec, member) },
      { path: "/etc/default/etcd", content: renderEtcdDefaults() },
      { path: etcdMember, content: renderEtcdMember(spec, member), mode: "0755" },
    ],
    units: [
      { name: "etcd.service", dropIn: etcdDropIn },
      { name: "sovereign-etcd-settle.service", content: etcdSettleService },
    ],
    kernelSettings: etcdKernelSettings,
    openings: [
      {
        port: ports.etcdClient,
        from: ["postgres", "etcd"],
        purpose: "Patroni keeps the primary's lock in etcd; a member asks to join (mutual TLS)",
      },
      { port: ports.etcdPeer, from: ["postgres", "etcd"], purpose: "etcd members among themselves (mutual TLS)" },
    ],
    scrape: [{ job: "etcd", port: ports.etcdMetrics }],
    data: [{ path: postgresPaths.etcdData, owner: "etcd:etcd", sizeGb: etcdStorageGb }],
  };
}

/** A node of the cluster with this ordinal (from 1), without etcd. */
export function postgresRole(spec: PostgresSpec, ordinal: number): Role {
  const backup = spec.backup ? backupPart(spec, spec.backup) : undefined;
  const several = spec.nodes.length > 1;
  const voter = spec.etcd.find(({ name }) => name === spec.nodes[ordinal - 1]?.name);
  const member = several ? voter : undefined;
  return {
    name: "postgres",
    packages: [
      "postgresql-17",
      "patroni",
      // Patroni only recommends one of several stores: etcd's client is named.
      "python3-etcd",
      "prometheus-postgres-exporter",
      "curl",
      ...(backup?.packages ?? []),
    ],
    files: [
      // Before the packages: Patroni makes the database cluster, not the package.
      { path: "/etc/postgresql-common/createcluster.conf", content: "create_main_cluster = false\n" },
      secretFile(postgresPaths.patroniConfig, renderPatroni(spec, ordinal)),
      { path: postgresPaths.dynamicConfig, content: renderDynamicConfig(spec) },
      { path: postgresPaths.rolesSql, content: renderRolesSql(spec) },
      secretFile(postgresPaths.rolesSecrets, renderRolesSecrets(spec)),
      script("postgres-roles", renderRolesScript(spec)),
      script("postgres-leader", renderLeaderScript(spec)),
      ...(several ? [{ path: switchoverCommand, content: renderSwitchover(spec, ordinal), mode: "0755" }] : []),
      ...(member ? [script("etcd-step-aside", renderEtcdStepAside(member))] : []),
      { path: "/etc/systemd/system/sovereign-postgres-leader.service", content: leaderService },
      { path: "/etc/default/prometheus-postgres-exporter", content: renderPostgresExporterDefaults() },
      ...(backup?.files ?? []),
    ],
    units: [
      { name: "patroni.service", dropIn: patroniDropIn },
      { name: "sovereign-postgres-leader.timer", content: leaderTimer },
      ...(member ? [{ name: "sovereign-etcd-step-aside.service", content: etcdStepAsideService }] : []),
      { name: "prometheus-postgres-exporter.service", dropIn: alwaysRestarted },
      ...(backup?.units ?? []),
    ],
    openings: [
      { port: ports.postgres, from: ["app", "postgres"], purpose: "PostgreSQL for the workload and for replication" },
      { port: ports.patroni, from: ["app", "postgres"], purpose: "Patroni says who is primary and who replica" },
    ],
    scrape: [
      { job: "postgres", port: ports.postgresExporter },
      { job: "patroni", port: ports.patroni },
      ...(backup ? [{ job: "pgbackrest", port: ports.pgbackrestExporter }] : []),
    ],
    setup: voter ? [] : [forgetMembership],
    // As large as a voter's volume: which nodes vote changes with the locations, and volumes do not shrink.
    data: [
      {
        path: postgresPaths.data,
        owner: "postgres:postgres",
        sizeGb: spec.storageGb + (voter ? 0 : etcdStorageGb),
      },
    ],
    egress: spec.backup ? [{ ...storeAddress(spec.backup), purpose: "backups, encrypted before they leave" }] : [],
  };
}

function backupPart(
  spec: PostgresSpec,
  backup: BackupSpec,
): { packages: string[]; files: MachineFile[]; units: MachineUnit[] } {
  return {
    packages: ["pgbackrest", "prometheus-pgbackrest-exporter"],
    files: [
      secretFile(postgresPaths.pgbackrestConfig, renderPgbackrest(spec, backup)),
      script("postgres-backup", renderBackupScript()),
      { path: postgresPaths.restoreCommand, content: renderRestoreCommand(), mode: "0755" },
      { path: "/etc/systemd/system/sovereign-postgres-backup@.service", content: renderBackupService() },
      { path: "/etc/default/prometheus-pgbackrest-exporter", content: renderPgbackrestExporterDefaults() },
      ...(backup.caCertificate ? [{ path: postgresPaths.backupAuthority, content: backup.caCertificate }] : []),
      ...(spec.restore ? [script("postgres-restore", renderRestoreScript(spec.restore.target))] : []),
    ],
    units: [
      ...backupKinds.map((kind) => ({
        name: `sovereign-postgres-backup@${kind}.timer`,
        content: renderBackupTimer(kind, backup),
      })),
      // The package's server for repositories on other machines: not used, so not run.
      { name: "pgbackrest.service", state: "masked" as const },
      { name: "prometheus-pgbackrest-exporter.service", dropIn: alwaysRestarted },
    ],
  };
}
