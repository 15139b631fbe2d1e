import { expect, test } from "vitest";
import type { DebianFile } from "../../lab/debian/run.ts";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { createLeaf } from "../pki/certificates.ts";
import { testAuthority } from "../pki/testing.ts";
import { clusterFiles, clusterShell } from "../redis/testing.ts";
import { fakeJournal, fakePatroni, greetingProgram } from "./fakes.ts";
import { appServerRoles } from "./roles.ts";
import { machineFiles, testApp, testPostgres, testService } from "./testing.ts";

const roles = appServerRoles({ ...testApp, workload: { ...testService, concurrency: 1, metricsPath: "/metrics" } });

async function fakeFiles(): Promise<Record<string, DebianFile>> {
  const files: Record<string, DebianFile> = {
    "/fake/patroni.py": { content: fakePatroni },
    "/fake/greeting.py": { content: greetingProgram },
    "/fake/journal.py": { content: fakeJournal },
  };
  for (const [index, { name, address }] of testPostgres.nodes.entries()) {
    const leaf = await createLeaf(testAuthority, { commonName: name, dnsNames: [name], ipAddresses: [address] });
    files[`/fake/${name}.pem`] = { content: leaf.certificate + leaf.privateKey };
    files[`/fake/${name}`] = { content: index === 0 ? "primary" : "replica" };
  }
  return files;
}

/** An app server with everything that it leads to. 10.0.0.4 is the load balancer. */
const start = `${clusterShell("valkey")}
for address in 10.0.0.4 ${testPostgres.nodes.map((n) => n.address).join(" ")}; do ip address add $address/32 dev lo; done
mkdir -p /run/haproxy
install -d -o nobody /run/sovereign-appd
python3 /fake/journal.py &
until_ok test -S /dev/log
python3 /fake/patroni.py ${testPostgres.nodes.map((n) => `${n.name}=${n.address}`).join(" ")} 2> /patroni.log &
haproxy -D -f /etc/haproxy/haproxy.cfg > /dev/null 2> /haproxy.log
setpriv --reuid=postgres --regid=postgres --init-groups pgbouncer -q /etc/pgbouncer/pgbouncer.ini 2> /pgbouncer.log &
setpriv --reuid=nobody --regid=haproxy --clear-groups python3 -I /usr/local/lib/sovereign/sovereign-appd /etc/sovereign/appd.json &
( set -a; . /etc/sovereign/workload.env; exec python3 /opt/app/main.py 2> /workload.log ) &
workload=$!
until_ok test -S /run/sovereign-appd/requests.sock
nginx 2> /nginx.log
status() { curl -s -o /dev/null -w '%{http_code}\\n' "$@"; }
status_is() { test "$(status "$2")" = $1; }
from_balancer() { curl -s --interface 10.0.0.4 "$@"; }
ready() { curl -s http://127.0.0.1:9180/readyz; }
ready_is() { ready | jq -e "$1"; }
leads_to() { test "$(python3 /fake/greeting.py $1)" = $2; }
metric() { curl -s http://127.0.0.1:$1/metrics | grep -F -- "$2" | sed 's/.* //'; }
until_ok status_is 200 http://127.0.0.1/healthz
`;

describeWithDebian("an app server, running", (debian) => {
  async function run(script: string): Promise<string[]> {
    const files = { ...(await clusterFiles("valkey")), ...(await machineFiles(roles)), ...(await fakeFiles()) };
    const result = await debian.script({ files, script: start + script, timeoutMs: 55_000 });
    expect(result.stderr).toBe("");
    expect(result.code, result.stdout).toBe(0);
    return result.stdout.trimEnd().split("\n");
  }

  test("nginx passes requests on with address, id and scheme, and adds headers", async () => {
    const lines = await run(`
from_balancer -H 'X-Forwarded-For: 6.6.6.6, 198.51.100.7' -H 'X-Forwarded-Proto: https' -H 'X-Request-ID: order-12345' -A 'quote " and \\' 'http://10.0.0.4/a%20b?token=hidden' | grep -iE '^x-' | sort
echo "forged $(curl -s -H 'X-Forwarded-For: 198.51.100.7' http://127.0.0.1/ | grep -i '^x-forwarded-for')"
echo "made $(curl -s -H 'X-Request-ID: <script>' http://127.0.0.1/ | grep -ic '^x-request-id: [0-9a-f]\\{32\\}$')"
from_balancer -o /dev/null -D - -H 'X-Forwarded-Proto: https' http://10.0.0.4/ | tr -d '\\r' | grep -iE '^(x-content|x-frame|referrer|strict|server|cross)' | sort
logged() { grep -q order-12345 /journal; }
until_ok logged
grep order-12345 /journal | sed 's/.*nginx: //' | jq -c '[.client, .method, .path, .status, .user_agent]'
echo "tokens logged: $(grep -c hidden /journal)"
for path in metrics metrics/ metrics?x /metrics Metrics ./metrics metrics%2f 'metrics;x' metrics2 a/metrics; do status --path-as-is "http://127.0.0.1/$path"; done | paste -sd ' '
echo "metrics $(status http://127.0.0.1:9181/metrics | tr -d '\\n')"
echo "readyz $(from_balancer -o /dev/null -w '%{http_code}' http://10.0.0.4/readyz) $(status http://127.0.0.1/readyz | tr -d '\\n')"
`);
    expect(lines).toEqual([
      "x-forwarded-for: 198.51.100.7",
      "x-forwarded-proto: https",
      "x-real-ip: 198.51.100.7",
      "x-request-id: order-12345",
      "forged x-forwarded-for: 127.0.0.1",
      "made 1",
      "Cross-Origin-Opener-Policy: same-origin",
      "Referrer-Policy: strict-origin-when-cross-origin",
      "Server: nginx",
      "Strict-Transport-Security: max-age=31536000",
      "X-Content-Type-Options: nosniff",
      "X-Frame-Options: SAMEORIGIN",
      '["198.51.100.7","GET","/a b",200,"quote \\" and \\\\"]',
      "tokens logged: 0",
      `${"404 ".repeat(8)}200 200`,
      "metrics 200",
      "readyz 403 503",
    ]);
  });

  test("latencies and the queue before the workload are counted, and health does not wait in it", async () => {
    const lines = await run(`
for _ in 1 2 3; do curl -s http://127.0.0.1/ > /dev/null; done
status http://127.0.0.1/missing
for _ in 1 2 3 4 5 6; do curl -s http://127.0.0.1/slow > /dev/null & pids="\${pids:-} $!"; done
queued() { test "$(metric 8405 'haproxy_backend_current_queue{proxy="workload"}')" -ge 3; }
until_ok queued
echo "health $(status http://127.0.0.1/healthz | tr -d '\\n')"
wait $pids
counted() { test "$(metric 9180 'http_request_duration_seconds_count{code="2xx"}')" = 9; }
until_ok counted
up_to() { metric 9180 "http_request_duration_seconds_bucket{code=\\"2xx\\",le=\\"$1\\"}"; }
up_to 0.4
# One after another: the sixth waits for five times 0.45 s, on a busy machine longer, never less.
test "$(up_to 2.5)" -lt 9 && echo "the queue counts"
up_to +Inf
metric 9180 'http_request_duration_seconds_count{code="4xx"}'
touch /run/sovereign-draining
echo "draining $(status http://127.0.0.1/healthz | tr -d '\\n') $(status http://127.0.0.1/ | tr -d '\\n')"
rm /run/sovereign-draining
kill $workload
until_ok status_is 503 http://127.0.0.1/healthz
until_ok ready_is '.checks.workload.ok == false'
`);
    expect(lines).toEqual(["404", "health 200", "3", "the queue counts", "9", "1", "draining 503 200"]);
  });

  test("connections lead to the Postgres primary and to replicas, wherever they are", async () => {
    const [one, two, three] = testPostgres.nodes.map((n) => n.name);
    const lines = await run(`
until_ok leads_to 5000 ${one}
until_ok ready_is '.checks.postgres == {"ok": true, "primary": "${one}", "replicas": {"${two}": "UP", "${three}": "UP"}}'
until_ok leads_to 5001 ${two}
until_ok leads_to 5001 ${three}
echo > /fake/${one}
until_ok leads_to 5000 cut
until_ok ready_is '.checks.postgres.ok == false'
status http://127.0.0.1:9180/readyz
metric 9180 'sovereign_ready{check="postgres"}'
echo primary > /fake/${two}
until_ok leads_to 5000 ${two}
until_ok ready_is '.checks.postgres.primary == "${two}"'
echo > /fake/${three}
until_ok leads_to 5001 ${two}
echo replica > /fake/${one}
until_ok leads_to 5001 ${one}
echo diverged > /fake/${one}
until_ok leads_to 5001 ${two}
`);
    expect(lines.slice(0, 2)).toEqual(["503", "0"]);
  });

  const redisShell = `
through() { REDISCLI_AUTH=redissessionspassword timeout 10 valkey-cli -h 127.0.0.1 -p 6379 --user app "$@" 2>&1; }
served_by() { through INFO server | grep -q "^config_file:/$1/"; }
through_writes() { through SET written "$1" | grep -qx OK; }
for n in 1 2 3; do boot $n sessions; boot $n cache; done
for n in 1 2 3; do boot $n sentinel; done
until_ok replicas_are 1 sessions 2
agreed() { AS=monitor ask $1 sentinel SENTINEL ckquorum sessions | grep -q 'OK 3 usable'; }
for n in 1 2 3; do until_ok agreed $n; done
until_ok through_writes one
until_ok served_by 1
`;

  test("connections lead to the one Redis master, also while a former one says it still is", async () => {
    const lines = await run(`
until_ok ready_is '.checks["redis-sessions"].ok == false'
${redisShell}
until_ok ready_is '.ready'
ready | jq -c '.checks["redis-sessions"]'
crash 1 sessions
until_ok through_writes two
# It comes back without asking anybody, as with an old start: master in its own eyes.
sed -i '/^replicaof/d' /1/var/lib/valkey/sessions/running.conf
setpriv --reuid=valkey --regid=valkey --init-groups valkey-server /1/var/lib/valkey/sessions/running.conf > /1/again.log 2>&1 &
until_ok role_is 1 sessions master
wrong=0 claims=0
for _ in $(seq 60); do
  if role_is 1 sessions master; then claims=$((claims + 1)); fi
  if served_by 1; then wrong=$((wrong + 1)); fi
  sleep 0.05
done
echo "wrong $wrong of claims $([ $claims -ge 10 ] && echo many || echo $claims)"
until_ok role_is 1 sessions slave
until_ok through_writes three
echo "value $(through GET written)"
`);
    expect(lines).toEqual(['{"ok":true,"master":"shop-redis-fsn1-1"}', "wrong 0 of claims many", "value three"]);
  });

  test("a client that connects while the Redis master is cut off is let go, and soon served", async () => {
    const lines = await run(`
${redisShell}
nft add table ip cut
nft add chain ip cut input '{ type filter hook input priority 0; }'
nft add rule ip cut input ip daddr 10.0.3.4 drop
hung=0
for _ in $(seq 100); do
  code=0; through SET written two > /answer || code=$?
  [ $code != 124 ] || hung=$((hung + 1))
  if grep -qx OK /answer; then break; fi
  sleep 0.1
done
cat /answer
echo "hung $hung"
`);
    expect(lines).toEqual(["OK", "hung 0"]);
  });
});
