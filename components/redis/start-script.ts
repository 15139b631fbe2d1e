import { tlsPaths } from "../pki/paths.ts";
import { ports } from "../ports.ts";
import { redisUsers } from "./client.ts";
import { engines } from "./engine.ts";
import { monitorEnvironmentPath } from "./exporter.ts";
import { instancePorts, ownNode, type RedisHostSpec, settingsDirectory } from "./spec.ts";

/**
 * Runs as root before each start and writes the file that the process then runs with and rewrites:
 * `<data>/<name>/running.conf`. Settings always come from `/etc/sovereign/redis`; what Sentinel decided (whom to follow,
 * epochs, peers) comes from the last run, so a restart or a new generation of the machine forgets nothing.
 *
 * Before an instance starts, the other hosts' Sentinels are asked who is master. A former master that comes back so
 * follows at once, instead of saying `role:master` for the ten seconds until it is told.
 */
export function renderStartScript(spec: RedisHostSpec): string {
  const engine = engines[spec.engine];
  const own = ownNode(spec).address;
  const peers = spec.nodes.filter((node) => node.address !== own).map((node) => node.address);
  return `#!/bin/sh
# usage: redis-start sessions|cache|sentinel
set -eu
umask 077
name=$1
settings=${settingsDirectory}/$name.conf
dir=${engine.dataDirectory}/$name
running=$dir/running.conf
own=${own}
[ -f "$running" ] || : > "$running"
. ${monitorEnvironmentPath}
export ${engine.cliPasswordVariable}="$REDIS_PASSWORD"

masters() {
  for peer in ${peers.join(" ")}; do
    timeout 2 ${engine.cli} -h "$peer" -p ${ports.sentinel} --tls --cacert ${tlsPaths.ca} --user ${redisUsers.monitor} \\
      SENTINEL get-master-addr-by-name "$name" 2>/dev/null | grep -m 1 -E '^[0-9.]+$' || :
  done | sort -u
}

server() {
  case $name in sessions) port=${instancePorts.sessions} ;; *) port=${instancePorts.cache} ;; esac
  if [ -s "$running" ]; then
    follow=$(sed -n 's/^replicaof //p' "$running" | tail -n 1)
  else
    follow=${spec.ordinal === 1 ? '""' : `"${spec.nodes[0]!.address} $port"`}
  fi
  # Unless all Sentinels that answer agree, the state of the last run stands.
  master=$(masters)
  case $(printf '%s\\n' "$master" | grep -c .) in
    1) if [ "$master" = "$own" ]; then follow=""; else follow="$master $port"; fi ;;
  esac
  cat "$settings"
  [ -z "$follow" ] || echo "replicaof $follow"
}

sentinel() {
  awk '
    FILENAME == ARGV[1] && $1 == "sentinel" && $2 == "monitor" { monitor[$3] = $0; next }
    FILENAME == ARGV[1] && $1 == "sentinel" && $2 ~ /^(myid|current-epoch|config-epoch|leader-epoch|known-replica|known-sentinel)$/ { kept[++n] = $0; next }
    FILENAME == ARGV[1] { next }
    $1 == "sentinel" && $2 == "monitor" && ($3 in monitor) { print monitor[$3]; next }
    { print }
    END { for (i = 1; i <= n; i++) print kept[i] }' "$running" "$settings"
}

case $name in
  sessions | cache) server ;;
  sentinel) sentinel ;;
  *) echo "redis-start: unknown name $name" >&2; exit 2 ;;
esac > "$running.new"
chown ${engine.user}:${engine.user} "$running.new"
mv "$running.new" "$running"
`;
}
