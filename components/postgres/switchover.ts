import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { type PostgresSpec, postgresPaths } from "./spec.ts";

const program = "sovereign-postgres-switchover";
/** Where operators find it: {@link renderSwitchover}. */
export const switchoverCommand = `/usr/local/sbin/${program}`;

/**
 * Planned switchover, run as root on the primary: Patroni is restarted there, and a synchronous standby takes over. A restart or an
 * orderly power-off of the machine does the same, without the looks before.
 *
 * Not `patronictl switchover`: in Patroni 4.0 the third node sleeps 2 s during one before it follows the new primary, whose commits wait
 * for it with `zero-loss`: 3.4 s without a write instead of 2 to 3 s (drill `postgres-switchover`, idle machine). It is the way
 * to a chosen node.
 */
export function renderSwitchover(spec: PostgresSpec, ordinal: number): string {
  const node = spec.nodes[ordinal - 1];
  if (!node) throw new Error(`node ${ordinal}: the cluster ${spec.cluster} has ${spec.nodes.length} nodes`);
  // Both: nodes of an earlier generation know one synchronous standby only.
  const successors = spec.durability === "zero-loss" ? ["quorum_standby", "sync_standby"] : ["replica"];
  return `#!/bin/bash
# usage: ${program}    as root, on the primary: another node becomes primary
set -euo pipefail
[ $# = 0 ] || { sed -n '2s/^# //p' "$0"; [ "$*" = --help ]; exit; }
fail() { echo "${program}: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail 'must be run as root: sudo ${switchoverCommand}'
cluster() { curl -sS --max-time 4 --cacert ${tlsPaths.ca} https://${node.address}:${ports.patroni}/cluster; }
problem=$(cluster | python3 -Ic '
import json, sys
cluster = json.load(sys.stdin)
leader = [m["name"] for m in cluster["members"] if m["role"] == "leader"]
ready = [m for m in cluster["members"] if m["role"] in ${JSON.stringify(successors)} and m["state"] == "streaming"]
if leader != ["${node.name}"]:
    print("the primary is " + (leader[0] + ": run it there" if leader else "nobody"))
elif cluster.get("pause"):
    print("Patroni is paused, and would move nothing: patronictl resume first")
elif not ready:
    print("no ${spec.durability === "zero-loss" ? "synchronous standby" : "replica"} streams, so nobody could take over without loss: see patronictl list")
') || fail 'Patroni on this machine does not answer: see journalctl -u patroni'
[ -z "$problem" ] || fail "$problem"
sql() { runuser -u postgres -- psql -XqAt -h ${postgresPaths.socket} -U postgres -d postgres -c "$1"; }
# What is archived and written now need not be while clients wait: with WAL left to archive, Patroni waits another second.
for _ in {1..20}; do
  [ "$(sql "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'")" != 0 ] || break
  sleep 0.5
done
sql CHECKPOINT
systemctl restart patroni.service
for _ in {1..60}; do
  leader=$(cluster 2>/dev/null | python3 -Ic '
import json, sys
print(*(m["name"] for m in json.load(sys.stdin)["members"] if m["role"] == "leader" and m["state"] == "running"))
' 2>/dev/null) || leader=
  if [ "$leader" = '${node.name}' ]; then fail 'nobody else took over, and this node is primary again: see journalctl -u patroni on the others'; fi
  if [ -n "$leader" ]; then echo "$leader is the primary now"; exit 0; fi
  sleep 1
done
fail 'there is no primary after a minute: see patronictl list'
`;
}
