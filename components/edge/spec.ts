import type * as pulumi from "@pulumi/pulumi";
import type { FlexibleClass } from "../../catalogue/data-classes.ts";
import type { ServiceWorkload } from "../app/workload.ts";

/** Places on an edge machine. */
export const edgePaths = {
  certificate: "/etc/sovereign/edge/tls.crt",
  key: "/etc/sovereign/edge/tls.key",
  /** Who signed the core's certificate, where no public authority did. */
  authority: "/etc/sovereign/edge/core-authority.crt",
} as const;

/** nginx makes these folders itself, one for each class. */
export const cacheRoot = "/var/cache/sovereign-edge-";

/** Name of the secret token with the key of the edge's own certificate. */
export const edgeKeySecret = "edge.key";

/** Asked by whoever wants to know whether the site works. */
export const edgeHealthPath = "/healthz";

/** A certificate of the edge's own, PEM with its intermediates; or none: plain HTTP, for tests only. */
export type EdgeCertificate = { readonly certificate: string; readonly privateKey: pulumi.Input<string> } | "none";

/** The core as everybody on the internet sees it: all that an edge site knows of it. */
export interface Origin {
  /** Its public name. */
  readonly domain: string;
  /** Whether it speaks TLS; false for tests only. */
  readonly tls: boolean;
  /** PEM of who signed its certificate. @default the authorities that Debian trusts */
  readonly authority?: string | undefined;
}

/** A path that may be served outside. */
export interface EdgePath {
  /** With a slash at the end all below it; else this path alone. */
  readonly path: string;
  /**
   * `static`: its content never changes, copies are kept for a year. `public`: copies are kept as long as the core says, and not at
   * all where it says nothing.
   */
  readonly class: Extract<FlexibleClass, "public" | "static">;
}

/** What every machine of an edge site serves by. */
export interface EntranceSpec {
  /** The site's own public name. */
  readonly domain: string;
  readonly hasCertificate: boolean;
}

export interface StaticCacheSpec extends EntranceSpec {
  readonly origin: Origin;
  readonly paths: readonly EdgePath[];
  /** Disk for static copies, GB. */
  readonly cacheGb: number;
  /** DNS servers. @default the provider's */
  readonly resolvers?: readonly string[];
}

export interface ToolsSpec extends EntranceSpec {
  readonly workload: EdgeWorkload;
}

/** A tool that needs nothing of the core: no database, no secret. */
export type EdgeWorkload = Omit<ServiceWorkload, "secretEnv" | "migrations" | "metricsPath" | "concurrency">;
