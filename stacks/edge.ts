import * as pulumi from "@pulumi/pulumi";
import type { Classes, DataClass } from "../catalogue/data-classes.ts";
import type { LocationName } from "../catalogue/hetzner/locations.ts";
import type { ServerTypeName } from "../catalogue/hetzner/server-types.ts";
import { type Boundary, guardBoundary } from "../components/boundary/boundary.ts";
import { Edge } from "../components/edge/edge.ts";
import type { EdgeSiteSettings } from "../components/edge/site.ts";
import { uploadedCertificate } from "./certificates.ts";
import type { StackConfig } from "./config/schema.ts";
import { placesOf } from "./places.ts";
import { stackLabels } from "./platform.ts";

type SiteConfig = NonNullable<StackConfig["edge"]>["sites"][number];

/** What name servers answer is public, whatever the zone is for. */
const publicOnly = ["public"] as const;

/** Guards the line between core and edge; before anything else is made. Undefined where there is no edge. */
export function boundaryOf(config: StackConfig, name: string): Boundary | undefined {
  if (!config.edge) return undefined;
  const stated = (classes: readonly DataClass[] | undefined): readonly DataClass[] => classes ?? [];
  const inEach = placesOf(config).all.flatMap((location): [string, readonly DataClass[]][] => [
    [`${name}-redis-${location}`, stated(config.redis.classes)],
    [`${name}-app-${location}`, stated(config.app.workload.classes)],
    [`${name}-load-balancer-${location}`, stated(config.app.workload.classes)],
    [`${name}-monitoring-${location}`, stated(config.monitoring.classes)],
    [`${name}-gateway-${location}`, publicOnly],
  ]);
  return guardBoundary({
    classes: {
      ...Object.fromEntries(inEach),
      [`${name}-postgres`]: stated(config.postgres.classes),
      [`${name}-name-servers`]: publicOnly,
      [`${name}-dns`]: publicOnly,
    },
  });
}

/**
 * Sites outside the core. They know of it what everybody knows: its name.
 * @param zone made by this stack: records of sites are made after it
 */
export function createEdge(config: StackConfig, name: string, zone?: pulumi.Input<string>): Edge | undefined {
  const { edge, dns } = config;
  if (!edge) return undefined;
  return new Edge(`${name}-edge`, {
    stack: name,
    origin: {
      domain: config.domain,
      tls: config.loadBalancer.certificate.kind !== "none",
      ...(edge.originAuthority === undefined ? {} : { authority: edge.originAuthority }),
    },
    sites: edge.sites.map(siteOf),
    adminCidrs: edge.admin.cidrs.map(({ cidr }) => cidr),
    sshKeys: edge.admin.sshKeys,
    coreSshKeys: config.admin.sshKeys.map(({ publicKey }) => publicKey),
    // A zone of the stack's own name servers has their records in its config.
    ...(dns && dns.servers === "provider" ? { dns: { zone: zone ?? dns.zone, domain: dns.zone } } : {}),
    labels: stackLabels(name),
  });
}

const withKey = (pair: { certificate: string; privateKey: string }) => ({
  certificate: pair.certificate,
  privateKey: pulumi.secret(pair.privateKey),
});

function siteOf(site: SiteConfig): EdgeSiteSettings {
  const { certificate } = site;
  const common = {
    location: site.location as LocationName,
    classes: site.classes as unknown as Classes<(typeof site.classes)[number]>,
    domain: site.domain,
    certificate:
      certificate.kind === "none"
        ? ("none" as const)
        : withKey(uploadedCertificate(certificate, "edge.sites.certificate", "EDGE_CERTIFICATE")),
    servers: site.servers,
    serverType: site.serverType as ServerTypeName,
  };
  if (site.kind === "static-cache") return { ...common, kind: site.kind, paths: site.paths, cacheGb: site.cacheGb };
  const { packages, command, port, healthPath, environment } = site.tool;
  return {
    ...common,
    kind: site.kind,
    workload: {
      kind: "service",
      packages,
      command: command as [string, ...string[]],
      port,
      healthPath,
      env: environment,
    },
  };
}
