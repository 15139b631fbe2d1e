/** Services of a load balancer: what a request may say, the defaults, and what makes a set of services consistent. */
import { z } from "zod";
import { invalidInput } from "../../core/errors.ts";

export type ServiceProtocol = "http" | "https" | "tcp";

/** A service as it is kept and shown; `http` is absent for protocol tcp. */
export interface Service {
  readonly protocol: ServiceProtocol;
  readonly listen_port: number;
  readonly destination_port: number;
  readonly proxyprotocol: boolean;
  readonly http?: ServiceHttp;
  readonly health_check: HealthCheck;
}

export interface ServiceHttp {
  readonly cookie_name: string;
  /** Seconds. */
  readonly cookie_lifetime: number;
  readonly certificates: readonly number[];
  readonly redirect_http: boolean;
  readonly sticky_sessions: boolean;
}

export interface HealthCheck {
  readonly protocol: "http" | "tcp";
  readonly port: number;
  /** Seconds between two checks of a target. */
  readonly interval: number;
  /** Seconds until a check without an answer has failed. */
  readonly timeout: number;
  readonly retries: number;
  readonly http?: HealthCheckHttp;
}

export interface HealthCheckHttp {
  readonly domain: string;
  readonly path: string;
  readonly response: string;
  readonly status_codes: readonly string[];
  readonly tls: boolean;
}

const DEFAULT_HTTP: ServiceHttp = {
  cookie_name: "HCLBSTICKY",
  cookie_lifetime: 300,
  certificates: [],
  redirect_http: false,
  sticky_sessions: false,
};

const DEFAULT_HEALTH_CHECK_HTTP: HealthCheckHttp = {
  domain: "",
  path: "/",
  response: "",
  status_codes: ["2??", "3??"],
  tls: false,
};

const DEFAULT_INTERVALS = { interval: 15, timeout: 10, retries: 3 };

/** Where the listen and destination ports default to; tcp has no default. */
const DEFAULT_PORTS: Readonly<Record<ServiceProtocol, { listen: number; destination: number } | undefined>> = {
  http: { listen: 80, destination: 80 },
  https: { listen: 443, destination: 80 },
  tcp: undefined,
};

const port = z.int().min(1).max(65_535);

/** Clients send empty strings and zeros for what their user left out. */
const blankAsAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" || value === 0 || value === null ? undefined : value), schema.optional());

const httpSchema = z.object({
  cookie_name: blankAsAbsent(
    z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, "must be a cookie name of letters, digits, - and _"),
  ),
  cookie_lifetime: blankAsAbsent(z.int().min(30).max(86_400)),
  certificates: z.array(z.int().positive()).max(100).optional(),
  redirect_http: z.boolean().optional(),
  sticky_sessions: z.boolean().optional(),
});

const healthCheckSchema = z.object({
  protocol: z.enum(["http", "tcp"]).optional(),
  port: blankAsAbsent(port),
  interval: blankAsAbsent(z.int().min(3).max(60)),
  timeout: blankAsAbsent(z.int().min(1).max(60)),
  retries: blankAsAbsent(z.int().min(1).max(5)),
  http: z
    .object({
      domain: z
        .string()
        .max(255)
        .regex(/^[^\s%\\]*$/, "may not contain spaces, percent or backslash symbols")
        .nullish(),
      path: blankAsAbsent(
        z
          .string()
          .max(1_024)
          .regex(/^\/\S*$/, "must begin with / and may not contain spaces"),
      ),
      response: z.string().max(1_024).nullish(),
      status_codes: z
        .array(z.string().regex(/^[0-9?*]{1,3}$/, "must be a status code; ? and * are wildcards"))
        .max(100)
        .nullish(),
      tls: z.boolean().optional(),
    })
    .nullish(),
});

/** Body of add_service, and of one service at creation. */
export const serviceSchema = z.object({
  protocol: z.enum(["http", "https", "tcp"]),
  listen_port: blankAsAbsent(port),
  destination_port: blankAsAbsent(port),
  proxyprotocol: z.boolean().optional(),
  http: httpSchema.nullish(),
  health_check: healthCheckSchema.nullish(),
});

/** Body of update_service: what is not given stays. */
export const serviceUpdateSchema = serviceSchema.partial().extend({ listen_port: port });

export type ServiceRequest = z.output<typeof serviceSchema>;
export type ServiceUpdate = z.output<typeof serviceUpdateSchema>;

/** Keeps what was there for everything that the change leaves out. */
function overlay<T extends object>(
  base: T,
  change: { [K in keyof T]?: T[K] | null | undefined } | null | undefined,
): T {
  const given = Object.entries(change ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return { ...base, ...Object.fromEntries(given) };
}

/**
 * A service with all defaults filled in.
 *
 * @param field where the service stands in the request, for errors: `services.0.` or empty
 * @throws ApiError `invalid_input` naming the field
 */
export function newService(request: ServiceRequest, field = ""): Service {
  const ports = DEFAULT_PORTS[request.protocol];
  const listen = request.listen_port ?? ports?.listen;
  const destination = request.destination_port ?? ports?.destination;
  if (listen === undefined) throw invalidInput(`${field}listen_port`, "is required for protocol tcp");
  if (destination === undefined) throw invalidInput(`${field}destination_port`, "is required for protocol tcp");
  const isTcp = request.protocol === "tcp";
  const base: Service = {
    protocol: request.protocol,
    listen_port: listen,
    destination_port: destination,
    proxyprotocol: false,
    ...(isTcp ? {} : { http: DEFAULT_HTTP }),
    health_check: { protocol: isTcp ? "tcp" : "http", port: destination, ...DEFAULT_INTERVALS },
  };
  return changedService(base, { ...request, listen_port: listen }, field);
}

/**
 * A service after a change; what the change leaves out stays.
 *
 * @throws ApiError `invalid_input` naming the field
 */
export function changedService(service: Service, change: ServiceUpdate, field = ""): Service {
  const protocol = change.protocol ?? service.protocol;
  const { http: _, ...rest } = service;
  const http = protocol === "tcp" ? undefined : overlay(service.http ?? DEFAULT_HTTP, change.http);
  if (protocol === "tcp" && change.http)
    throw invalidInput(`${field}http`, "is only available for protocol http and https");
  if (protocol === "http" && http?.redirect_http)
    throw invalidInput(`${field}http.redirect_http`, "is only available for protocol https");
  if (protocol === "http" && http && http.certificates.length > 0)
    throw invalidInput(`${field}http.certificates`, "is only available for protocol https");
  if (protocol === "https" && http?.certificates.length === 0)
    throw invalidInput(`${field}http.certificates`, "protocol https needs at least one certificate");
  return {
    ...rest,
    protocol,
    destination_port: change.destination_port ?? service.destination_port,
    proxyprotocol: change.proxyprotocol ?? service.proxyprotocol,
    ...(http ? { http: { ...http, certificates: [...new Set(http.certificates)] } } : {}),
    health_check: changedHealthCheck(service.health_check, change.health_check, `${field}health_check.`),
  };
}

function changedHealthCheck(check: HealthCheck, change: ServiceUpdate["health_check"], field: string): HealthCheck {
  const { http: changedHttp, ...changed } = change ?? {};
  const { http: currentHttp, ...current } = check;
  const merged = overlay(current, changed);
  if (merged.timeout > merged.interval)
    throw invalidInput(`${field}timeout`, `must not be longer than the interval (${merged.interval})`);
  if (merged.protocol === "tcp") return merged;
  const statusCodes = changedHttp?.status_codes?.length === 0 ? undefined : changedHttp?.status_codes;
  return {
    ...merged,
    http: overlay(currentHttp ?? DEFAULT_HEALTH_CHECK_HTTP, { ...changedHttp, status_codes: statusCodes }),
  };
}

/** The ports that a service listens on: an HTTPS service that redirects also takes port 80. */
export function listenPorts(service: Service): number[] {
  return service.http?.redirect_http && service.listen_port !== 80 ? [service.listen_port, 80] : [service.listen_port];
}

/** The certificates that services use, each once. */
export function certificatesOf(services: readonly Service[]): number[] {
  return [...new Set(services.flatMap((service) => service.http?.certificates ?? []))];
}
