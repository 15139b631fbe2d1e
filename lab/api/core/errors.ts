/** Errors as the Hetzner Cloud API answers them: `{ error: { code, message, details } }`. */

/** HTTP status of every error code that the lab answers with. */
const STATUS = {
  json_error: 400,
  unauthorized: 401,
  forbidden: 403,
  resource_limit_exceeded: 403,
  not_found: 404,
  firewall_resource_not_found: 404,
  conflict: 409,
  uniqueness_error: 409,
  deprecated_api_endpoint: 410,
  placement_error: 412,
  resource_unavailable: 412,
  request_too_large: 413,
  invalid_input: 422,
  invalid_server_type: 422,
  server_not_stopped: 422,
  server_already_attached: 422,
  server_already_added: 422,
  server_has_ipv4: 422,
  server_has_ipv6: 422,
  primary_ip_assigned: 422,
  primary_ip_already_assigned: 422,
  primary_ip_location_mismatch: 422,
  primary_ip_version_mismatch: 422,
  must_be_unassigned: 422,
  ip_not_available: 422,
  no_subnet_available: 422,
  networks_overlap: 422,
  firewall_already_applied: 422,
  firewall_already_removed: 422,
  firewall_managed_by_label_selector: 422,
  private_net_only_server: 422,
  resource_in_use: 422,
  volume_already_attached: 422,
  load_balancer_not_attached_to_network: 422,
  load_balancer_already_attached: 422,
  invalid_load_balancer_type: 422,
  server_not_attached_to_network: 422,
  target_already_defined: 422,
  load_balancer_public_interface_disabled: 422,
  targets_without_use_private_ip: 422,
  cloud_resource_ip_not_allowed: 422,
  source_port_already_used: 422,
  ip_not_owned: 422,
  missing_ipv4: 422,
  floating_ip_assigned: 422,
  incorrect_zone_mode: 422,
  unsupported_error: 422,
  locked: 423,
  protected: 423,
  rate_limit_exceeded: 429,
  server_error: 500,
  bad_gateway: 502,
  service_error: 503,
  unavailable: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** Fields that did not fit, in the order found, with one or more messages each. */
export interface FieldErrors {
  fields: { name: string; messages: string[] }[];
}

/** An error meant for the client. Everything else that is thrown becomes a plain `server_error`. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: unknown;

  /** @param status only needed where the API answers a code with another status than usual */
  constructor(code: ErrorCode, message: string, details: unknown = null, status: number = STATUS[code]) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.details = details;
  }

  toJSON(): { error: { code: string; message: string; details: unknown } } {
    return { error: { code: this.code, message: this.message, details: this.details } };
  }
}

/** 422 `invalid_input` that names the field, as the real API does. */
export function invalidInput(field: string, message: string): ApiError {
  return new ApiError("invalid_input", `invalid input in field '${field}': ${message}`, {
    fields: [{ name: field, messages: [message] }],
  } satisfies FieldErrors);
}

/** 404 `not_found` for a path. */
export function notFound(what: string, id: number | string): ApiError {
  return new ApiError("not_found", `${what} with ID '${id}' not found`);
}

/** 409 `uniqueness_error` for a name (or another field) that is taken. */
export function notUnique(what: string, field: string): ApiError {
  return new ApiError("uniqueness_error", `${what} with the same ${field} already exists`, {
    fields: [{ name: field, messages: [`${field} is already used`] }],
  } satisfies FieldErrors);
}

/** 403 `resource_limit_exceeded`. */
export function limitExceeded(what: string, limit: number): ApiError {
  return new ApiError("resource_limit_exceeded", `${what} limit of ${limit} exceeded`, {
    limits: [{ name: what, limit }],
  });
}

/** 423 `protected`: the delete or rebuild protection is on. */
export function protectedError(what: string, operation: string): ApiError {
  return new ApiError("protected", `${what} is protected against ${operation}: lift the protection first`);
}
