import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import type { PostgresNode } from "./client.ts";
import { postgresPaths } from "./spec.ts";

/**
 * Seconds between two looks. One takes 25 ms of a core on a busy machine (curl, and etcd's metrics). A primary that is lost before the next
 * look costs 5 to 8 s more, and no rows.
 */
const everySeconds = 10;

/**
 * On each node: while it has the primary, its member of etcd hands leadership to another. Where the machine that is lost led both, etcd's
 * new leader gives every lease its whole time again, and a failover took 28 to 29 s instead of 21 to 22 (drill `postgres-host-kill`, 8 runs).
 * Asked again and again, since either can move without the other: the primary at a failover, etcd's leader at any restart of a machine.
 */
export function renderEtcdStepAside(member: PostgresNode): string {
  return `#!/bin/bash
set -uo pipefail
export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=https://127.0.0.1:${ports.etcdClient}
export ETCDCTL_CACERT=${tlsPaths.ca} ETCDCTL_CERT=${tlsPaths.certificate} ETCDCTL_KEY=${tlsPaths.key}
leads_etcd() {
  local metrics
  metrics=$(curl -s --max-time 2 http://${member.address}:${ports.etcdMetrics}/metrics | grep '^etcd_server_is_leader ')
  [ "$metrics" = 'etcd_server_is_leader 1' ]
}
has_primary() {
  curl -s -f -o /dev/null --max-time 2 --cacert ${tlsPaths.ca} https://${member.address}:${ports.patroni}/primary
}
# Members that answer, the one with the most of the log first: a transfer to one that does not would stop writes for an election's time.
others() {
  etcdctl endpoint status --cluster --command-timeout=2s -w json 2>/dev/null | python3 -Ic '
import json, sys
statuses = [entry["Status"] for entry in json.load(sys.stdin)]
own = [s["leader"] for s in statuses]
others = [s for s in statuses if s["header"]["member_id"] not in own and not s.get("isLearner")]
for status in sorted(others, key=lambda s: -s["raftIndex"]):
    print(format(status["header"]["member_id"], "x"))
'
}
while sleep ${everySeconds}; do
  if leads_etcd && has_primary; then
    for member in $(others); do
      if etcdctl move-leader "$member"; then break; fi
    done
  fi
done
`;
}

export const etcdStepAsideService = `[Unit]
Description=Keeps the machine of the primary from leading etcd as well
After=etcd.service patroni.service
StartLimitIntervalSec=0

[Service]
User=postgres
Group=postgres
SupplementaryGroups=${tlsPaths.group}
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
ExecStart=${postgresPaths.scripts}/etcd-step-aside
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
