import { describe, expect, test } from "vitest";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { tls } from "./tls.ts";

/** What a rule says of one resource. */
const of = (rule: Rule, type: string, inputs: unknown, more: object = {}) =>
  told(rule, [resource({ type, inputs: inputs as never, ...more })]);

describe("encryption in transit", () => {
  test.each([
    ["aws:lb/listener:Listener", { protocol: "HTTP" }, { protocol: "HTTPS" }],
    [
      "aws:elasticache/replicationGroup:ReplicationGroup",
      { transitEncryptionEnabled: false },
      { transitEncryptionEnabled: true },
    ],
    ["azure-native:storage:StorageAccount", { minimumTlsVersion: "TLS1_0" }, { minimumTlsVersion: "TLS1_2" }],
    ["azure-native:storage:StorageAccount", { minimumTlsVersion: "TLS1_1" }, {}],
    ["azure-native:storage:StorageAccount", { enableHttpsTrafficOnly: false }, { enableHttpsTrafficOnly: true }],
    ["azure:storage/account:Account", { httpsTrafficOnlyEnabled: false }, { httpsTrafficOnlyEnabled: true }],
    ["azure:redis/cache:Cache", { nonSslPortEnabled: true }, { nonSslPortEnabled: false }],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { requireSsl: false } } },
      { settings: { ipConfiguration: { requireSsl: true } } },
    ],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { sslMode: "ALLOW_UNENCRYPTED_AND_ENCRYPTED" } } },
      { settings: { ipConfiguration: { sslMode: "ENCRYPTED_ONLY" } } },
    ],
    [
      "digitalocean:index/loadBalancer:LoadBalancer",
      { forwardingRules: [{ entryProtocol: "http" }] },
      { forwardingRules: [{ entryProtocol: "https" }] },
    ],
    ["hcloud:index/loadBalancerService:LoadBalancerService", { protocol: "http" }, { protocol: "https" }],
    ["kubernetes:networking.k8s.io/v1:Ingress", { spec: { rules: [] } }, { spec: { tls: [{ secretName: "a" }] } }],
    ["kubernetes:networking.k8s.io/v1beta1:Ingress", { spec: { tls: [] } }, {}],
  ])("%s", (type, bad, good) => {
    expect(of(tls, type, bad)).toEqual([expect.stringMatching(/^it: refuse \S/)]);
    expect(of(tls, type, good)).toEqual([]);
    expect(of(tls, `x${type}`, bad)).toEqual([]);
  });

  test("plain HTTP that only redirects is in order", () => {
    expect(of(tls, "aws:lb/listener:Listener", { protocol: "HTTP", defaultActions: [{ type: "redirect" }] })).toEqual(
      [],
    );
    expect(
      of(tls, "aws:lb/listener:Listener", { protocol: "HTTP", defaultActions: [{ type: "forward" }] }),
    ).toHaveLength(1);
    const balancer = { forwardingRules: [{ entryProtocol: "http" }] };
    expect(of(tls, "digitalocean:index/loadBalancer:LoadBalancer", { ...balancer, redirectHttpToHttps: true })).toEqual(
      [],
    );
    expect(
      of(tls, "digitalocean:index/loadBalancer:LoadBalancer", { ...balancer, redirectHttpToHttps: false }),
    ).toHaveLength(1);
  });

  test("findings name the property", () => {
    expect(of(tls, "kubernetes:networking.k8s.io/v1:Ingress", { spec: {} })).toEqual(["it: refuse spec.tls"]);
    expect(of(tls, "hcloud:index/loadBalancerService:LoadBalancerService", { protocol: "http" })).toEqual([
      "it: refuse protocol",
    ]);
    expect(
      of(tls, "digitalocean:index/loadBalancer:LoadBalancer", {
        forwardingRules: [{ entryProtocol: "https" }, { entryProtocol: "http" }],
      }),
    ).toEqual(["it: refuse forwardingRules[1].entryProtocol"]);
    expect(
      found(tls, [resource({ type: "aws:lb/listener:Listener", inputs: { protocol: "HTTP" } })])[0]?.message,
    ).toContain("(protocol)");
  });
});
