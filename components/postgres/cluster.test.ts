import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import { PostgresCluster, type PostgresClusterArgs } from "./cluster.ts";
import { testBackup } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});

const settle = () => pulumi.runtime.disconnect();

function create(name: string, changes: Partial<PostgresClusterArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const platform = platformWithoutProvider(name, ["app", "postgres", "etcd", "monitoring"]);
  const args: PostgresClusterArgs = {
    platform,
    nodes: 3,
    serverType: "ccx13",
    storageGb: 50,
    durability: "zero-loss",
    database: "shop",
    ...changes,
  };
  return new PostgresCluster(`${name}-postgres`, args, opts);
}

const servers = (prefix: string) =>
  made.filter((r) => r.type === "hcloud:index/server:Server" && r.name.startsWith(`${prefix}-`)).map((r) => r.name);

describe("PostgresCluster", { timeout: 30_000 }, () => {
  it("makes a host for each node on its planned address, etcd on the first three", async () => {
    const cluster = create("five", { nodes: 5 });
    expect(cluster.nodes).toEqual(
      [1, 2, 3, 4, 5].map((n) => ({ name: `five-postgres-fsn1-${n}`, address: `10.0.2.${n + 3}` })),
    );
    expect(cluster.spec.etcd).toEqual(cluster.nodes.slice(0, 3));
    const scraped = cluster.hosts.map((host) => host.machine.scrape.map((target) => target.job).sort());
    expect(scraped).toEqual([
      ["etcd", "patroni", "postgres"],
      ["etcd", "patroni", "postgres"],
      ["etcd", "patroni", "postgres"],
      ["patroni", "postgres"],
      ["patroni", "postgres"],
    ]);
    await settle();
    expect(servers("five").sort()).toEqual(cluster.nodes.map((node) => node.name));
  });

  it("gives two nodes a witness for etcd, and one node an etcd of its own", async () => {
    const two = create("two", { nodes: 2, durability: "low-latency" });
    expect(two.spec.etcd.map((m) => m.name)).toEqual(["two-postgres-fsn1-1", "two-postgres-fsn1-2", "two-etcd-fsn1-1"]);
    expect(two.hosts.at(-1)?.machine.dataGb).toBe(5);
    const one = create("one", { nodes: 1 });
    expect(one.spec.etcd).toEqual(one.nodes);
    await settle();
    expect(servers("two")).toContain("two-etcd-fsn1-1");
    expect(servers("one")).toEqual(["one-postgres-fsn1-1"]);
  });

  it("keeps the members of etcd when two nodes with a witness become three", async () => {
    const two = create("grown", { nodes: 2 });
    const three = create("grown", { nodes: 3, witness: true });
    expect(three.spec.etcd).toEqual(two.spec.etcd);
    await settle();
  });

  it("tells app servers names, and their secrets as secrets only", async () => {
    const cluster = create("client");
    expect(cluster.client).toMatchObject({
      database: "shop",
      user: { name: "app", passwordSecret: "postgres.app" },
      owner: { name: "app_owner", passwordSecret: "postgres.owner" },
      maxConnections: 100,
    });
    expect(Object.keys(cluster.clientSecrets)).toEqual(["postgres.app", "postgres.owner"]);
    for (const secret of Object.values(cluster.clientSecrets)) {
      expect(await pulumi.isSecret(secret)).toBe(true);
    }
    await settle();
  });

  it("shows what will be on each machine before any password exists, with none in it", async () => {
    create("shown", { backup: { ...testBackup, accessKey: "AKEY", secretKey: pulumi.secret("SKEY") } });
    await settle();
    const host = made.find((r) => r.type === "sovereign:host:Host" && r.name === "shown-postgres-fsn1-1");
    const text = gunzipSync(Buffer.from(String(host?.inputs.userData), "base64")).toString();
    expect(text).toContain("%%secret:postgres.superuser%%");
    expect(text).not.toMatch(/secret-of-|AKEY|SKEY/);
  });

  it("protects the key of the backups, and no password that can be made again", async () => {
    const kept: string[] = [];
    const note: pulumi.ResourceTransformation = ({ name, opts }) => {
      if (opts.protect) kept.push(name);
      return undefined;
    };
    const backup = { ...testBackup, accessKey: "a", secretKey: "s" };
    create("kept", { nodes: 1, backup }, { transformations: [note] });
    await settle();
    expect(kept.filter((name) => !name.startsWith("kept-postgres-fsn1-"))).toEqual(["kept-postgres-backup-cipher"]);
  });

  it("says everything that is wrong at once", () => {
    expect(() => create("wrong", { nodes: 9, storageGb: 1 })).toThrow(
      "wrong-postgres: nodes: 9 is not a whole number from 1 to 7; storageGb: 1 is not a whole number from 10 to 10000",
    );
  });
});
