import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { redisEngines } from "./client.ts";
import { redisRole } from "./role.ts";
import { clusterFiles, clusterShell, testNodes, testSpec } from "./testing.ts";

describeWithDebian("Redis hosts, run by the real programs", (debian) => {
  test.each(redisEngines)(
    "%s: one host without Sentinel takes writes over TLS and keeps users apart",
    async (engine) => {
      const nodes = testNodes.slice(0, 1);
      const { code, stdout, stderr } = await debian.script({
        files: await clusterFiles(engine, nodes),
        script: `${clusterShell(engine, nodes)}
boot 1 sessions
boot 1 cache
until_ok writes 1 sessions a
until_ok writes 1 cache b
echo "policy $(AS=monitor ask 1 sessions INFO memory | grep ^maxmemory_policy) $(AS=monitor ask 1 cache INFO memory | grep ^maxmemory_policy)" | tr -d '\\r'
echo "config $(ask 1 sessions CONFIG GET masterauth)"
echo "flush $(ask 1 sessions FLUSHALL)"
echo "monitor $(AS=monitor ask 1 sessions GET written)"
echo "clear $(ask 1 cache FLUSHDB)"
echo "wrong $(REDISCLI_AUTH=nonsense ${`/usr/bin/${engine}-cli`} --tls --cacert /1/etc/sovereign/tls/ca.crt -h 10.0.3.4 --user app PING 2>&1 | grep . | tail -n 1)"
crash 1 sessions
sleep 0.3
boot 1 sessions
until_ok writes 1 sessions a
echo "kept $(ask 1 sessions DBSIZE)"
`,
      });
      expect(stderr).toBe("");
      expect(stdout.split("\n")).toEqual([
        "policy maxmemory_policy:noeviction maxmemory_policy:allkeys-lru",
        expect.stringContaining("NOPERM"),
        expect.stringContaining("NOPERM"),
        expect.stringContaining("NOPERM"),
        "clear OK",
        expect.stringMatching(/NOAUTH|WRONGPASS/),
        "kept 1",
        "",
      ]);
      expect(code).toBe(0);
    },
  );

  test.each(redisEngines)("%s: three hosts fail over, and a former master comes back as a replica", async (engine) => {
    const { code, stdout, stderr } = await debian.script({
      files: await clusterFiles(engine),
      timeoutMs: 50_000,
      script: `${clusterShell(engine)}
for n in 1 2 3; do boot $n sessions; boot $n cache; done
for n in 1 2 3; do boot $n sentinel; done
until_ok replicas_are 1 sessions 2
until_ok replicas_are 1 cache 2
agreed() { AS=monitor ask $1 sentinel SENTINEL ckquorum sessions | grep -q 'OK 3 usable'; }
for n in 1 2 3; do until_ok agreed $n; done
until_ok writes 1 sessions before
echo "replica $(ask 2 sessions SET written no)"
crash 1 sessions
new=
for _ in $(seq 200); do for n in 2 3; do if writes $n sessions after; then new=$n; fi; done; [ -z "$new" ] || break; sleep 0.1; done
[ -n "$new" ] || { tail -n 15 /*/*.log; exit 1; }
named() { AS=monitor ask $1 sentinel SENTINEL get-master-addr-by-name sessions | grep -qx 10.0.3.$((new + 3)); }
for n in 1 2 3; do until_ok named $n; done
boot 1 sessions
grep -c "^replicaof 10.0.3.$((new + 3)) 6379" /1/var/lib/${engine}/sessions/running.conf
until_ok role_is 1 sessions slave
until_ok replicas_are $new sessions 2
until_ok writes $new sessions again
echo "cache master $(AS=monitor ask 1 cache INFO replication | grep ^role)" | tr -d '\\r'
# Everything goes down and comes up: nobody is left to ask, and what was decided is still known.
for n in 1 2 3; do crash $n sentinel; crash $n sessions; done
sleep 0.3
for n in 1 2 3; do boot $n sessions; done
for n in 1 2 3; do boot $n sentinel; done
until_ok replicas_are $new sessions 2
until_ok named 1
for n in 1 2 3; do until_ok agreed $n; done
echo "value $(ask $new sessions GET written)"
grep -h '^sentinel myid' /*/var/lib/${engine}/sentinel/running.conf | sort -u | wc -l
`,
    });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      expect.stringContaining("READONLY"),
      "1",
      "cache master role:master",
      "value again",
      "3",
      "",
    ]);
    expect(code).toBe(0);
  });

  test.each(redisEngines)(
    "%s: exporters see instances and Sentinel with the monitoring user's rights",
    async (engine) => {
      const { code, stdout, stderr } = await debian.script({
        files: await clusterFiles(engine),
        timeoutMs: 50_000,
        script: `${clusterShell(engine)}
for n in 1 2 3; do boot $n sessions; boot $n cache; boot $n sentinel; done
for name in sessions cache; do
  until_ok replicas_are 1 $name 2
  agreed() { AS=monitor ask 1 sentinel SENTINEL ckquorum $name | grep -q 'OK 3 usable'; }
  until_ok agreed
done
for target in sessions cache sentinel; do
  ( set -a; . /1/etc/sovereign/redis/monitor.env; . /1/etc/sovereign/redis/exporter-$target.env
    exec prometheus-redis-exporter --config-command=- --tls-ca-cert-file=/1/etc/sovereign/tls/ca.crt 2> /exporter-$target.log ) &
done
for port in 9121 9122 9123; do
  scraped() { curl -sf http://10.0.3.4:$port/metrics > /metrics-$port; }
  until_ok scraped
done
grep -hE '^(redis_up |redis_memory_max_bytes|redis_connected_slaves|redis_exporter_last_scrape_error)' /metrics-9121 /metrics-9122
grep -hoE '^redis_instance_info.*role="[a-z]+".*tcp_port="[0-9]+"' /metrics-9121 /metrics-9122 | sed -E 's/.*(role="[a-z]+").*(tcp_port="[0-9]+")/\\1 \\2/'
grep -hE '^redis_sentinel_master_ckquorum_status' /metrics-9123 | grep -o 'master_name=.*' | sort
grep -h NOPERM /exporter-*.log | wc -l
`,
      });
      expect(stderr).toBe("");
      expect(stdout.split("\n")).toMatchSnapshot();
      expect(code).toBe(0);
    },
  );

  test.each([
    ["valkey", testNodes],
    ["redis", testNodes.slice(0, 1)],
  ] as const)("systemd finds nothing wrong with the units of %s", async (engine, nodes) => {
    const { files, units } = redisRole(testSpec(engine, 1, nodes));
    const started = units.filter((unit) => unit.state !== "masked");
    const { code, stderr } = await debian.script({
      files: Object.fromEntries([
        ...files.map(({ path, content, mode }) => [path, { content, mode }]),
        ...started.flatMap(({ name, dropIn }) =>
          dropIn ? [[`/etc/systemd/system/${name}.d/sovereign.conf`, dropIn]] : [],
        ),
      ]),
      script: `systemd-analyze verify --man=no ${started.map((unit) => unit.name).join(" ")}
sh -n /usr/local/lib/sovereign/redis-start`,
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});
