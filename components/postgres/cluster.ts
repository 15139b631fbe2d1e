import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import { findServerType, type ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { generationOf } from "../host/generation.ts";
import { Host, type HostArgs } from "../host/host.ts";
import { PlacementGroups } from "../host/placement.ts";
import type { Platform } from "../host/platform.ts";
import type { PostgresClientSpec, PostgresNode } from "./client.ts";
import { locationsOf, type Member, type Members, membersOf, type NodeCounts, totalNodes } from "./members.ts";
import { maxConnections } from "./parameters.ts";
import { postgresProblems } from "./problems.ts";
import { etcdRole, postgresRole } from "./role.ts";
import {
  type BackupSpec,
  backupSecrets,
  type Durability,
  defaultLogins,
  type ParameterValue,
  type PostgresSpec,
  type RestoreSpec,
  systemLogins,
} from "./spec.ts";

/** Backups, with what opens the store. */
export interface BackupArgs extends BackupSpec {
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
}

export interface PostgresClusterArgs {
  readonly platform: Platform;
  /** Machines with the data in the platform's location, where the cluster is made and its primary belongs, 1 to 7. Adding one copies the data to it, in place. */
  readonly nodes: number;
  /**
   * Machines with the data in other locations. The first of each location votes and, with `zero-loss`, confirms commits; more of them only
   * serve reads. 7 at most in all. Adding some copies the data to them, in place. @default none
   */
  readonly elsewhere?: NodeCounts;
  /**
   * Changed in place, with a power-off of all machines at once, so name one after another with `--target` (see the component's page).
   * Settings follow with the next generation, but app servers' pools at once.
   */
  readonly serverType: ServerTypeName;
  /** GB for PostgreSQL on each data volume; etcd's are added. Grows in place, never shrinks. */
  readonly storageGb: number;
  /** What an acknowledged commit survives; see `Durability`. Takes effect with the next generation. */
  readonly durability: Durability;
  /** Application database. A change makes a second, empty one with the next generation, but app servers ask for it at once: keep the name. */
  readonly database: string;
  /** Login of the workload: rows only. @default "app" */
  readonly user?: string;
  /** Login of migrations: owns database and schema. @default "app_owner" */
  readonly owner?: string;
  /** postgresql.conf beyond what the size of the machine gives; takes effect with the next generation. @default none */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Without it there are no backups and no way to a point in time. Turning it on restarts PostgreSQL. @default none */
  readonly backup?: BackupArgs;
  /** A new cluster starts from the store's backup instead of empty. Without effect where there is data. @default none */
  readonly restore?: RestoreSpec;
  /**
   * A machine of etcd's own in place of the third node's member; a location: where it stands. With nodes in two locations it has to be a
   * third one, or the loss of one location would end writes. @default with two nodes, in the platform's location
   */
  readonly witness?: boolean | LocationName;
  /** @default "cpx12" */
  readonly witnessServerType?: ServerTypeName;
  /** Raised, replaces the machines with today's user data, image and keys; a list has one per node, to go one by one. @default 1 */
  readonly generation?: number | readonly number[];
  readonly transform?: HostArgs["transform"];
}

/**
 * PostgreSQL 17 with streaming replicas under Patroni, which keeps the primary's lock in etcd.
 *
 * Cost: one server, one volume and one IPv4 for each node (and the witness of a two-node cluster); the object store of backups.
 *
 * @throws RunError with every problem of the arguments
 */
export class PostgresCluster extends pulumi.ComponentResource {
  /** Data nodes, in order of ordinals; which is the primary changes over time. */
  readonly nodes: readonly PostgresNode[];
  readonly hosts: readonly Host[];
  /** What app servers need to know, and the values of the secrets that it names. */
  readonly client: PostgresClientSpec;
  readonly clientSecrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** What every machine's files are rendered from. */
  readonly spec: PostgresSpec;

  constructor(name: string, args: PostgresClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = postgresProblems(args);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super("sovereign:postgres:PostgresCluster", name, {}, opts);

    const members = clusterMembers(args);
    this.spec = clusterSpec(name, args, members);
    this.nodes = this.spec.nodes;
    const secrets = this.#secrets(name, args);
    this.hosts = [
      ...this.#dataHosts(name, args, members, secrets),
      ...(members.witness ? [this.#witness(members.witness, args)] : []),
    ];
    const { user, owner, database } = this.spec;
    this.client = { nodes: this.nodes, database, user, owner, maxConnections: maxConnections(this.spec) };
    this.clientSecrets = Object.fromEntries(
      [user, owner].map(({ passwordSecret }) => [passwordSecret, pulumi.secret(secrets[passwordSecret]!)]),
    );
    this.registerOutputs({ nodes: this.nodes, database });
  }

  #secrets(name: string, args: PostgresClusterArgs): Record<string, pulumi.Output<string>> {
    const password = (secret: string, protect = false) =>
      new random.RandomPassword(
        `${name}-${secret.replace(/^postgres\./, "")}`,
        { length: 32, special: false },
        { parent: this, protect },
      ).result;
    const logins = [...Object.values(systemLogins), this.spec.user, this.spec.owner];
    const passwords = Object.fromEntries(
      logins.map(({ passwordSecret }) => [passwordSecret, password(passwordSecret)]),
    );
    if (!args.backup) return passwords;
    // Without the key no backup can ever be read again.
    const keep = args.platform.isProtected(`${name}-backup-cipher`);
    return {
      ...passwords,
      [backupSecrets.cipher]: password(backupSecrets.cipher, keep),
      [backupSecrets.accessKey]: pulumi.secret(args.backup.accessKey),
      [backupSecrets.secretKey]: pulumi.secret(args.backup.secretKey),
    };
  }

  #dataHosts(
    name: string,
    args: PostgresClusterArgs,
    members: Members,
    secrets: Record<string, pulumi.Output<string>>,
  ): Host[] {
    const { platform, serverType, transform } = args;
    const counts = nodeCounts(args);
    const placements = new Map(
      locationsOf(counts).map((location) => [
        location,
        new PlacementGroups(
          `${name}-${location}`,
          { count: counts[location]!, labels: { ...platform.labels } },
          { parent: this },
        ),
      ]),
    );
    return members.nodes.map((node, index) => {
      const generation = generationOf(platform, node.name, args.generation, index);
      return new Host(
        node.name,
        {
          platform: platform.at(node.location),
          role: "postgres",
          ordinal: node.ordinal,
          serverType,
          state: { kind: "stateful", address: node.address, generation },
          roles: [...this.#etcdRoles(node, generation), postgresRole(this.spec, index + 1)],
          secrets,
          placementGroupId: placements.get(node.location)!.idFor(node.ordinal),
          ...(transform ? { transform } : {}),
        },
        { parent: this },
      );
    });
  }

  /** etcd starts before Patroni, which needs it. */
  #etcdRoles(member: PostgresNode, generation: number) {
    const { cluster, etcd, founder } = this.spec;
    return etcd.includes(member) ? [etcdRole({ cluster, members: etcd, founder, generation }, member)] : [];
  }

  #witness(witness: Member, args: PostgresClusterArgs): Host {
    const generation = generationOf(args.platform, witness.name, args.generation);
    return new Host(
      witness.name,
      {
        platform: args.platform.at(witness.location),
        role: "etcd",
        ordinal: witness.ordinal,
        serverType: args.witnessServerType ?? "cpx12",
        state: { kind: "stateful", address: witness.address, generation },
        roles: this.#etcdRoles(witness, generation),
        ...(args.transform ? { transform: args.transform } : {}),
      },
      { parent: this },
    );
  }
}

const nodeCounts = ({ platform, nodes, elsewhere }: PostgresClusterArgs): NodeCounts => ({
  ...elsewhere,
  [platform.location]: nodes,
});

function clusterMembers(args: PostgresClusterArgs): Members {
  const { platform } = args;
  const counts = nodeCounts(args);
  const witness = args.witness ?? totalNodes(counts) === 2;
  return membersOf({
    name: platform.name,
    plan: platform.network.plan,
    counts,
    witness: witness === true ? platform.location : witness || undefined,
  });
}

/** The arguments as the renderers want them, with every address planned. */
export function clusterSpec(name: string, args: PostgresClusterArgs, members = clusterMembers(args)): PostgresSpec {
  const { platform } = args;
  const machine = findServerType(args.serverType);
  if (!machine) throw new pulumi.RunError(`${name}: serverType: ${args.serverType} is not a known server type`);
  const { accessKey: _, secretKey: __, ...backup } = args.backup ?? { accessKey: "", secretKey: "" };
  return {
    cluster: name,
    nodes: members.nodes,
    etcd: members.etcd,
    founder: members.nodes.find((node) => node.location === platform.location)!.name,
    machine: { cores: machine.cores, memoryGb: machine.memoryGb },
    storageGb: args.storageGb,
    durability: args.durability,
    database: args.database,
    user: { ...defaultLogins.user, name: args.user ?? defaultLogins.user.name },
    owner: { ...defaultLogins.owner, name: args.owner ?? defaultLogins.owner.name },
    appRanges: platform.network.ranges("app"),
    postgresRanges: platform.network.ranges("postgres"),
    ...(args.parameters ? { parameters: args.parameters } : {}),
    ...(args.backup ? { backup: backup as BackupSpec } : {}),
    ...(args.restore ? { restore: args.restore } : {}),
  };
}
