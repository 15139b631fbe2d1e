/**
 * What the lab's page shows, as `GET /_lab/view` answers it. Only names, states, addresses and counts: no user data, no keys, no
 * passwords, no tokens. It changes only when something happened, so that a page that asks again can be told "nothing new".
 */
export interface PageView {
  readonly lab: LabFacts;
  readonly locations: readonly LocationView[];
  readonly servers: Listed<ServerView>;
  readonly loadBalancers: Listed<LoadBalancerView>;
  readonly networks: Listed<NetworkView>;
  readonly volumes: Listed<VolumeView>;
  readonly firewalls: Listed<FirewallView>;
  readonly zones: Listed<ZoneView>;
  readonly faults: readonly FaultView[];
  /** The last calls of the API, newest first. */
  readonly calls: readonly CallView[];
}

/** Rows of one kind; of more than {@link total} says, only the first are here. */
export interface Listed<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

export interface LabFacts {
  readonly name: string;
  /** ISO 8601. */
  readonly started: string;
  readonly driver: string;
  /** Machines that run; null when the driver has none. */
  readonly machines: { readonly booted: number; readonly booting: number } | null;
  readonly actions: { readonly running: number; readonly kept: number };
  /** Records in the store by kind; kinds without any are left out. */
  readonly records: readonly { readonly kind: string; readonly count: number }[];
  /** Calls of the API since the lab started. */
  readonly calls: number;
}

/** A location that has something in it. */
export interface LocationView {
  readonly name: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly eu: boolean;
  readonly networkZone: string;
  /** Its servers by role; servers without a role are under "". */
  readonly roles: readonly RoleCount[];
  readonly loadBalancers: number;
  readonly volumes: number;
}

export interface RoleCount {
  readonly role: string;
  readonly well: number;
  /** On the way somewhere: being created, starting, booting, stopping, … */
  readonly changing: number;
  readonly off: number;
}

/** How a thing is, in one word for a colour; the words beside it say the same. */
export type Level = "good" | "busy" | "bad";

export interface ServerView {
  readonly id: number;
  readonly name: string;
  /** As the API shows it. */
  readonly status: string;
  readonly level: Level;
  /** Null when there is no machine behind it, or none that runs. */
  readonly machine: "booted" | "booting" | null;
  /** Command of an action that runs on it. */
  readonly action: string | null;
  readonly type: string;
  readonly location: string;
  /** Its label `role`. */
  readonly role: string;
  readonly privateIps: readonly string[];
  readonly publicIps: readonly string[];
  readonly volumes: readonly string[];
  readonly firewalls: readonly string[];
}

export type Health = "healthy" | "unhealthy" | "unknown";

export interface LoadBalancerView {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly location: string;
  readonly algorithm: string;
  readonly publicIps: readonly string[];
  readonly privateIps: readonly string[];
  readonly services: readonly ServiceView[];
}

export interface ServiceView {
  readonly protocol: string;
  readonly listenPort: number;
  readonly destinationPort: number;
  /** Such as `http :8080/healthz every 3 s`. */
  readonly check: string;
  readonly healthy: number;
  /** The others are unknown: not checked yet. */
  readonly unhealthy: number;
  /** All targets of the load balancer; of very many only the first are in `targets`, unhealthy ones before others. */
  readonly total: number;
  readonly targets: readonly { readonly name: string; readonly health: Health }[];
}

export interface NetworkView {
  readonly id: number;
  readonly name: string;
  readonly range: string;
  readonly subnets: readonly {
    readonly range: string;
    readonly type: string;
    readonly zone: string;
    /** Servers and load balancers with an address in it. */
    readonly attached: number;
  }[];
  /** Such as `10.9.0.0/16 via 10.0.0.2`. */
  readonly routes: readonly string[];
}

export interface VolumeView {
  readonly id: number;
  readonly name: string;
  /** GB. */
  readonly size: number;
  readonly format: string | null;
  readonly location: string;
  readonly status: string;
  /** Name of the server that has it. */
  readonly server: string | null;
  readonly protected: boolean;
}

export interface FirewallView {
  readonly id: number;
  readonly name: string;
  /** Such as `in tcp 443 from 0.0.0.0/0, ::/0`. */
  readonly rules: readonly string[];
  readonly selectors: readonly string[];
  readonly servers: number;
}

export interface ZoneView {
  readonly id: number;
  readonly name: string;
  readonly mode: string;
  /** Seconds. */
  readonly ttl: number;
  readonly total: number;
  /** The first record sets; `total` says how many there are. */
  readonly records: readonly {
    readonly name: string;
    readonly type: string;
    /** Seconds. */
    readonly ttl: number;
    readonly values: readonly string[];
  }[];
}

export interface FaultView {
  readonly id: number;
  readonly type: string;
  /** Such as `ms=200, path=/servers`. */
  readonly settings: string;
  readonly hits: number;
  /** Hits until it ends; null: it stays until it is cleared. */
  readonly left: number | null;
}

export interface CallView {
  /** Counts up from 1 with each call since the start. */
  readonly n: number;
  /** ISO 8601. */
  readonly at: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Null: the connection was dropped without an answer (fault `timeout`). */
  readonly status: number | null;
  readonly ms: number;
}
