import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { composeMachine } from "../host/machine.ts";
import { secretNames } from "../host/secret-token.ts";
import { encodeUserData, renderCloudConfig } from "../host/user-data.ts";
import { renderEtcd, renderEtcdMember } from "./etcd.ts";
import { hbaLines } from "./hba.ts";
import { postgresParameters } from "./parameters.ts";
import { dynamicConfig, renderPatroni } from "./patroni.ts";
import { renderPgbackrest, renderRestoreScript } from "./pgbackrest.ts";
import { pgbouncerRole } from "./pgbouncer.ts";
import { etcdRole, postgresRole } from "./role.ts";
import { machineFiles, testBackup, testClient, testNode, testSpec } from "./testing.ts";

const spec = testSpec({ backup: testBackup });
const etcd = { cluster: spec.cluster, members: spec.etcd, founder: spec.founder, generation: 1 };

describe("files of a Postgres host", () => {
  it("are those of the snapshot", () => {
    const roles = [etcdRole(etcd, testNode(1)), postgresRole(spec, 1)];
    const files = Object.fromEntries(roles.flatMap((role) => role.files).map((file) => [file.path, file.content]));
    const kernelSettings = roles.map((role) => role.kernelSettings);
    expect({ files, kernelSettings, units: roles.flatMap((role) => role.units) }).toMatchSnapshot();
  });

  it("and of an app server's PgBouncer", () => {
    expect(pgbouncerRole({ client: testClient(spec), appServers: 4 })).toMatchSnapshot();
  });

  it("name every secret that they hold as a token, and only in files that others cannot read", () => {
    const role = postgresRole(spec, 1);
    const holding = role.files.filter((file) => secretNames(file.content).length > 0);
    expect(holding.map((f) => [f.path, f.mode, f.owner])).toEqual([
      ["/etc/patroni/config.yml", "0600", "postgres:postgres"],
      ["/etc/patroni/roles.env", "0600", "postgres:postgres"],
      ["/etc/pgbackrest/pgbackrest.conf", "0600", "postgres:postgres"],
    ]);
    expect(secretNames(holding.map((f) => f.content).join())).toEqual([
      "postgres.app",
      "postgres.backup-access-key",
      "postgres.backup-cipher",
      "postgres.backup-secret-key",
      "postgres.owner",
      "postgres.replication",
      "postgres.rest-api",
      "postgres.rewind",
      "postgres.superuser",
    ]);
  });

  it("fit together on one machine, well below the limit of user data", () => {
    const machine = composeMachine({
      hostname: testNode(1).name,
      roles: [etcdRole(etcd, testNode(1)), postgresRole(spec, 1)],
      privateRange: "10.0.0.0/16",
      privateAddress: "10.0.2.4/32",
      ranges: () => ["10.0.2.0/24"],
    });
    expect(encodeUserData(renderCloudConfig(machine.cloudConfig)).length).toBeLessThan(27 * 1024);
    expect(machine.dataGb).toBe(55);
  });

  it("need the store's name and port to be reachable, and nothing else outside", () => {
    const egress = (port?: number) =>
      postgresRole(testSpec({ backup: { ...testBackup, ...(port ? { port } : {}) } }), 1).egress;
    expect(egress()).toMatchObject([{ host: testBackup.endpoint, port: 443 }]);
    expect(egress(9000)).toMatchObject([{ host: testBackup.endpoint, port: 9000 }]);
    expect(postgresRole(testSpec(), 1).egress).toEqual([]);
  });
});

describe("Patroni", () => {
  const patroni = (ordinal: number, changes = {}) => parse(renderPatroni(testSpec(changes), ordinal));

  it("lets the first node alone create the cluster", () => {
    expect([1, 2, 3].map((ordinal) => "bootstrap" in patroni(ordinal))).toEqual([true, false, false]);
  });

  it("has the timing and the rewind login that drills held with", () => {
    expect(dynamicConfig(spec)).toMatchObject({
      ttl: 20,
      loop_wait: 2,
      retry_timeout: 4,
      check_timeline: true,
      primary_start_timeout: 0,
      synchronous_mode: "quorum",
      synchronous_mode_strict: true,
      postgresql: {
        use_pg_rewind: true,
        use_slots: true,
        parameters: {
          wal_log_hints: true,
          max_wal_size: "5GB",
          wal_keep_size: "5GB",
          wal_sender_timeout: "5s",
          wal_receiver_timeout: "5s",
        },
      },
    });
    expect(Object.keys(patroni(2).postgresql.authentication)).toEqual(["superuser", "replication", "rewind"]);
    expect(patroni(1).etcd3.hosts).toEqual(["10.0.2.4:2379", "10.0.2.5:2379", "10.0.2.6:2379"]);
  });

  it("promotes a replica that is behind only where it has each confirmed row", () => {
    const bound = (durability: "zero-loss" | "low-latency", count: number) => {
      const nodes = Array.from({ length: count }, (_, index) => testNode(index + 1));
      return dynamicConfig(testSpec({ durability, nodes })).maximum_lag_on_failover;
    };
    expect(bound("zero-loss", 3)).toBeGreaterThan(2 ** 50);
    expect(bound("low-latency", 3)).toBe(1_048_576);
    expect(bound("zero-loss", 1), "others may be joining it").toBe(1_048_576);
  });

  it("keeps as much WAL for a rewind as may lie between two checkpoints", () => {
    const { postgresql } = dynamicConfig(testSpec({ parameters: { max_wal_size: "9GB" } }));
    expect(postgresql).toMatchObject({ parameters: { max_wal_size: "9GB", wal_keep_size: "9GB" } });
  });

  it("waits for a standby only where zero loss is wanted and there is a standby to have", () => {
    const synchronous = (durability: "zero-loss" | "low-latency", count: number) => {
      const nodes = Array.from({ length: count }, (_, index) => testNode(index + 1));
      const { synchronous_mode, synchronous_mode_strict } = dynamicConfig(testSpec({ durability, nodes }));
      return [synchronous_mode, synchronous_mode_strict];
    };
    expect(synchronous("zero-loss", 4)).toEqual([true, true]);
    expect(synchronous("zero-loss", 3)).toEqual(["quorum", true]);
    expect(synchronous("zero-loss", 2)).toEqual(["quorum", true]);
    expect(synchronous("zero-loss", 1)).toEqual([false, false]);
    expect(synchronous("low-latency", 3)).toEqual([false, false]);
  });

  it("quotes texts that Python's YAML reader would take for booleans", () => {
    expect(renderPatroni(testSpec({ parameters: { backslash_quote: "off" } }), 1)).toContain('backslash_quote: "off"');
  });

  it("keeps what the machine's size decides out of what the cluster shares", () => {
    const { local, shared } = postgresParameters(testSpec({ parameters: { work_mem: "8MB", max_connections: 300 } }));
    expect(local).toMatchObject({ shared_buffers: "16GB", effective_cache_size: "48GB", work_mem: "8MB" });
    expect(shared).toMatchObject({ max_connections: 300 });
    expect(Object.keys(local).filter((name) => name in shared)).toEqual([]);
  });
});

describe("access rules", () => {
  it("let nobody in over the network without TLS and SCRAM", () => {
    const lines = hbaLines(testSpec());
    expect(
      lines.filter((line) => !line.startsWith("local ")).every((line) => /^hostssl .* scram-sha-256$/.test(line)),
    ).toBe(true);
    expect(lines.join("\n")).not.toMatch(/trust|md5|0\.0\.0\.0/);
  });

  it("let app servers reach the application's database only, and never as a superuser", () => {
    const forApp = hbaLines(testSpec()).filter((line) => line.includes("10.0.1.0/24"));
    expect(forApp).toEqual(["hostssl shop app,app_owner 10.0.1.0/24 scram-sha-256"]);
  });
});

describe("etcd", () => {
  it("keeps its data whoever is a member, and is told who is in one place", () => {
    const moved = { ...etcd, members: [testNode(1), testNode(4), testNode(5)] };
    expect(renderEtcd(moved, testNode(1))).toBe(renderEtcd(etcd, testNode(1)));
    expect(renderEtcdMember(moved, testNode(1))).toContain('"shop-postgres-fsn1-5":"10.0.2.8"');
    expect(parse(renderEtcd(etcd, testNode(2)))).toMatchObject({
      "data-dir": "/var/lib/etcd/data",
      "initial-cluster-token": "shop-postgres",
      "heartbeat-interval": 250,
      "election-timeout": 2500,
      "client-transport-security": { "client-cert-auth": true },
      "peer-transport-security": { "client-cert-auth": true },
    });
  });
});

describe("backups", () => {
  it("trust a private store's authority only where one is given", () => {
    const backup = { ...testBackup, caCertificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" };
    expect(renderPgbackrest(spec, backup)).toContain("repo1-storage-ca-file=/etc/pgbackrest/store-ca.crt\n");
    expect(renderPgbackrest(spec, testBackup)).not.toContain("storage-ca-file");
    expect(machineFiles([postgresRole(testSpec({ backup }), 1)])["/etc/pgbackrest/store-ca.crt"]?.content).toBe(
      backup.caCertificate,
    );
  });

  it("are where a cluster starts from when it is to be restored", () => {
    const restored = parse(renderPatroni(testSpec({ backup: testBackup, restore: {} }), 1)).bootstrap;
    expect(restored.method).toBe("pgbackrest");
    expect(restored.pgbackrest.keep_existing_recovery_conf).toBe(true);
    expect(renderRestoreScript("2026-11-20 14:30:00+00")).toContain("--type=time --target='2026-11-20 14:30:00+00'");
    expect(renderRestoreScript(undefined)).not.toContain("--target");
  });
});
