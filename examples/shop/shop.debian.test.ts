import { expect, test } from "vitest";
import { describeWithDebian } from "../../lab/debian/testing.ts";
import { lockNumber } from "./migrations.ts";
import { shopFiles, shopShell } from "./testing.ts";

/** Runs on Debian's Node. Prints what it found out as JSON. */
const client = `
const [what, ...args] = process.argv.slice(2);
const at = (index) => "http://127.0.0.1:" + (8080 + index % 2);
async function place(index, key, quantity = 1) {
  const response = await fetch(at(index) + "/orders", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ sku: "mug", quantity }),
  });
  const body = await response.json();
  return { status: response.status, number: body.order?.number, repeated: response.headers.get("idempotent-replayed") };
}
const distinct = (values) => [...new Set(values)];
const actions = {
  /** One key, many times at once. */
  async same(key, count) {
    const all = await Promise.all(Array.from({ length: Number(count) }, (_, i) => place(i, key)));
    return { statuses: distinct(all.map((a) => a.status)), orders: distinct(all.map((a) => a.number)).length, created: all.filter((a) => !a.repeated).length };
  },
  async different(prefix, count) {
    const all = await Promise.all(Array.from({ length: Number(count) }, (_, i) => place(i, prefix + "-" + i)));
    return { statuses: distinct(all.map((a) => a.status)), orders: distinct(all.map((a) => a.number)).length };
  },
  one: (key, index = "0", quantity = "1") => place(Number(index), key, Number(quantity)),
  /** Customers who repeat an order until it is confirmed, for some ms; prints how many were. */
  async customers(prefix, count, ms) {
    const end = Date.now() + Number(ms);
    const confirmed = [];
    let refused = 0;
    await Promise.all(Array.from({ length: Number(count) }, async (_, customer) => {
      for (let n = 1; Date.now() < end; n++) {
        for (;;) {
          const { status, number } = await place(customer, [prefix, customer, n].join("-"));
          if (status === 201) { confirmed.push(number); break; }
          refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    }));
    return { confirmed: confirmed.length, distinct: distinct(confirmed).length, refused };
  },
};
console.log(JSON.stringify(await actions[what](...args)));
`;

describeWithDebian("the shop's release on Debian's Node, with Postgres, PgBouncer and Valkey", (debian) => {
  async function run(script: string): Promise<string[]> {
    const result = await debian.run({
      files: await shopFiles(client),
      argv: ["/bin/bash", "-euc", shopShell + script],
      timeoutMs: 55_000,
    });
    expect(result.stderr).toBe("");
    expect(result.code, result.stdout).toBe(0);
    return result.stdout.trimEnd().split("\n");
  }

  test("servers that start at once migrate once, and one key is one order however often it comes", async () => {
    const lines = await run(`
mkfifo /hold
as postgres psql -XqAt -h /run/postgresql -p 5000 -d shop < /hold > /dev/null & exec 9> /hold
echo 'BEGIN; SELECT pg_advisory_xact_lock(${lockNumber});' >&9
for port in 8080 8081 8082 8083; do shop $port; done
until_ok sql "SELECT 1/(count(*) = 4)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
echo 'COMMIT;' >&9
serving 8080 8081 8082 8083
cat /shop.*.log | jq -r 'select(.message == "the database is ready").migrations' | sort | paste -sd ,
jq -r 'select(.level != "info").message' /shop.*.log
sql 'SELECT name FROM schema_migrations'
client same key-00000001 60
client different order-key 60
sql "SELECT count(*), count(DISTINCT number), sum(repeats) > 0 FROM orders"
client one key-00000001 1 2
curl -s http://127.0.0.1:8080/readyz
`);
    expect(lines).toEqual([
      ",,,orders",
      "orders",
      '{"statuses":[201],"orders":1,"created":1}',
      '{"statuses":[201],"orders":60}',
      "61|61|t",
      '{"status":422,"repeated":null}',
      '{"ready":true,"checks":{"postgres-write":{"ok":true},"postgres-read":{"ok":true},"redis-sessions":{"ok":true}}}',
    ]);
  });

  test("a Redis that forgets, or that is gone, doubles no order, and comes back by itself", async () => {
    const lines = await run(`
shop 8080; shop 8081; serving 8080 8081
redis() { REDISCLI_AUTH=redissessionspassword valkey-cli --user app "$@"; }
curl -s -c /jar -o /dev/null -X POST http://127.0.0.1:8080/session
client one key-00000001
redis --scan --pattern 'shop:answer:*' | wc -l
echo "kept for $(redis TTL "$(redis --scan --pattern 'shop:answer:*')" | sed 's/^86[34].*/a day/')"
redis DEL "$(redis --scan --pattern 'shop:answer:*')"
client one key-00000001 1
curl -s -b /jar -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8081/session
kill -9 $valkey
client one key-00000001 1
client same key-00000002 40
curl -s http://127.0.0.1:8080/readyz | jq -c '[.ready, .checks["redis-sessions"].ok]'
for path in healthz "" recent; do curl -s -o /dev/null -w '%{http_code} ' http://127.0.0.1:8080/$path; done
curl -s -o /dev/null -w '%{http_code}\\n' -X POST http://127.0.0.1:8080/session
start_valkey
until_ok curl -sf http://127.0.0.1:8080/readyz
curl -s -o /dev/null -w '%{http_code}\\n' -X POST http://127.0.0.1:8080/session
sql 'SELECT count(*) FROM orders'
`);
    expect(lines).toEqual([
      '{"status":201,"number":"100001","repeated":null}',
      "1",
      "kept for a day",
      "1",
      expect.stringMatching(/^\{"status":201,"number":"100001","repeated":"true"\}$/),
      "200",
      '{"status":201,"number":"100001","repeated":"true"}',
      '{"statuses":[201],"orders":1,"created":1}',
      "[false,false]",
      "200 200 200 503",
      "201",
      "2",
    ]);
  });

  test("lists come from the replica, single orders from the primary", async () => {
    const lines = await run(`
shop 8080; serving 8080
list() { curl -s "http://127.0.0.1:8080/orders?since=0" | jq -c '[.orders[].number]'; }
listed() { test "$(list)" = "$1"; }
client one key-00000001
until_ok listed '["100001"]'
replica 'SELECT pg_wal_replay_pause()' > /dev/null
client one key-00000002
list
curl -s http://127.0.0.1:8080/orders/100002 | jq -c .order.sku
replica 'SELECT pg_wal_replay_resume()' > /dev/null
until_ok listed '["100001","100002"]'
curl -s http://127.0.0.1:8080/recent | grep -o '1 × mug' | wc -l
`);
    expect(lines.slice(2)).toEqual(['["100001"]', '"mug"', "2"]);
  });

  test("nothing is confirmed before it is committed, nor on the word of an order that is not", async () => {
    const lines = await run(`
shop 8080; shop 8081; serving 8080 8081
sql "ALTER SYSTEM SET synchronous_standby_names = '*'"
sql 'SELECT pg_reload_conf()' > /dev/null
as postgres $bin/pg_ctl -D /tmp/replica -m fast stop > /dev/null
client one key-00000001 0 > /first & first=$!
waiting="FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
until_ok sql "SELECT 1/count(*) $waiting"
# What a primary does that is to stop: the order is there for all to see, and no standby has it.
sql "SELECT pg_terminate_backend(pid) $waiting"
until_ok sql 'SELECT 1/count(*) FROM orders'
wait $first; cat /first
start replica 5001
client one key-00000001 1
sql 'SELECT count(*) FROM orders'
`);
    expect(lines).toEqual([
      "t",
      '{"status":503,"repeated":null}',
      expect.stringMatching(/^\{"status":201,"number":"10000\d","repeated":"true"\}$/),
      "1",
    ]);
  });

  test("the primary's crash costs no confirmed order and doubles none", async () => {
    const lines = await run(`
shop 8080; shop 8081; serving 8080 8081
client customers buyer 6 4000 > /result & customers=$!
sleep 1
as postgres $bin/pg_ctl -D /tmp/primary -m immediate stop > /dev/null
sleep 0.5
start primary 5000
wait $customers
jq -c '.confirmed == .distinct and .confirmed > 50' /result
test "$(jq .confirmed /result)" = "$(sql 'SELECT count(*) FROM orders')" && echo same
`);
    expect(lines).toEqual(["true", "same"]);
  });

  test("ends when the last request was answered; pools are counted; logs hold no secrets", async () => {
    const lines = await run(`
shop 8080; shop=$!; serving 8080
as postgres psql -XqAt -h /run/postgresql -p 5000 -d shop -c 'BEGIN; LOCK TABLE orders; SELECT pg_sleep(2.5)' > /dev/null & lock=$!
until_ok sql "SELECT 1/count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
for n in $(seq 24); do
  curl -s -o /dev/null -w '%{http_code}\\n' -H 'content-type: application/json' -H "idempotency-key: key-000000$n" -H 'x-request-id: checkout-'$n -d '{"sku":"mug","quantity":1}' http://127.0.0.1:8080/orders >> /statuses & requests="\${requests:-} $!"
done
waiting() { curl -s http://127.0.0.1:8080/metrics | grep -qx 'shop_database_pool_waiting{pool="write"} 4'; }
until_ok waiting
curl -s http://127.0.0.1:8080/metrics | grep 'pool="write"'
kill -TERM $shop
code=0; wait $shop || code=$?
wait $requests $lock
echo "ended with $code"
sort /statuses | uniq -c | sed 's/^ *//'
jq -r 'select(.request_id == "checkout-7") | [.method, .route, .status] | join(" ")' /shop.8080.log
tail -n 1 /shop.8080.log | jq -r .outcome
grep -ciE 'password|postgresql://|redis://' /shop.8080.log || true
`);
    expect(lines).toEqual([
      'shop_database_pool_connections{pool="write",state="in_use"} 20',
      'shop_database_pool_connections{pool="write",state="idle"} 0',
      'shop_database_pool_size{pool="write"} 20',
      'shop_database_pool_waiting{pool="write"} 4',
      "ended with 0",
      "24 201",
      "POST /orders 201",
      "every request was answered",
      "0",
    ]);
  });
});
