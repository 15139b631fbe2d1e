import type { Report, Rule } from "../../core/types.ts";
import { entriesOf, isObject, valuesAt } from "../values.ts";

/** Settings that switch encryption in transit off, or leave an old version on. By type, or its beginning. */
const WEAK: readonly { readonly type: string; readonly property: string; readonly values: readonly unknown[] }[] = [
  { type: "aws:lb/listener:Listener", property: "protocol", values: ["HTTP"] },
  { type: "aws:elasticache/replicationGroup:", property: "transitEncryptionEnabled", values: [false] },
  { type: "azure-native:storage:StorageAccount", property: "minimumTlsVersion", values: ["TLS1_0", "TLS1_1"] },
  { type: "azure-native:storage:StorageAccount", property: "enableHttpsTrafficOnly", values: [false] },
  { type: "azure:storage/account:Account", property: "httpsTrafficOnlyEnabled", values: [false] },
  { type: "azure:redis/cache:Cache", property: "nonSslPortEnabled", values: [true] },
  { type: "gcp:sql/databaseInstance:", property: "settings.ipConfiguration.requireSsl", values: [false] },
  {
    type: "gcp:sql/databaseInstance:",
    property: "settings.ipConfiguration.sslMode",
    values: ["ALLOW_UNENCRYPTED_AND_ENCRYPTED"],
  },
  { type: "digitalocean:index/loadBalancer:", property: "forwardingRules.entryProtocol", values: ["http"] },
];

const LOAD_BALANCER_SERVICE = "hcloud:index/loadBalancerService:LoadBalancerService";
const INGRESS = /^kubernetes:networking\.k8s\.io\/v1(?:beta1)?:Ingress$/;

/** Encryption on the way from the customer. */
export const tls: Rule = {
  id: "operations/tls",
  title: "Traffic from outside is encrypted",
  description: `Load balancers, listeners and ingresses have to take TLS: plain HTTP only in order to redirect. Settings of databases, caches and stores that switch encryption off, or that
leave TLS 1.0 and 1.1 on, are reported too.`,
  severity: "refuse",
  controls: ["c5-cry-02", "gdpr-32", "dora-9"],
  examples: {
    bad: `resources:
  http:
    type: hcloud:LoadBalancerService
    properties: {loadBalancerId: "1", protocol: http, listenPort: 80, destinationPort: 8080}
`,
    good: `resources:
  https:
    type: hcloud:LoadBalancerService
    properties: {loadBalancerId: "1", protocol: https, destinationPort: 8080, http: {redirectHttp: true, certificates: [7]}}
`,
  },
  applies: ({ type }) =>
    type === LOAD_BALANCER_SERVICE || INGRESS.test(type) || WEAK.some((form) => type.startsWith(form.type)),
  *resource(resource) {
    const { type, inputs } = resource;
    if (type === LOAD_BALANCER_SERVICE && inputs.protocol === "http") yield plain(resource, "protocol");
    if (INGRESS.test(type) && valuesAt(inputs, "spec.tls").flatMap(entriesOf).length === 0 && isObject(inputs.spec))
      yield plain(resource, "spec.tls");
    for (const { property, values } of WEAK.filter((form) => type.startsWith(form.type)))
      for (const { path, value } of valuesAt(inputs, property))
        if (values.includes(value) && !redirects(resource)) yield plain(resource, path);
  },
};

function redirects({ inputs }: Parameters<NonNullable<Rule["resource"]>>[0]): boolean {
  return (
    valuesAt(inputs, "defaultActions.type").some(({ value }) => value === "redirect") ||
    inputs.redirectHttpToHttps === true
  );
}

function plain(resource: Report["resource"], property: string): Report {
  return {
    resource,
    outcome: "violation",
    property,
    message: `${resource.name} takes traffic without TLS, or with an old version of it (${property}).`,
    why: "Whoever stands on the way reads passwords and session cookies.",
    fix: "Use TLS 1.2 or later, and plain HTTP for redirects only.",
  };
}
