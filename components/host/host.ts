import { isDeepStrictEqual } from "node:util";
import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { limits } from "../../catalogue/hetzner/limits.ts";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import { type CostItem, serverCost, volumeCost } from "../cost.ts";
import type { SubnetRole } from "../network/plan.ts";
import { generationOf } from "./generation.ts";
import { composeMachine, type Machine } from "./machine.ts";
import type { Platform } from "./platform.ts";
import type { Role } from "./role.ts";
import { secretUserData } from "./secret-user-data.ts";
import { encodeUserData, renderCloudConfig, userDataProblem } from "./user-data.ts";

/** What may be lost with the machine. */
export type HostState =
  /** Nothing: replaced create-before-delete, with a name and a private address of the provider's making. */
  | { readonly kind: "stateless" }
  /** Data on a protected volume. User data, image and SSH keys stay as they were until `generation` changes. */
  | { readonly kind: "stateful"; readonly address: string; readonly generation?: number };

export interface HostArgs {
  readonly platform: Platform;
  /** The subnet that the machine stands in. */
  readonly role: SubnetRole;
  /** From 1. */
  readonly ordinal: number;
  /** Changed in place, with a power-off; the disk keeps its size, so that the way back stays open. */
  readonly serverType: ServerTypeName;
  readonly state: HostState;
  readonly roles: readonly Role[];
  /** Values for the secret tokens in the roles' files. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly placementGroupId?: pulumi.Input<number>;
  readonly labels?: Readonly<Record<string, string>>;
  /** @default "debian-13" */
  readonly image?: string;
  /** Last word on each child's arguments. */
  readonly transform?: {
    readonly server?: (args: hcloud.ServerArgs) => hcloud.ServerArgs;
    readonly volume?: (args: hcloud.VolumeArgs) => hcloud.VolumeArgs;
  };
}

interface FrozenInputs {
  readonly userData: string;
  readonly image: string;
  readonly sshKeys: string[];
}

const volumeSize = (machine: Machine): number => Math.max(limits.volumeMinGb, machine.dataGb);

/**
 * A server put together from roles. Its user data can be read without the secrets as the component's input `userData`,
 * what it needs from outside as `egress`, and who may reach it as `openings`: by people, policies and reviews, before
 * anything exists.
 *
 * Cost: the server type, 0.50 EUR for IPv4, and 0.0572 EUR per GB of the data volume, each month.
 */
export class Host extends pulumi.ComponentResource {
  readonly hostname: string;
  readonly role: SubnetRole;
  readonly location: LocationName;
  readonly serverType: ServerTypeName;
  /** Private address from the plan; undefined where the provider chooses one. */
  readonly plannedAddress: string | undefined;
  readonly machine: Machine;
  readonly server: hcloud.Server;
  readonly volume: hcloud.Volume | undefined;
  readonly privateAddress: pulumi.Output<string>;
  readonly costs: readonly CostItem[];
  /** Whether today's user data, image or keys differ from those that the machine was made with. Never for stateless ones. */
  readonly rolloutPending: pulumi.Output<boolean>;

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, state } = args;
    const location = platform.location;
    const machine = composeMachine({
      hostname: name,
      roles: [
        ...platform.commonRoles({ role: args.role, ordinal: args.ordinal, isStateless: state.kind === "stateless" }),
        ...args.roles,
      ],
      privateRange: platform.network.plan.cidr,
      privateAddress:
        state.kind === "stateful" ? `${state.address}/32` : platform.network.plan.subnet(args.role, location),
      ranges: (role) => platform.network.ranges(role),
      egress: platform.egress?.(args.role),
    });
    const cloudConfig = renderCloudConfig(machine.cloudConfig);
    // For reading alone: how small it is does not matter, how long it takes does.
    const readable = encodeUserData(cloudConfig, 1);
    const tooLarge = userDataProblem(machine.cloudConfig, cloudConfig, readable);
    if (tooLarge) throw new pulumi.RunError(tooLarge);

    const { egress, openings, publicOpenings } = machine;
    const open = publicOpenings.length > 0 ? { openings, publicOpenings } : { openings };
    super(
      "sovereign:host:Host",
      name,
      { userData: readable, egress, stateful: state.kind === "stateful", ...open },
      opts,
    );
    this.hostname = name;
    this.role = args.role;
    this.location = location;
    this.serverType = args.serverType;
    this.plannedAddress = state.kind === "stateful" ? state.address : undefined;
    this.machine = machine;
    const labels = { ...platform.labels, role: args.role, ...args.labels };
    const protect = state.kind === "stateful" && platform.isProtected(name);
    const userData = this.#userData(cloudConfig, args);
    const image = args.image ?? "debian-13";
    const common: hcloud.ServerArgs = {
      serverType: args.serverType,
      location,
      labels,
      image,
      sshKeys: platform.sshKeys,
      userData,
      firewallIds: [platform.publicFirewallId],
      placementGroupId: args.placementGroupId,
      keepDisk: true,
      shutdownBeforeDeletion: true,
    };
    const serverArgs = (own: Partial<hcloud.ServerArgs>) =>
      (args.transform?.server ?? ((a) => a))({ ...common, ...own });
    const subnet = platform.network.subnet(args.role, location);

    if (state.kind === "stateless") {
      this.volume = undefined;
      this.rolloutPending = pulumi.output(false);
      this.server = new hcloud.Server(name, serverArgs({}), { parent: this, ignoreChanges: ["sshKeys"] });
      this.privateAddress = new hcloud.ServerNetwork(
        name,
        { serverId: this.server.id.apply(Number), subnetId: subnet.id },
        { parent: this, deletedWith: this.server },
      ).ip;
    } else {
      // What replaces a server is kept as it was at the start of this generation: an edit shows in the preview as a
      // change of the stash alone, and reaches the machine when the generation is raised on purpose.
      const generation = new pulumi.Stash(
        `${name}-generation`,
        {
          input: { userData, image, sshKeys: platform.sshKeys },
        },
        // Deleted first and protected, so that the engine looks at the server before it changes anything: allowing the
        // replacement and asking for it takes two updates, since the provider's own protection must be lifted in between.
        {
          parent: this,
          protect,
          replacementTrigger: generationOf(platform, name, state.generation),
          deleteBeforeReplace: true,
        },
      );
      const frozen = generation.output as pulumi.Output<FrozenInputs>;
      this.rolloutPending = pulumi.unsecret(
        pulumi.all([generation.input, frozen]).apply(([now, then]) => !isDeepStrictEqual(now, then)),
      );
      this.server = new hcloud.Server(
        name,
        serverArgs({
          name,
          userData: frozen.apply((f) => f.userData),
          image: frozen.apply((f) => f.image),
          sshKeys: frozen.apply((f) => f.sshKeys),
          // An explicit empty list: without it the provider detaches and attaches the network at every run.
          networks: [{ networkId: platform.network.id, ip: state.address, aliasIps: [] }],
          deleteProtection: protect,
          rebuildProtection: protect,
        }),
        { parent: this, protect, dependsOn: [subnet], deleteBeforeReplace: true },
      );
      this.privateAddress = pulumi.output(state.address);
      this.volume = machine.dataGb > 0 ? this.#dataVolume(name, volumeSize(machine), args, labels) : undefined;
    }
    this.costs = [
      serverCost(name, args.serverType),
      ...(this.volume ? [volumeCost(`${name}-data`, volumeSize(machine))] : []),
    ];
    this.registerOutputs({ hostname: name, privateAddress: this.privateAddress });
  }

  /** The user data with its secrets: a secret as a whole. */
  #userData(cloudConfig: string, args: HostArgs): pulumi.Output<string> {
    const certificate = args.platform.pki.issue({
      commonName: this.hostname,
      dnsNames: [this.hostname, `${args.role}.sovereign.internal`],
      ipAddresses: ["127.0.0.1", ...(args.state.kind === "stateful" ? [args.state.address] : [])],
    });
    const secrets: Record<string, pulumi.Input<string>> = {
      ...args.platform.commonSecrets,
      ...args.secrets,
      "tls.authority": args.platform.pki.authority,
      "tls.certificate": certificate.apply((pair) => pair.certificate),
      "tls.key": certificate.apply((pair) => pair.privateKey),
    };
    return secretUserData(this.hostname, cloudConfig, secrets);
  }

  #dataVolume(name: string, size: number, args: HostArgs, labels: Record<string, string>): hcloud.Volume {
    const protect = args.platform.isProtected(`${name}-data`);
    const volume = new hcloud.Volume(
      `${name}-data`,
      (args.transform?.volume ?? ((a) => a))({
        name: `${name}-data`,
        size,
        location: args.platform.location,
        labels,
        deleteProtection: protect,
      }),
      { parent: this, protect },
    );
    new hcloud.VolumeAttachment(
      `${name}-data`,
      { volumeId: volume.id.apply(Number), serverId: this.server.id.apply(Number), automount: false },
      // Never detached from a running server: it goes with it, and is as protected as it is.
      {
        parent: this,
        protect: args.platform.isProtected(name),
        deleteBeforeReplace: true,
        deletedWith: this.server,
      },
    );
    return volume;
  }
}
