import { secretToken } from "../host/secret-token.ts";
import type { PostgresLogin } from "./client.ts";
import { exporterLogin, type PostgresSpec, postgresPaths, systemLogins } from "./spec.ts";

/** Shell variable of a login's password. */
const variable = (login: PostgresLogin): string => `password_${login.name}`;

const passwordLogins = (spec: PostgresSpec): PostgresLogin[] => [
  systemLogins.superuser,
  systemLogins.replication,
  systemLogins.rewind,
  spec.owner,
  spec.user,
];

/** Passwords for the script, apart from it: readable by its user alone. */
export function renderRolesSecrets(spec: PostgresSpec): string {
  return passwordLogins(spec)
    .map((login) => `export ${variable(login)}='${secretToken(login.passwordSecret)}'\n`)
    .join("");
}

/**
 * Logins, database and rights; bears being run any number of times. The workload's login reads and writes rows; only the owner
 * changes the schema.
 */
export function renderRolesSql(spec: PostgresSpec): string {
  const database = `"${spec.database}"`;
  const owner = `"${spec.owner.name}"`;
  const user = `"${spec.user.name}"`;
  const role = (name: string) =>
    `SELECT 'CREATE ROLE "${name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec`;
  return `${[spec.owner.name, spec.user.name, exporterLogin].map(role).join("\n")}
GRANT pg_monitor TO ${exporterLogin};
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT 'CREATE DATABASE ${database} OWNER ${owner}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${spec.database}') \\gexec
REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${owner}, ${user};
\\connect ${database}
GRANT USAGE ON SCHEMA public TO ${user};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${user};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ${user};
`;
}

/**
 * Run by Patroni when it has made the cluster, and later on the primary. A password is set only where logging in with it
 * fails, so that nothing is written when nothing has changed. No statement with a password reaches a log or an argument list.
 */
export function renderRolesScript(spec: PostgresSpec): string {
  const checks = passwordLogins(spec).map(
    (login) =>
      `enforce ${login.name} ${login === spec.owner || login === spec.user ? spec.database : "postgres"} "$${variable(login)}"`,
  );
  return `#!/bin/bash
set -euo pipefail
. ${postgresPaths.rolesSecrets}
# Commits do not wait for a standby: at the first boot there is none yet.
export PGHOST=${postgresPaths.socket} PGCONNECT_TIMEOUT=5
export PGOPTIONS='-c synchronous_commit=local -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c pg_stat_statements.track_utility=off -c client_min_messages=warning'
sql() { psql -XqAt -v ON_ERROR_STOP=1 -U ${systemLogins.superuser.name} -d postgres "$@"; }
enforce() {
  if PGPASSWORD=$3 PGOPTIONS='' PGSSLMODE=require PGCHANNELBINDING=disable psql -XqAt -h 127.0.0.1 -U "$1" -d "$2" -c 'SELECT 1' >/dev/null 2>&1; then return; fi
  login=$1 password=$3 sql <<'SQL'
\\getenv login login
\\getenv password password
SELECT format('ALTER ROLE %I PASSWORD %L', rolname, :'password') FROM pg_roles WHERE rolname = :'login' \\gexec
SQL
  echo "password of $1 set"
}
sql -f ${postgresPaths.rolesSql} >/dev/null
${checks.join("\n")}
`;
}
