import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { postgresProblems } from "./problems.ts";
import { testBackup } from "./testing.ts";

const args = {
  nodes: 3,
  serverType: "ccx13",
  storageGb: 50,
  durability: "zero-loss",
  database: "app",
} as const;
const backup = { ...testBackup, accessKey: "a", secretKey: "s" };

describe("arguments", () => {
  it("are taken when nothing is wrong", () => {
    expect(postgresProblems(args)).toEqual([]);
    expect(
      postgresProblems({
        ...args,
        nodes: 2,
        generation: [1, 2],
        backup: { ...backup, endpoint: "store.example.eu", port: 9000, schedule: { full: "Sun *-*-* 01:30:00 UTC" } },
        restore: { target: "2026-11-20 14:30:00+00" },
        parameters: { jit: false, max_connections: 300, "pg_stat_statements.max": 1000 },
      }),
    ).toEqual([]);
  });

  it("are all checked before anything is said", () => {
    const problems = postgresProblems({
      ...args,
      nodes: 0,
      storageGb: 5,
      database: "postgres",
      user: "Robert'); DROP TABLE",
      generation: [1, 1],
      parameters: { synchronous_commit: "off", fsync: false, max_connections: 3, "x\ny": 1, jit: "off\nfsync = off" },
      backup: {
        ...backup,
        endpoint: "10.0.0.1",
        port: 0,
        bucket: "..",
        schedule: { full: "daily\nExecStart=/bin/sh" },
      },
      restore: { target: "'; rm -rf /" },
    });
    expect(problems).toEqual([
      "nodes: 0 is not a whole number from 1 to 7",
      "storageGb: 5 is not a whole number from 10 to 10000",
      'database: "postgres" is reserved',
      `user: "Robert'); DROP TABLE" is not a name of up to 31 of a-z, 0-9 and _ that begins with a letter`,
      "generation: 2 given for 0 nodes",
      'parameters.synchronous_commit is set by the cluster: use "durability" instead',
      "parameters.fsync is set by the cluster and cannot be overridden",
      "parameters.max_connections: expected a whole number from 25 to 10000",
      'parameters: "x\\ny" is not a name of a PostgreSQL parameter',
      "parameters.jit: expected at most 1000 printable ASCII characters on one line",
      'backup.endpoint: "10.0.0.1" is not a host name, such as fsn1.your-objectstorage.com',
      "backup.port: 0 is not a whole number from 1 to 65535",
      'backup.bucket: ".." is not a bucket name',
      'backup.schedule.full: "daily\\nExecStart=/bin/sh" is not a systemd calendar expression, such as *-*-* 01:30:00 UTC',
      'restore.target: "\'; rm -rf /" is not a point in time with its offset, such as 2026-11-20 14:30:00+00',
    ]);
  });

  it.each([
    [{ nodes: 1, witness: true }, "witness: one node alone has no use for it"],
    [{ nodes: 2, witness: false }, "witness: two nodes need it: two members of etcd cannot agree when one is lost"],
    [{ restore: {} }, "restore: needs backup, the store to restore from"],
    [{ user: "shop", owner: "shop" }, "user: is the same as owner: the workload's login must not own the schema"],
    [{ owner: "replicator" }, 'owner: "replicator" is reserved'],
    [{ database: "pg_data" }, 'database: "pg_data" is reserved'],
  ])("%j: %s", (change, problem) => {
    expect(postgresProblems({ ...args, ...change })).toEqual([problem]);
  });

  it("never let a line break or quote through into a file", () => {
    const text = fc.string({
      maxLength: 40,
      unit: fc.constantFrom("a", "1", "_", ".", ":", "'", '"', "\n", "\\", "$", "`", ";", " ", "%"),
    });
    fc.assert(
      fc.property(text, (value) => {
        const hostile = /['"\n\\$`;%]/.test(value);
        if (!hostile) return;
        expect(postgresProblems({ ...args, database: value })).not.toEqual([]);
        expect(postgresProblems({ ...args, user: value })).not.toEqual([]);
        expect(postgresProblems({ ...args, backup: { ...backup, endpoint: value } })).not.toEqual([]);
        expect(postgresProblems({ ...args, backup: { ...backup, region: value } })).not.toEqual([]);
        expect(postgresProblems({ ...args, backup: { ...backup, bucket: value } })).not.toEqual([]);
        expect(postgresProblems({ ...args, backup: { ...backup, schedule: { full: value } } })).not.toEqual([]);
        expect(postgresProblems({ ...args, backup, restore: { target: value } })).not.toEqual([]);
      }),
    );
  });
});
