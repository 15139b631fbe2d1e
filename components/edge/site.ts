import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { type Classes, dataClassLabels, type FlexibleClass } from "../../catalogue/data-classes.ts";
import { limits } from "../../catalogue/hetzner/limits.ts";
import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../../catalogue/hetzner/server-types.ts";
import type { CostItem } from "../cost.ts";
import { PlacementGroups } from "../host/placement.ts";
import type { Role } from "../host/role.ts";
import { createAddressRecords } from "../load-balancer/address-records.ts";
import { checkedPrivateKey } from "../load-balancer/private-key.ts";
import { EdgeHost, type EdgeHostArgs } from "./edge-host.ts";
import { siteProblems } from "./problems.ts";
import { staticCacheRole, toolsRoles } from "./roles.ts";
import { type EdgeCertificate, type EdgePath, type EdgeWorkload, edgeKeySecret, type Origin } from "./spec.ts";

interface SiteCommon {
  /** May be outside the EU. A change replaces the site's servers. */
  readonly location: LocationName;
  /** What it handles. Classes that have to stay in the EU do not compile, and are refused at run time too. Changed in place. */
  readonly classes: Classes<FlexibleClass>;
  /** Public name of its own, not the core's. Replaces the servers. */
  readonly domain: string;
  /** For `domain`, and not for the core's name too. Replaces the servers. */
  readonly certificate: EdgeCertificate;
  /** @default 1 */
  readonly servers?: number;
  /** Changed in place, with a power-off. */
  readonly serverType: ServerTypeName;
}

/** A cache for the core's static content. */
export interface StaticCacheSettings extends SiteCommon {
  readonly kind: "static-cache";
  /** What is served here; all else is led to the core. Replaces the servers. */
  readonly paths: readonly EdgePath[];
  /** Disk for copies, GB. Replaces the servers. @default 20 */
  readonly cacheGb?: number;
}

/** A tool for those who administer the edge, and nobody else. */
export interface ToolsSettings extends SiteCommon {
  readonly kind: "dev-tools";
  /** Replaces the servers. */
  readonly workload: EdgeWorkload;
}

export type EdgeSiteSettings = StaticCacheSettings | ToolsSettings;

export type EdgeSiteArgs = EdgeSiteSettings & {
  readonly origin: Origin;
  /** Ranges from which the site is administered. Changed in place. */
  readonly adminCidrs: readonly string[];
  /** Ids of keys of the edge's own. */
  readonly sshKeys: readonly pulumi.Input<string>[];
  /** Address records of `domain` in a DNS zone of the same project. @default none */
  readonly dns?: { readonly zone: pulumi.Input<string>; readonly name: string } | undefined;
  readonly labels?: Readonly<Record<string, string>>;
  readonly transform?: EdgeHostArgs["transform"];
};

/** Half of what fits: successors stand beside those that they replace. */
const serversPerGroup = limits.serversPerPlacementGroup / 2;
const anywhere = ["0.0.0.0/0", "::/0"];
/** Moved to another place in minutes. */
const dnsTtlSeconds = 60;

/** The role label of a site's servers; part of their names. */
export const siteRole = ({ kind }: Pick<EdgeSiteSettings, "kind">): "edge" | "tools" =>
  kind === "static-cache" ? "edge" : "tools";

function rolesOf(args: EdgeSiteArgs): readonly Role[] {
  const { domain, origin } = args;
  const certificate = args.certificate === "none" ? undefined : args.certificate.certificate;
  const entrance = { domain, hasCertificate: certificate !== undefined };
  switch (args.kind) {
    case "static-cache":
      return [staticCacheRole({ ...entrance, origin, paths: args.paths, cacheGb: args.cacheGb ?? 20 }, certificate)];
    case "dev-tools":
      return toolsRoles({ ...entrance, workload: args.workload }, certificate);
  }
}

/**
 * Servers in one location that hold nothing which has to stay in the EU, with a firewall of their own. They have a public
 * address only, and reach the core like everybody else: by its public name.
 *
 * Cost: the server type and 0.50 EUR for IPv4, each month, for each server.
 *
 * @throws RunError with every problem of the arguments
 */
export class EdgeSite extends pulumi.ComponentResource {
  readonly hosts: readonly EdgeHost[];
  readonly location: LocationName;
  readonly classes: Classes<FlexibleClass>;
  readonly url: string;
  readonly costs: readonly CostItem[];

  /** @param name `<stack>-<role>-<location>`, as hosts of the core are called */
  constructor(name: string, args: EdgeSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = siteProblems(args, args.origin.domain);
    if (problems.length) throw new pulumi.RunError(`${name}: ${problems.join("; ")}`);
    super(
      "sovereign:edge:EdgeSite",
      name,
      { classes: args.classes, location: args.location, domain: args.domain },
      opts,
    );
    this.location = args.location;
    this.classes = args.classes;
    this.url = `${args.certificate === "none" ? "http" : "https"}://${args.domain}`;
    const labels = { ...args.labels, role: siteRole(args), ...dataClassLabels(args.classes) };
    const firewallId = this.#firewall(name, args, labels);
    const servers = args.servers ?? 1;
    const groups =
      servers > 1
        ? new PlacementGroups(name, { count: servers, perGroup: serversPerGroup, labels }, { parent: this })
        : undefined;
    const roles = rolesOf(args);
    const secrets = this.#secrets(name, args);
    this.hosts = Array.from(
      { length: servers },
      (_, index) =>
        new EdgeHost(
          `${name}-${index + 1}`,
          {
            location: args.location,
            serverType: args.serverType,
            roles,
            secrets,
            firewallId,
            sshKeys: args.sshKeys,
            ...(groups ? { placementGroupId: groups.idFor(index + 1) } : {}),
            labels,
            ...(args.transform ? { transform: args.transform } : {}),
          },
          { parent: this },
        ),
    );
    this.costs = this.hosts.flatMap((host) => host.costs);
    if (args.dns) {
      const record = { ...args.dns, ttlSeconds: dnsTtlSeconds, addresses: this.hosts, labels };
      createAddressRecords(name, record, this);
    }
    this.registerOutputs({ url: this.url });
  }

  #firewall(name: string, args: EdgeSiteArgs, labels: Record<string, string>): pulumi.Output<number> {
    const visitors = args.kind === "static-cache" ? anywhere : [...args.adminCidrs];
    const rule = (port: string, sourceIps: readonly string[], description: string) => ({
      direction: "in",
      protocol: "tcp",
      port,
      sourceIps: [...sourceIps],
      description,
    });
    return new hcloud.Firewall(
      name,
      {
        name,
        labels,
        rules: [
          rule("80", visitors, "HTTP, led to HTTPS"),
          rule("443", visitors, "HTTPS"),
          rule("22", args.adminCidrs, "SSH for administrators of the edge"),
          { direction: "in", protocol: "icmp", sourceIps: anywhere, description: "path MTU discovery" },
        ],
      },
      { parent: this },
    ).id.apply(Number);
  }

  #secrets(name: string, { certificate }: EdgeSiteArgs): Record<string, pulumi.Input<string>> {
    if (certificate === "none") return {};
    return { [edgeKeySecret]: checkedPrivateKey(this, name, "certificate", certificate) };
  }
}
