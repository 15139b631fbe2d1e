import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { etcdMember } from "./etcd.ts";
import { clusterFiles, clusterShell, testNode, testSpec } from "./testing.ts";

describeWithDebian("etcd whose members change", (debian) => {
  test("two new locations take the votes of two nodes while Postgres serves; a lost volume joins anew", async () => {
    const before = testSpec({ machine: { cores: 2, memoryGb: 4 }, storageGb: 10 });
    const nodes = [1, 2, 3, 4, 5].map(testNode);
    const after = testSpec({ ...before, nodes, etcd: [nodes[0]!, nodes[3]!, nodes[4]!] });
    const { code, stdout, stderr } = await debian.script({
      files: { ...(await clusterFiles(after)), ...(await clusterFiles(before)) },
      timeoutMs: 170_000,
      script: `${clusterShell(after, [1, 2, 3])}
etcd() { on=$1; shift; on "$on" etcd env ETCDCTL_API=3 etcdctl --cacert /etc/sovereign/tls/ca.crt --cert /etc/sovereign/tls/host.crt --key /etc/sovereign/tls/host.key "$@"; }
voters() { etcd 1 member list | sort -t, -k3 | awk -F', ' '{printf "%s%s ", $3, ($6 == "true" ? "(learner)" : "")}'; }
running() { [ "$(members 1 | grep -o '"State": "\\(running\\|streaming\\)"' | wc -l)" = "$1" ]; }
until_ok 60 running 3
echo "before: $(voters)"
leader=; for n in 1 2 3; do [ "$(sql $n 'SELECT pg_is_in_recovery()')" = f ] && leader=$n; done
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
      "",
    ]);
    expect(code).toBe(0);
  }, 180_000);
});
