import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { findServerType, type ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { generationOf } from "../host/generation.ts";
import { Host, type HostArgs } from "../host/host.ts";
import { PlacementGroups } from "../host/placement.ts";
import { hostName, type Platform } from "../host/platform.ts";
import { type RedisClientSpec, type RedisEngine, redisClientSecrets, redisEngines, redisSecrets } from "./client.ts";
import { type RedisMemory, redisMemory } from "./memory.ts";
import { redisRole } from "./role.ts";

export interface RedisArgs {
  readonly platform: Platform;
  /** Three with Sentinel, or one without failover. A change from one to three makes the first host the master. @default 3 */
  readonly nodes?: 1 | 3;
  /** Changed in place, with a power-off: do it one host at a time. @default "cpx22" */
  readonly serverType?: ServerTypeName;
  /** A change needs a new generation and starts with empty data: the engines' files differ. @default "valkey" */
  readonly engine?: RedisEngine;
  /** `maxmemory` of both instances, MB. A change reaches hosts with their next generation. @default by machine size, see `redisMemory` */
  readonly memory?: Partial<RedisMemory>;
  /** Raised, replaces the hosts with today's user data, image and keys, their data volumes stay; a list has one per host, to go one by one. @default 1 */
  readonly generation?: number | readonly number[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly transform?: HostArgs["transform"];
}

/** Less is of no use to anybody, MB. */
const smallestInstanceMb = 16;
/** Of a machine's memory: snapshots copy what changes meanwhile, and without room for that the kernel ends the process. */
const mostDataShare = 0.75;

/** Everything wrong with the arguments, each with the field; empty when nothing is. */
export function redisProblems(
  args: Pick<RedisArgs, "nodes" | "serverType" | "engine" | "memory" | "generation">,
): string[] {
  const { nodes = 3, serverType = "cpx22", engine = "valkey", memory = {}, generation = 1 } = args;
  const problems: string[] = [];
  if (nodes !== 1 && nodes !== 3) problems.push(`nodes: ${nodes} is neither 1 nor 3`);
  if (!redisEngines.includes(engine))
    problems.push(`engine: ${JSON.stringify(engine)} is not one of ${redisEngines.join(", ")}`);
  if (typeof generation === "object" && generation.length !== nodes)
    problems.push(`generation: ${generation.length} given for ${nodes} nodes`);
  for (const value of typeof generation === "object" ? generation : [generation]) {
    if (!(Number.isInteger(value) && value >= 1)) problems.push(`generation: ${value} is not a whole number from 1`);
  }
  const type = findServerType(serverType);
  if (!type) return [...problems, `serverType: ${JSON.stringify(serverType)} is not known`];
  const { sessionsMb, cacheMb } = { ...redisMemory(type.memoryGb), ...memory };
  for (const [name, value] of Object.entries({ sessionsMb, cacheMb })) {
    if (!(Number.isInteger(value) && value >= smallestInstanceMb)) {
      problems.push(`memory.${name}: ${value} is not a whole number of MB from ${smallestInstanceMb}`);
    }
  }
  const most = Math.floor(type.memoryGb * 1024 * mostDataShare);
  if (sessionsMb + cacheMb > most) {
    problems.push(
      `memory: ${sessionsMb + cacheMb} MB in all is more than ${type.name} can hold (${most} MB): use a larger serverType`,
    );
  }
  return problems;
}

/**
 * Sessions and cache in Valkey or Redis, each an instance of its own on every host: a full cache never logs anybody
 * out. With three hosts Sentinels fail over in 2 to 5 s.
 *
 * Cost: each host's server type with 0.50 EUR for IPv4 and a data volume of 10 GB or more at 0.0572 EUR per GB, each month.
 */
export class Redis extends pulumi.ComponentResource {
  /** For `AppServers`: where the nodes are. Pure data, known before anything exists. */
  readonly client: RedisClientSpec;
  /** For `AppServers`: passwords by the name of their token. */
  readonly clientSecrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly hosts: readonly Host[];

  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = redisProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:redis:Redis", name, {}, opts);
    const { platform, nodes: count = 3, serverType = "cpx22", engine = "valkey" } = args;
    const ordinals = Array.from({ length: count }, (_, index) => index + 1);
    this.client = {
      engine,
      nodes: ordinals.map((ordinal) => ({
        name: hostName(platform, "redis", ordinal),
        address: platform.network.plan.address("redis", platform.location, ordinal),
      })),
    };
    const secrets = this.#passwords(name);
    this.clientSecrets = Object.fromEntries(redisClientSecrets.map((secret) => [secret, secrets[secret]!]));
    const memory = { ...redisMemory(findServerType(serverType)!.memoryGb), ...args.memory };
    const labels = { ...platform.labels, ...args.labels };
    const placement = count > 1 ? new PlacementGroups(name, { count, labels }, { parent: this }) : undefined;
    this.hosts = this.client.nodes.map(
      (node, index) =>
        new Host(
          node.name,
          {
            platform,
            role: "redis",
            ordinal: index + 1,
            serverType,
            state: {
              kind: "stateful",
              address: node.address,
              generation: generationOf(platform, node.name, args.generation, index),
            },
            roles: [redisRole({ ...this.client, ordinal: index + 1, memory })],
            secrets,
            ...(placement ? { placementGroupId: placement.idFor(index + 1) } : {}),
            ...(args.labels ? { labels: args.labels } : {}),
            ...(args.transform ? { transform: args.transform } : {}),
          },
          { parent: this },
        ),
    );
    this.registerOutputs({ nodes: this.client.nodes });
  }

  #passwords(name: string): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
      Object.values(redisSecrets).map((secret) => [
        secret,
        pulumi.secret(
          new random.RandomPassword(`${name}-${secret}`, { length: 32, special: false }, { parent: this }).result,
        ),
      ]),
    );
  }
}
