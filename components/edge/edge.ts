import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { CostItem } from "../cost.ts";
import { relativeName } from "../gateway/names.ts";
import { edgeProblems } from "./problems.ts";
import { EdgeSite, type EdgeSiteSettings, siteRole } from "./site.ts";
import type { Origin } from "./spec.ts";

export interface EdgeArgs {
  /** Begins the name of every resource: the stack's name. */
  readonly stack: string;
  /** The core, as everybody sees it. */
  readonly origin: Origin;
  readonly sites: readonly EdgeSiteSettings[];
  /** Who administers the edge. Changed in place. */
  readonly adminCidrs: readonly string[];
  /** Put on new machines. Keys of the edge's own: the provider takes a key once, and one that opens the edge must not open the core. */
  readonly sshKeys: readonly { readonly name: string; readonly publicKey: string }[];
  /** Public keys of the core, to compare with. @default none */
  readonly coreSshKeys?: readonly string[];
  /** DNS zone of the same project, and its name: sites whose domain is in it get address records. @default none */
  readonly dns?: { readonly zone: pulumi.Input<string>; readonly domain: string };
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * All that stands outside the core: its sites, and the SSH keys that open them and nothing else.
 *
 * Cost: that of its sites.
 *
 * @throws RunError with every problem of the arguments
 */
export class Edge extends pulumi.ComponentResource {
  readonly sites: readonly EdgeSite[];
  readonly costs: readonly CostItem[];

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = edgeProblems(args);
    if (problems.length) throw new pulumi.RunError(`edge: ${problems.join("; ")}`);
    super("sovereign:edge:Edge", name, {}, opts);
    const sshKeys = args.sshKeys.map(
      (key) =>
        new hcloud.SshKey(
          `${name}-${key.name}`,
          { name: `${name}-${key.name}`, publicKey: key.publicKey, labels: { ...args.labels } },
          { parent: this },
        ).id,
    );
    this.sites = args.sites.map((site) => {
      const record = args.dns && relativeName(site.domain, args.dns.domain);
      return new EdgeSite(
        `${args.stack}-${siteRole(site)}-${site.location}`,
        {
          ...site,
          origin: args.origin,
          adminCidrs: args.adminCidrs,
          sshKeys,
          ...(record === undefined ? {} : { dns: { zone: args.dns!.zone, name: record } }),
          ...(args.labels ? { labels: args.labels } : {}),
        },
        { parent: this },
      );
    });
    this.costs = this.sites.flatMap((site) => site.costs);
    this.registerOutputs({});
  }
}
