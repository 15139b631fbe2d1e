import { secretToken } from "../host/secret-token.ts";
import { ports } from "../ports.ts";
import { redisInstances, redisSecrets, redisUsers, sentinelQuorum } from "./client.ts";
import { engines } from "./engine.ts";
import { instancePorts, ownNode, type RedisHostSpec } from "./spec.ts";
import { renderTlsSettings } from "./tls-settings.ts";

/**
 * Time without an answer after which a Sentinel takes a master for dead, ms. From then on a failover takes 1.1 s (Sentinel looks once a
 * second whether the replica is master) and HAProxy up to 0.5 s. With 800 for both, drills gave the first write after 2.7 to 4.2 s: both
 * instances of a lost host were missed in the same instant, and Sentinels that elect for two masters at once start over a second later. So
 * sessions go first.
 */
const downAfterMs = { sessions: 500, cache: 800 } as const;
const failoverTimeoutMs = 10_000;

/** Settings of this host's Sentinel as at the very first start. What it learns later is kept by the start script. */
export function renderSentinelSettings(spec: RedisHostSpec): string {
  const password = secretToken(redisSecrets.sentinel);
  const monitors = redisInstances.map(
    (name) => `sentinel monitor ${name} ${spec.nodes[0]!.address} ${instancePorts[name]} ${sentinelQuorum(spec)}
sentinel auth-user ${name} ${redisUsers.sentinel}
sentinel auth-pass ${name} ${password}
sentinel down-after-milliseconds ${name} ${downAfterMs[name]}
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
