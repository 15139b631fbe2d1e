/** What a load balancer of a type can hold, apart from targets. */
import { ApiError, invalidInput, limitExceeded } from "../../core/errors.ts";
import type { Lab } from "../../core/lab.ts";
import { CERTIFICATES } from "../../model-traffic.ts";
import { certificatesOf, listenPorts, type Service } from "./services.ts";
import { typeOf } from "./types.ts";

/**
 * Checks that a load balancer of a type can hold these services.
 *
 * @throws ApiError `resource_limit_exceeded`
 */
export function assertServicesFit(services: readonly Service[], type: string): void {
  const { maxServices, maxAssignedCertificates } = typeOf(type);
  if (services.length > maxServices) throw limitExceeded(`services of ${type}`, maxServices);
  if (certificatesOf(services).length > maxAssignedCertificates)
    throw limitExceeded(`certificates of ${type}`, maxAssignedCertificates);
}

/**
 * Checks a service that is new or changed beside the others.
 *
 * @param field where the service stands in the request, for errors
 * @throws ApiError `source_port_already_used`, or `invalid_input` for a certificate that is not there
 */
export function assertService(lab: Lab, service: Service, others: readonly Service[], field = ""): void {
  const used = others.flatMap(listenPorts);
  const clash = listenPorts(service).find((port) => used.includes(port));
  if (clash !== undefined)
    throw new ApiError("source_port_already_used", `the listen port ${clash} is used by another service`);
  for (const [index, id] of (service.http?.certificates ?? []).entries()) {
    if (!lab.store.get(CERTIFICATES, id))
      throw invalidInput(`${field}http.certificates.${index}`, `certificate with ID '${id}' not found`);
  }
}
