import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { limits } from "../../catalogue/hetzner/limits.ts";

export interface PlacementGroupsArgs {
  /** Machines to spread over physical hosts. More machines add groups, and move none. */
  readonly count: number;
  /**
   * Machines in one group. Those that are replaced create-before-delete need room for their successors.
   * @default 10, the most that the provider takes
   */
  readonly perGroup?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Spread placement groups for any number of machines: the provider takes at most 10 into one. Cost: free. */
export class PlacementGroups extends pulumi.ComponentResource {
  readonly #perGroup: number;
  readonly #ids: pulumi.Output<number>[];

  constructor(name: string, args: PlacementGroupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sovereign:host:PlacementGroups", name, {}, opts);
    this.#perGroup = args.perGroup ?? limits.serversPerPlacementGroup;
    this.#ids = Array.from({ length: Math.ceil(args.count / this.#perGroup) }, (_, index) =>
      new hcloud.PlacementGroup(
        `${name}-${index + 1}`,
        { name: `${name}-${index + 1}`, type: "spread", labels: { ...args.labels } },
        { parent: this },
      ).id.apply(Number),
    );
    this.registerOutputs({});
  }

  /** The group of the machine with this ordinal (from 1). */
  idFor(ordinal: number): pulumi.Output<number> {
    const id = this.#ids[Math.floor((ordinal - 1) / this.#perGroup)];
    if (!id) throw new Error(`machine ${ordinal} is beyond the count that the placement groups were made for`);
    return id;
  }
}
