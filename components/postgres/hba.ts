import { exporterLogin, type PostgresSpec, systemLogins } from "./spec.ts";

/** Maps the exporter's system user to its login. */
export const identMap = ["monitoring prometheus postgres_exporter"] as const;

/**
 * Who may log in from where. Over the network only with TLS and a password (SCRAM-SHA-256), each login only from the ranges and to
 * the databases that it needs; whatever is not listed is refused.
 */
export function hbaLines(spec: PostgresSpec): string[] {
  const { superuser, replication, rewind } = systemLogins;
  const application = `${spec.user.name},${spec.owner.name}`;
  return [
    `local all ${superuser.name} peer`,
    `local postgres ${exporterLogin} peer map=monitoring`,
    `local replication ${replication.name} scram-sha-256`,
    "hostssl all all 127.0.0.1/32 scram-sha-256",
    ...spec.postgresRanges.flatMap((range) => [
      `hostssl replication ${replication.name} ${range} scram-sha-256`,
      `hostssl postgres ${rewind.name} ${range} scram-sha-256`,
    ]),
    ...[...spec.postgresRanges, ...spec.appRanges].map(
      (range) => `hostssl ${spec.database} ${application} ${range} scram-sha-256`,
    ),
  ];
}
