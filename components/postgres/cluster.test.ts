import { gunzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Platform } from "../host/platform.ts";
import { type PlannedResource, planWithoutProvider } from "../nothing-exists.ts";
import { platformWithoutProvider } from "../nothing-exists-platform.ts";
import { clusterSpec, PostgresCluster, type PostgresClusterArgs } from "./cluster.ts";
import { renderPatroni } from "./patroni.ts";
import { testBackup } from "./testing.ts";

let made: PlannedResource[];

beforeAll(async () => {
  made = await planWithoutProvider("sovereign-stacks", "shop");
});

const settle = () => pulumi.runtime.disconnect();

const argsOf = (platform: Platform): PostgresClusterArgs => ({
  platform,
  nodes: 3,
  serverType: "ccx13",
  storageGb: 50,
  durability: "zero-loss",
  database: "shop",
});

function create(name: string, changes: Partial<PostgresClusterArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const platform = platformWithoutProvider(name, ["app", "postgres", "etcd", "monitoring"], ["fsn1", "nbg1", "hel1"]);
  return new PostgresCluster(`${name}-postgres`, { ...argsOf(platform), ...changes }, opts);
}

const servers = (prefix: string) =>
  made.filter((r) => r.type === "hcloud:index/server:Server" && r.name.startsWith(`${prefix}-`)).map((r) => r.name);

describe("PostgresCluster", { timeout: 30_000 }, () => {
  it("makes a host for each node on its planned address, etcd on the first three", async () => {
    const cluster = create("five", { nodes: 5 });
    expect(cluster.nodes).toMatchObject(
      [1, 2, 3, 4, 5].map((n) => ({ name: `five-postgres-fsn1-${n}`, address: `10.0.2.${n + 3}`, location: "fsn1" })),
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

  it("spreads votes over three locations, and lets only voters confirm commits and take over", async () => {
    const names = (members: readonly { name: string }[]) => members.map((m) => m.name.replace(/^spread-/, ""));
    const spread = create("spread", { nodes: 3, elsewhere: { hel1: 1, nbg1: 1 } });
    expect(names(spread.nodes)).toEqual(
      ["fsn1-1", "fsn1-2", "fsn1-3", "nbg1-1", "hel1-1"].map((place) => `postgres-${place}`),
    );
    expect(names(spread.spec.etcd)).toEqual(["postgres-fsn1-1", "postgres-nbg1-1", "postgres-hel1-1"]);
    const tags = spread.nodes.map((_, index) => parse(renderPatroni(spread.spec, index + 1)).tags);
    const readOnly = { nosync: true, nofailover: true };
    expect(tags).toEqual([{}, readOnly, readOnly, {}, {}]);
    expect(renderPatroni({ ...spread.spec, durability: "low-latency" }, 2)).not.toContain("nosync");
    await settle();
    const server = made.find((r) => r.name === "spread-postgres-hel1-1" && r.type.endsWith(":Server"));
    expect(server?.inputs).toMatchObject({ location: "hel1", networks: [{ ip: "10.0.34.4" }] });
  });

  it("keeps machines as they are when another location becomes the primary's, but for who founds a new cluster", async () => {
    const before = create("moved", { nodes: 1, elsewhere: { nbg1: 1, hel1: 1 } }).spec;
    const platform = platformWithoutProvider("moved", ["postgres"], ["nbg1", "fsn1", "hel1"]);
    const after = clusterSpec("moved-postgres", { ...argsOf(platform), nodes: 1, elsewhere: { fsn1: 1, hel1: 1 } });
    expect({ ...after, founder: before.founder }).toEqual(before);
    expect(after.founder).toBe("moved-postgres-nbg1-1");
    await settle();
  });

  it("wants a witness in a third location for nodes in two", async () => {
    expect(() => create("half", { nodes: 1, elsewhere: { nbg1: 1 } })).toThrow("witness: name a third location");
    expect(() => create("half", { nodes: 1, elsewhere: { nbg1: 2 }, witness: "nbg1" })).toThrow("nbg1 has nodes");
    const half = create("half", { nodes: 2, elsewhere: { nbg1: 1 }, witness: "hel1" });
    expect(half.spec.etcd.map((m) => m.name)).toEqual([
      "half-postgres-fsn1-1",
      "half-postgres-nbg1-1",
      "half-etcd-hel1-1",
    ]);
    await settle();
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
