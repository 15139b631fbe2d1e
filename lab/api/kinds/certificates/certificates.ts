import { z } from "zod";
import type { ActionRecord } from "../../core/actions.ts";
import { ApiError, invalidInput, notUnique } from "../../core/errors.ts";
import { action, create, type Kind, update } from "../../core/kind.ts";
import type { Lab } from "../../core/lab.ts";
import { labelsSchema, nameAndLabels, nameSchema, noBody } from "../../core/schemas.ts";
import { CERTIFICATES, type CertificateRecord, LOAD_BALANCERS, privateKeyBlob } from "../../model-traffic.ts";
import { isCertificateAwaited } from "../load-balancers/changes.ts";
import { issuanceFailure } from "./issuance.ts";
import { type CertificateFacts, type IssuedCertificate, issue, PemError, readUpload } from "./pem.ts";

/** Longest PEM text that is read; a chain of ten RSA certificates is shorter. */
const MAX_PEM = 64 * 1024;
/** Names that Let's Encrypt puts into one certificate. */
const MAX_DOMAIN_NAMES = 100;

const domainName = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    "must be a domain name in lower case",
  );

const common = { name: nameSchema, labels: labelsSchema.optional() };
const uploadedBody = z.object({
  ...common,
  type: z.literal("uploaded"),
  certificate: z.string().max(MAX_PEM),
  private_key: z.string().max(MAX_PEM),
});
const managedBody = z
  .object({
    ...common,
    type: z.literal("managed"),
    domain_names: z.array(domainName).min(1, "must not be empty").max(MAX_DOMAIN_NAMES),
  })
  // Making keys takes time, and a handler may not wait: it is done while the body is checked.
  .transform(async (body) => {
    const domain_names = [...new Set(body.domain_names)];
    return { ...body, domain_names, ready: await issue(domain_names, new Date()) };
  });
const createBody = z.preprocess(
  (body) => (typeof body === "object" && body !== null && !("type" in body) ? { ...body, type: "uploaded" } : body),
  z.discriminatedUnion("type", [uploadedBody, managedBody]),
);

type Upload = z.output<typeof uploadedBody>;
type Order = z.output<typeof managedBody>;

function shown(certificate: string, facts: CertificateFacts): NonNullable<CertificateRecord["issued"]> {
  const { fingerprint, notValidBefore, notValidAfter } = facts;
  return { certificate, fingerprint, not_valid_before: notValidBefore, not_valid_after: notValidAfter };
}

/** @throws ApiError `invalid_input` naming the field that is malformed */
function factsOf(body: Upload): CertificateFacts {
  try {
    return readUpload(body.certificate, body.private_key);
  } catch (error) {
    if (error instanceof PemError) throw invalidInput(error.field, error.message);
    throw error;
  }
}

function upload(lab: Lab, body: Upload): CertificateRecord {
  const facts = factsOf(body);
  const record = lab.store.insert(CERTIFICATES, {
    ...lab.fresh(body.labels),
    name: body.name,
    type: "uploaded",
    issued: shown(body.certificate, facts),
    domain_names: facts.domainNames,
  });
  lab.store.putBlob(privateKeyBlob(record.id), body.private_key);
  return record;
}

/** The blob with what a running issuance will bring: kept so that a restart does not lose it. */
const readyBlob = (certificate: number) => `certificate ${certificate} ready`;

function startIssuance(lab: Lab, command: "create_certificate" | "issue_certificate", record: CertificateRecord) {
  return lab.act(command, [{ type: "certificate", id: record.id }], {
    failure: issuanceFailure(lab, record.domain_names),
  });
}

function order(lab: Lab, body: Order) {
  const record = lab.store.insert(CERTIFICATES, {
    ...lab.fresh(body.labels),
    name: body.name,
    type: "managed",
    issued: null,
    domain_names: body.domain_names,
  });
  lab.store.putBlob(readyBlob(record.id), JSON.stringify(body.ready));
  return { record, started: startIssuance(lab, "create_certificate", record) };
}

function finishIssuance(lab: Lab, { resources }: ActionRecord): void {
  const { id } = resources[0]!;
  const text = lab.store.blob(readyBlob(id));
  if (text === undefined) return;
  const ready = JSON.parse(text) as IssuedCertificate;
  lab.store.putBlob(privateKeyBlob(id), ready.privateKey);
  lab.store.putBlob(readyBlob(id), undefined);
  lab.store.update(CERTIFICATES, id, { issued: shown(ready.certificate, ready) });
}

/** How the issuing of a managed certificate stands: told by the certificate itself or by its last action. */
function statusOf(lab: Lab, record: CertificateRecord): object | null {
  if (record.type === "uploaded") return null;
  if (record.issued) return { issuance: "completed", renewal: "scheduled", error: null };
  const last = lab.actions.of({ type: "certificate", id: record.id }).sort((a, b) => b.id - a.id)[0];
  if (last?.status === "running") return { issuance: "pending", renewal: "unavailable", error: null };
  return { issuance: "failed", renewal: "unavailable", error: last?.error ?? null };
}

function render(lab: Lab, record: CertificateRecord): object {
  const { id, name, labels, type, created, issued, domain_names } = record;
  const current = issued ?? { certificate: null, fingerprint: null, not_valid_before: null, not_valid_after: null };
  return {
    id,
    name,
    labels,
    type,
    ...current,
    created,
    domain_names,
    status: statusOf(lab, record),
    used_by: lab.store.by(LOAD_BALANCERS, "certificate", id).map((user) => ({ id: user.id, type: "load_balancer" })),
  };
}

export const certificates: Kind<CertificateRecord> = {
  path: "certificates",
  singular: "certificate",
  collection: CERTIFICATES,
  filters: { name: (record) => record.name, type: (record) => record.type },
  render,
  create: create(createBody, (lab, body) => {
    if (lab.nameTaken(CERTIFICATES, body.name)) throw notUnique("certificate", "name");
    if (body.type === "uploaded") return { certificate: render(lab, upload(lab, body)), action: null };
    const { record, started } = order(lab, body);
    return { certificate: render(lab, lab.store.get(CERTIFICATES, record.id)!), action: started };
  }),
  update: update(nameAndLabels, (lab, record: CertificateRecord, body) => {
    if (body.name !== undefined && lab.nameTaken(CERTIFICATES, body.name, record.id))
      throw notUnique("certificate", "name");
    return lab.store.update(CERTIFICATES, record.id, body);
  }),
  remove: (lab, record) => {
    lab.assertUnlocked("certificate", record.id);
    if (lab.store.by(LOAD_BALANCERS, "certificate", record.id).length > 0 || isCertificateAwaited(lab, record.id))
      throw new ApiError(
        "resource_in_use",
        "the certificate is in use by a load balancer: take it off the service first",
      );
    lab.store.delete(CERTIFICATES, record.id);
    lab.store.putBlob(privateKeyBlob(record.id), undefined);
    lab.store.putBlob(readyBlob(record.id), undefined);
    return undefined;
  },
  actions: {
    retry: action(noBody, (lab, record: CertificateRecord) => {
      lab.assertUnlocked("certificate", record.id);
      if (record.type !== "managed" || record.issued)
        throw new ApiError("unsupported_error", "only a managed certificate whose issuance failed can be retried");
      return { action: startIssuance(lab, "issue_certificate", record) };
    }),
  },
  effects: { create_certificate: finishIssuance, issue_certificate: finishIssuance },
};
