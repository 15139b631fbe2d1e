import type { LocationName } from "../../catalogue/hetzner/locations.ts";
import type { Role } from "../host/role.ts";
import { ports } from "../ports.ts";
import type { PostgresClientSpec } from "../postgres/client.ts";
import { pgbouncerRole } from "../postgres/pgbouncer.ts";
import type { RedisClientSpec } from "../redis/client.ts";
import { appdRole } from "./appd.ts";
import { haproxyRole } from "./haproxy-role.ts";
import type { NginxSpec } from "./nginx.ts";
import { nginxRole } from "./nginx-role.ts";
import type { Workload } from "./workload.ts";
import { workloadRole } from "./workload-role.ts";

/** An app server, as its renderers need it. */
export interface AppServerSpec {
  readonly workload: Workload;
  readonly postgres?: PostgresClientSpec | undefined;
  readonly redis?: RedisClientSpec | undefined;
  /** Ranges of the load balancer's subnets. */
  readonly loadBalancerRanges: readonly string[];
  /** Where it stands: replicas there are read first. */
  readonly location: LocationName;
  /** The most app servers there can be in this location. */
  readonly maxServers: number;
  /** The most there can be in all: Postgres' connections are divided by it. */
  readonly postgresClients: number;
  readonly maxBodyMb: number;
  readonly requestTimeoutSeconds: number;
  readonly drainSeconds: number;
  readonly staticFiles?: NginxSpec["staticFiles"];
}

/** Everything on an app server, in the order in which it starts; it stops in the reverse one. Pure: secrets are tokens. */
export function appServerRoles(spec: AppServerSpec): Role[] {
  const { workload, postgres, redis } = spec;
  return [
    haproxyRole({
      postgres,
      redis,
      location: spec.location,
      workload: {
        port: workload.port ?? ports.workload,
        healthPath: workload.healthPath ?? "/",
        concurrency: workload.concurrency ?? 100,
        metricsPath: workload.metricsPath,
        requestTimeoutSeconds: spec.requestTimeoutSeconds,
      },
    }),
    ...(postgres ? [pgbouncerRole({ client: postgres, appServers: spec.postgresClients })] : []),
    appdRole({ postgres, redis, location: spec.location }),
    workloadRole({ workload, postgres, redis }),
    nginxRole({ ...spec, metricsPath: workload.metricsPath }),
  ];
}
