import type { DebianFile } from "../../lab/debian/run.ts";
import { fillSecrets, secretNames } from "../host/secret-token.ts";
import { createAuthority, createLeaf } from "../pki/certificates.ts";
import { tlsPaths } from "../pki/paths.ts";
import { testAuthority } from "../pki/testing.ts";
import type { RedisEngine, RedisNode } from "./client.ts";
import { engines } from "./engine.ts";
import { redisRole } from "./role.ts";
import { type RedisHostSpec, settingsDirectory } from "./spec.ts";

/** For tests only: several Redis hosts side by side on one machine, each below `/<ordinal>`. */
export const testNodes: readonly RedisNode[] = [1, 2, 3].map((n) => ({
  name: `shop-redis-fsn1-${n}`,
  address: `10.0.3.${n + 3}`,
}));

export function testSpec(engine: RedisEngine, ordinal: number, nodes = testNodes): RedisHostSpec {
  return { engine, nodes, ordinal, memory: { sessionsMb: 32, cacheMb: 48 } };
}

/** Every secret's value is made from its name. */
export function fillTestSecrets(text: string): string {
  return fillSecrets(text, Object.fromEntries(secretNames(text).map((name) => [name, name.replaceAll("-", "")])));
}

/** The files of all hosts of a cluster, with certificates, by path. */
export async function clusterFiles(engine: RedisEngine, nodes = testNodes): Promise<Record<string, DebianFile>> {
  const authority = await createAuthority(testAuthority);
  const hosts = await Promise.all(
    nodes.map(async (node, index) => {
      const below = `/${index + 1}`;
      const leaf = await createLeaf(testAuthority, {
        commonName: node.name,
        dnsNames: [node.name],
        ipAddresses: [node.address],
      });
      const { files } = redisRole(testSpec(engine, index + 1, nodes));
      const { user, dataDirectory } = engines[engine];
      const moved = files.map((file): [string, DebianFile] => [
        below + file.path,
        {
          content: fillTestSecrets(file.content)
            .replaceAll(settingsDirectory, below + settingsDirectory)
            .replaceAll(dataDirectory, below + dataDirectory)
            .replaceAll("/etc/sovereign/tls", `${below}/etc/sovereign/tls`)
            // Three nodes and all that tests them on one busy machine: a second without an answer is nothing there.
            .replace(/(down-after-milliseconds \S+) \d+/g, "$1 4000"),
          mode: file.mode,
        },
      ]);
      const readable = { owner: `root:${user}`, mode: "0640" };
      return Object.fromEntries([
        ...moved,
        [below + tlsPaths.ca, { content: authority.certificate, ...readable }],
        [below + tlsPaths.certificate, { content: leaf.certificate, ...readable }],
        [below + tlsPaths.key, { content: leaf.privateKey, ...readable }],
      ]) as Record<string, DebianFile>;
    }),
  );
  return Object.assign({}, ...hosts);
}

/** Shell functions to run hosts laid out by `clusterFiles`: `boot N NAME`, `crash N NAME`, `ask N NAME COMMAND...`, `until_ok COMMAND...`. */
export function clusterShell(engine: RedisEngine, nodes = testNodes): string {
  const { user, dataDirectory, server, sentinel, cli } = engines[engine];
  return `
for address in ${nodes.map((n) => n.address).join(" ")}; do ip address add $address/32 dev lo; done
for n in ${nodes.map((_, i) => i + 1).join(" ")}; do
  install -d -o ${user} -g ${user} /$n${dataDirectory} /$n${dataDirectory}/sessions /$n${dataDirectory}/cache /$n${dataDirectory}/sentinel
done
boot() {
  /$1/usr/local/lib/sovereign/redis-start $2
  program=${server}; [ $2 != sentinel ] || program=${sentinel}
  setpriv --reuid=${user} --regid=${user} --init-groups $program /$1${dataDirectory}/$2/running.conf >> /$1/$2.log 2>&1 &
  echo $! > /$1/$2.pid
}
crash() { kill -9 $(cat /$1/$2.pid); }
port() { case $1 in sessions) echo 6379 ;; cache) echo 6380 ;; sentinel) echo 26379 ;; esac; }
# As the user named in AS, with the password that fillTestSecrets made.
ask() {
  host=10.0.3.$(($1 + 3)) name=$2; shift 2
  case \${AS:-app} in app) password=redis\${name}password ;; *) password=redis\${AS}password ;; esac
  REDISCLI_AUTH=$password ${cli} --tls --cacert /1${tlsPaths.ca} -h $host -p $(port $name) --user \${AS:-app} "$@" 2>&1
}
until_ok() {
  end=$(($(date +%s) + 25))
  while [ $(date +%s) -lt $end ]; do if "$@" > /dev/null 2>&1; then return 0; fi; sleep 0.1; done
  echo "never: $*"; tail -n 15 /*/*.log /*.log 2> /dev/null; return 1
}
role_is() { AS=monitor ask $1 $2 INFO replication | grep -q "^role:$3"; }
replicas_are() { AS=monitor ask $1 $2 INFO replication | grep -q "^connected_slaves:$3"; }
writes() { ask $1 $2 SET written $3 | grep -qx OK; }
`;
}
