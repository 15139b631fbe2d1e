import { workloadRole } from "../app/workload-role.ts";
import type { MachineFile, MachineUnit, Role } from "../host/role.ts";
import { secretToken } from "../host/secret-token.ts";
import { edgeKeySecret, edgePaths, type StaticCacheSpec, type ToolsSpec } from "./spec.ts";
import { renderStaticCache } from "./static-cache.ts";
import { renderTools } from "./tools.ts";

const nginxDropIn = `[Unit]
StartLimitIntervalSec=0

[Service]
Restart=on-failure
RestartSec=1
LimitNOFILE=20000
`;

export const nginxUnit: MachineUnit = { name: "nginx.service", dropIn: nginxDropIn };

/** The site's own certificate and key. */
export function certificateFiles(certificate: string | undefined): MachineFile[] {
  if (certificate === undefined) return [];
  return [
    { path: edgePaths.certificate, content: certificate },
    { path: edgePaths.key, content: secretToken(edgeKeySecret), mode: "0600" },
  ];
}

/**
 * A cache for static content.
 * @param certificate PEM of the site's own; undefined: plain HTTP
 */
export function staticCacheRole(spec: StaticCacheSpec, certificate: string | undefined): Role {
  const { origin } = spec;
  return {
    name: "static-cache",
    packages: ["nginx"],
    files: [
      { path: "/etc/nginx/nginx.conf", content: renderStaticCache(spec) },
      ...certificateFiles(certificate),
      ...(origin.authority === undefined ? [] : [{ path: edgePaths.authority, content: origin.authority }]),
    ],
    units: [nginxUnit],
    openings: [],
    scrape: [],
    egress: [{ host: origin.domain, port: origin.tls ? 443 : 80, purpose: "public content of the core" }],
  };
}

/**
 * A tool behind nginx. Who may come in is up to the provider's firewall: those who administer the edge.
 * @param certificate PEM of the site's own; undefined: plain HTTP
 */
export function toolsRoles(spec: ToolsSpec, certificate: string | undefined): Role[] {
  return [
    workloadRole({ workload: spec.workload }),
    {
      name: "tools",
      packages: ["nginx"],
      files: [{ path: "/etc/nginx/nginx.conf", content: renderTools(spec) }, ...certificateFiles(certificate)],
      units: [nginxUnit],
      openings: [],
      scrape: [],
    },
  ];
}
