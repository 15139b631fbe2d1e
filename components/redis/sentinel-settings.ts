import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import { redisInstances, redisSecrets, redisUsers, sentinelQuorum } from "./client.ts";
import { engines } from "./engine.ts";
import { instancePorts, ownNode, type RedisHostSpec } from "./spec.ts";
import { renderTlsSettings } from "./tls-settings.ts";

/** Time without an answer after which a Sentinel takes a master for dead, ms: gives the first write back in about 2.5 s. */
const downAfterMs = 800;
const failoverTimeoutMs = 10_000;

/** Settings of this host's Sentinel as at the very first start. What it learns later is kept by the start script. */
export function renderSentinelSettings(spec: RedisHostSpec): string {
  const password = secretToken(redisSecrets.sentinel);
  const monitors = redisInstances.map(
    (name) => `sentinel monitor ${name} ${spec.nodes[0]!.address} ${instancePorts[name]} ${sentinelQuorum(spec)}
sentinel auth-user ${name} ${redisUsers.sentinel}
sentinel auth-pass ${name} ${password}
sentinel down-after-milliseconds ${name} ${downAfterMs}
sentinel failover-timeout ${name} ${failoverTimeoutMs}
sentinel parallel-syncs ${name} 1`,
  );
  const questions = ["get-master-addr-by-name", "masters", "master", "replicas", "slaves", "sentinels", "ckquorum"];
  return `bind ${ownNode(spec).address}
protected-mode no
${renderTlsSettings(ports.sentinel)}
dir ${engines[spec.engine].dataDirectory}/sentinel
user default off
user ${redisUsers.sentinel} on >${password} allchannels +@all
user ${redisUsers.monitor} on >${secretToken(redisSecrets.monitor)} resetchannels -@all +ping +info +client|setname ${questions.map((q) => `+sentinel|${q}`).join(" ")}
sentinel sentinel-user ${redisUsers.sentinel}
sentinel sentinel-pass ${password}
sentinel announce-ip ${ownNode(spec).address}
sentinel deny-scripts-reconfig yes
${monitors.join("\n")}
`;
}
