import { expect, test } from "vitest";
import type { DebianFile } from "../../lab/debian/run.ts";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { volumePath } from "../host/data-volume.ts";
import { etcdMember } from "./etcd.ts";
import { postgresRole } from "./role.ts";
import { type PostgresSpec, postgresPaths } from "./spec.ts";
import { clusterFiles, clusterShell, testNode, testSpec } from "./testing.ts";

/** What differs on one machine with its next generation, below `/next`. */
async function nextGeneration(spec: PostgresSpec, machine: number): Promise<Record<string, DebianFile>> {
  const path = `/machines/${machine}${etcdMember}`;
  return { [`/next${path}`]: (await clusterFiles(spec, 2))[path]! };
}

describeWithDebian("etcd whose members change", (debian) => {
  test("two new locations take the votes of two nodes while Postgres serves; a lost volume joins anew; votes come back", async () => {
    const before = testSpec({ machine: { cores: 2, memoryGb: 4 }, storageGb: 10 });
    const nodes = [1, 2, 3, 4, 5].map(testNode);
    const after = testSpec({ ...before, nodes, etcd: [nodes[0]!, nodes[3]!, nodes[4]!] });
    const { code, stdout, stderr } = await debian.script({
      files: { ...(await clusterFiles(after)), ...(await clusterFiles(before)), ...(await nextGeneration(before, 3)) },
      timeoutMs: 230_000,
      script: `${clusterShell(after, [1, 2, 3])}
etcd() { on=$1; shift; on "$on" etcd env ETCDCTL_API=3 etcdctl --cacert /etc/sovereign/tls/ca.crt --cert /etc/sovereign/tls/host.crt --key /etc/sovereign/tls/host.key "$@"; }
voters() { etcd 1 member list | sort -t, -k3 | awk -F', ' '{printf "%s%s ", $3, ($6 == "true" ? "(learner)" : "")}'; }
running() { [ "$(members 1 | grep -o '"State": "\\(running\\|streaming\\)"' | wc -l)" = "$1" ]; }
until_ok 60 running 3
echo "before: $(voters)"
primary() { for n in "$@"; do [ "$(sql $n 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ] && leader=$n; done; [ -n "$leader" ]; }
leader=; primary 1 2 3
sql "$leader" 'CREATE TABLE written (i int)'
boot 4; boot 5
moved() { [ "$(voters)" = 'shop-postgres-fsn1-1 shop-postgres-fsn1-4 shop-postgres-fsn1-5 ' ]; }
until_ok 60 moved
until_ok 60 running 5
echo "after: $(voters)"
echo "written $(sql "$leader" 'INSERT INTO written VALUES (1) RETURNING i')"
for n in 1 2 4; do on $n etcd ${etcdMember} belongs 2>&1 | cut -d: -f2 | cut -c-24 | sed "s/^/$n:/"; done
crash 5; rm -rf /machines/5/var/lib/etcd/*
boot 5
again() { etcd 5 endpoint health && moved; }
until_ok 60 again
echo "lost volume: $(voters)"
echo "written $(sql "$leader" 'INSERT INTO written VALUES (2) RETURNING i')"
# The second was made anew as no member meanwhile, the third comes back with the next generation of its machine.
(
  ${postgresRole(after, 2).setup!.join("\n").replaceAll(volumePath(postgresPaths.etcdData), "/machines/2/var/lib/etcd")}
)
cp -a /next/machines/3/. /machines/3/
crash 2; boot 2; crash 3; boot 3
returned() { [ "$(voters)" = 'shop-postgres-fsn1-1 shop-postgres-fsn1-2 shop-postgres-fsn1-3 ' ]; }
until_ok 60 returned
until_ok 60 running 5
leader=; primary 1 2 3 4 5
echo "returned: $(voters)"
echo "written $(sql "$leader" 'INSERT INTO written VALUES (3) RETURNING i')"
`,
    });
    expect(stderr).toBe("");
    expect(stdout.replace(/^.*Killed.*\n/gm, "").split("\n")).toEqual([
      "before: shop-postgres-fsn1-1 shop-postgres-fsn1-2 shop-postgres-fsn1-3 ",
      "after: shop-postgres-fsn1-1 shop-postgres-fsn1-4 shop-postgres-fsn1-5 ",
      "written 1",
      "2: is no longer a member",
      "lost volume: shop-postgres-fsn1-1 shop-postgres-fsn1-4 shop-postgres-fsn1-5 ",
      "written 2",
      "returned: shop-postgres-fsn1-1 shop-postgres-fsn1-2 shop-postgres-fsn1-3 ",
      "written 3",
      "",
    ]);
    expect(code).toBe(0);
  }, 240_000);
});
