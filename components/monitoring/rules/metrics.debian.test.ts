import { expect, test } from "vitest";
import { describeWithDebian } from "../../../lab/debian/testing.ts";
import { dashboards } from "../dashboards/all.ts";
import { everything, ruleGroups } from "./all.ts";
import { queueDepth } from "./app.ts";

const expressions = [
  ...ruleGroups(everything(queueDepth(undefined))).flatMap((group) => group.rules.map((rule) => rule.expr)),
  ...dashboards.flatMap((dashboard) => dashboard.panels.flatMap((panel) => Object.values(panel.queries))),
];

/** Metrics that rules and dashboards read, by the beginning of their name. */
const used = (prefix: string) =>
  [...new Set(expressions.flatMap((expr) => expr.match(new RegExp(`\\b${prefix}_\\w+`, "g")) ?? []))].sort();

describeWithDebian("metrics that rules and dashboards read, as the real exporters name them", (debian) => {
  const prelude = `
until_true() { for _ in $(seq 60); do if eval "$1"; then return; fi; sleep 0.2; done; echo "waited for: $1" >&2; cat /tmp/*.log >&2; exit 1; }
scrape() { until_true "curl -sf -o /tmp/$1 $2"; cat /tmp/$1; }
`;
  const names = async (script: string, files = {}) => {
    const result = await debian.script({ script: prelude + script, files, timeoutMs: 55_000 });
    expect(result.code, result.stderr).toBe(0);
    return {
      text: result.stdout,
      missing: (prefix: string) => {
        const there = new Set([...result.stdout.matchAll(/^([a-zA-Z0-9_]+)[{ ]/gm)].map((m) => m[1]!));
        expect(used(prefix).length).toBeGreaterThan(0);
        return used(prefix).filter((name) => !there.has(name));
      },
    };
  };

  test("valkey, its replica and a Sentinel, with the labels that tell them apart", async () => {
    const got = await names(`
mkdir /tmp/a /tmp/b
valkey-server --port 6379 --dir /tmp/a --maxmemory 64mb >/tmp/a.log &
valkey-server --port 6380 --dir /tmp/b --replicaof 127.0.0.1 6379 >/tmp/b.log &
printf 'port 26379\\nsentinel monitor sessions 127.0.0.1 6379 1\\n' >/tmp/s.conf
valkey-sentinel /tmp/s.conf >/tmp/s.log &
watch() {
  until_true "valkey-cli -p $1 ping >/dev/null 2>&1"
  prometheus-redis-exporter --redis.addr redis://127.0.0.1:$1 --web.listen-address 127.0.0.1:$2 2>/tmp/e$1.log &
}
watch 6379 9121; watch 6380 9122; watch 26379 9123
until_true 'valkey-cli -p 6380 info replication | grep -q link_status:up'
for port in 9121 9122 9123; do scrape $port 127.0.0.1:$port/metrics; done
`);
    expect(got.missing("redis")).toEqual([]);
    expect(got.text).toMatch(/^redis_instance_info\{.*role="master".*tcp_port="6379".*\} 1$/m);
    expect(got.text).toMatch(/^redis_instance_info\{.*role="slave".*tcp_port="6380".*\} 1$/m);
    expect(got.text).toMatch(/^redis_sentinel_master_ckquorum_status\{.*master_name="sessions".*\} 1$/m);
  });

  test("HAProxy", async () => {
    const got = await names(
      `haproxy -f /h.cfg >/tmp/h.log 2>&1 &
scrape h 127.0.0.1:8405/metrics`,
      {
        "/h.cfg":
          "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nfrontend m\n bind 127.0.0.1:8405\n http-request use-service prometheus-exporter\n default_backend workload\nbackend workload\n server a 127.0.0.1:1\n",
      },
    );
    expect(got.missing("haproxy")).toEqual([]);
    expect(got.text).toContain('haproxy_backend_active_servers{proxy="workload"} 1');
  });

  test("PgBouncer and PostgreSQL", async () => {
    const got = await names(
      `
cd /tmp
pg=/usr/lib/postgresql/17/bin
install -d -o postgres /tmp/pg /run/postgresql
as() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
as $pg/initdb -D /tmp/pg/data -A trust >/tmp/initdb.log
as $pg/postgres -D /tmp/pg/data >/tmp/postgres.log 2>&1 &
until_true 'as $pg/pg_isready -q -h 127.0.0.1'
as pgbouncer /b.ini >/tmp/bouncer.log 2>&1 &
until_true 'as psql -h 127.0.0.1 -p 6432 -U postgres -c "select 1" shop >/dev/null 2>&1'
DATA_SOURCE_NAME='postgresql://postgres@127.0.0.1:5432/postgres?sslmode=disable' prometheus-postgres-exporter 2>/tmp/e1.log &
PGBOUNCER_EXPORTER_CONNECTION_STRING='postgres://postgres@127.0.0.1:6432/pgbouncer?sslmode=disable' prometheus-pgbouncer-exporter 2>/tmp/e2.log &
scrape postgres 127.0.0.1:9187/metrics; scrape bouncer 127.0.0.1:9127/metrics
`,
      {
        "/users": '"postgres" ""\n',
        "/b.ini":
          "[databases]\nshop = host=127.0.0.1 dbname=postgres pool_size=7\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=6432\nauth_type=trust\nauth_file=/users\nunix_socket_dir=/tmp\nadmin_users=postgres\nignore_startup_parameters=extra_float_digits\n",
      },
    );
    expect(got.missing("pg")).toEqual([]);
    expect(got.missing("pgbouncer")).toEqual([]);
    expect(got.text).toMatch(/^pgbouncer_databases_pool_size\{.*name="shop".*\} 7$/m);
    expect(got.text).toMatch(/^pgbouncer_pools_server_active_connections\{database="shop",user="postgres"\} \d/m);
  });

  test("Patroni", async () => {
    const got = await debian.run({ argv: ["cat", "/usr/lib/python3/dist-packages/patroni/api.py"] });
    const there = [...got.stdout.matchAll(/# HELP (patroni_\w+)/g)].map((m) => m[1]);
    expect(used("patroni").length).toBeGreaterThan(5);
    expect(used("patroni").filter((name) => !there.includes(name))).toEqual([]);
  });

  test("the machine, Prometheus and Alertmanager", async () => {
    const got = await names(
      `
prometheus-node-exporter 2>/tmp/node.log &
prometheus --config.file=/p.yml --storage.tsdb.path=/tmp/tsdb 2>/tmp/p.log &
prometheus-alertmanager --cluster.listen-address= --storage.path=/tmp/am >/tmp/am.log 2>&1 &
until_true 'curl -s 127.0.0.1:9090/metrics | grep -q ^prometheus_sd_file_mtime_seconds{'
scrape p 127.0.0.1:9090/metrics; scrape n 127.0.0.1:9100/metrics; scrape a 127.0.0.1:9093/metrics
until_true 'curl -s 127.0.0.1:9090/metrics | grep ^prometheus_rule_evaluation_failures_total{'
until_true 'curl -s 127.0.0.1:9090/metrics | grep ^prometheus_notifications_errors_total{'
`,
      {
        "/p.yml":
          "rule_files: [/r.yml]\nalerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:9093']}]}]}\nscrape_configs: [{job_name: x, file_sd_configs: [{files: [/sd/*.json]}]}]\n",
        "/r.yml": "groups: [{name: g, rules: [{alert: A, expr: vector(1)}]}]\n",
        "/sd/a.json": "[]",
      },
    );
    expect(got.missing("prometheus")).toEqual([]);
    expect(got.missing("alertmanager")).toEqual([]);
    // Over D-Bus, and of real disks: neither is in this tree.
    const elsewhere = ["node_systemd_unit_state", "node_systemd_timer_last_trigger_seconds"];
    expect(
      got.missing("node").filter((name) => !elsewhere.includes(name) && !name.startsWith("node_filesystem_")),
    ).toEqual([]);
  });
});
