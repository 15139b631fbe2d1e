import { describe, expect, test } from "vitest";
import { COMPUTED } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { publicDatabase, ssh } from "./access.ts";

/** What a rule says of one resource. */
const of = (rule: Rule, type: string, inputs: unknown, more: object = {}) =>
  told(rule, [resource({ type, inputs: inputs as never, ...more })]);
const firewall = (port: string, ...sourceIps: string[]) =>
  [
    "hcloud:index/firewall:Firewall",
    {
      rules: [
        { direction: "in", protocol: "tcp", port: "443", sourceIps },
        { direction: "in", protocol: "tcp", port, sourceIps },
      ],
    },
  ] as const;

describe("administration", () => {
  test.each(["22", "3389", "5985", "5986", "20-25"])("port %s is not for the internet", (port) => {
    expect(of(ssh, ...firewall(port, "10.0.0.0/8", "0.0.0.0/0"))).toEqual(["it: refuse 0.0.0.0/0"]);
    expect(of(ssh, ...firewall(port, "::/0"))).toEqual(["it: refuse ::/0"]);
    expect(of(ssh, ...firewall(port, "10.0.0.0/8"))).toEqual([]);
  });

  test("other ports are other rules' matter, and so is what is no firewall", () => {
    expect(of(ssh, ...firewall("80", "0.0.0.0/0"))).toEqual([]);
    expect(of(ssh, "x:y:Z", firewall("22", "0.0.0.0/0")[1])).toEqual([]);
  });

  test("a finding says where, which port, and how much more is open", () => {
    const at = (port: string) =>
      found(ssh, [resource({ type: firewall(port)[0], inputs: firewall(port, "0.0.0.0/0")[1] as never })])[0];
    expect(at("22")).toMatchObject({
      property: "rules[1]",
      message: "it lets the internet (0.0.0.0/0) in at port 22.",
    });
    expect(at("20-25")?.message).toContain("port 22 (it opens 20 to 25).");
    const [rule] = found(ssh, [
      resource({
        type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        inputs: { fromPort: 22, toPort: 22, cidrIpv4: "0.0.0.0/0" },
      }),
    ]);
    expect(rule).not.toHaveProperty("property");
  });
});

describe("databases on the internet", () => {
  test.each([
    [1433, "SQL Server"],
    [1521, "Oracle"],
    [2379, "etcd"],
    [3306, "MySQL"],
    [5432, "Postgres"],
    [5672, "RabbitMQ"],
    [5984, "CouchDB"],
    [6379, "Redis"],
    [8123, "ClickHouse"],
    [9042, "Cassandra"],
    [9092, "Kafka"],
    [9200, "Elasticsearch"],
    [11_211, "memcached"],
    [26_379, "Sentinel"],
    [27_017, "MongoDB"],
  ])("port %s is %s's: by a firewall, or by a load balancer", (port, name) => {
    const rule = { direction: "in", port: String(port), sourceIps: ["0.0.0.0/0"] };
    const [finding] = found(publicDatabase, [
      resource({ type: "hcloud:index/firewall:Firewall", inputs: { rules: [rule] } }),
    ]);
    expect(finding).toMatchObject({
      severity: "refuse",
      message: `it lets the internet (0.0.0.0/0) in at ${name}'s port ${port}.`,
    });
    const [service] = found(publicDatabase, [
      resource({ type: "hcloud:index/loadBalancerService:LoadBalancerService", inputs: { listenPort: port } }),
    ]);
    expect(service?.message).toBe(`it is on the internet (listenPort ${port}).`);
  });

  test.each([
    ["aws:rds/instance:Instance", { publiclyAccessible: true }, { publiclyAccessible: false }],
    ["aws:redshift/cluster:Cluster", { publiclyAccessible: true }, {}],
    [
      "azure-native:dbforpostgresql:Server",
      { network: { publicNetworkAccess: "Enabled" } },
      { network: { publicNetworkAccess: "Disabled" } },
    ],
    ["azure-native:sql:Server", { publicNetworkAccess: "Enabled" }, { publicNetworkAccess: "Disabled" }],
    [
      "azure:postgresql/flexibleServer:FlexibleServer",
      { publicNetworkAccessEnabled: true },
      { publicNetworkAccessEnabled: false },
    ],
    ["azure:mssql/server:Server", { publicNetworkAccessEnabled: true }, { publicNetworkAccessEnabled: false }],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { authorizedNetworks: [{ value: "0.0.0.0/0" }] } } },
      { settings: { ipConfiguration: { authorizedNetworks: [{ value: "10.0.0.0/8" }] } } },
    ],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      { settings: { ipConfiguration: { authorizedNetworks: [{ value: "::/0" }] } } },
      { settings: { ipConfiguration: {} } },
    ],
    ["hcloud:index/loadBalancerService:LoadBalancerService", { listenPort: 5432 }, { listenPort: 443 }],
  ])("%s has a setting for it", (type, bad, good) => {
    expect(of(publicDatabase, type, bad)).toEqual([expect.stringMatching(/^it: refuse \S/)]);
    expect(of(publicDatabase, type, good)).toEqual([]);
  });

  test("a setting that cannot be seen is not established", () => {
    const [finding] = found(publicDatabase, [
      resource({ type: "aws:rds/instance:Instance", inputs: { publiclyAccessible: COMPUTED } }),
    ]);
    expect(finding).toMatchObject({
      severity: "warn",
      outcome: "not-established",
      property: "publiclyAccessible",
      message: "Whether it is on the internet (publiclyAccessible) could not be seen.",
    });
    expect(of(publicDatabase, "aws:s3/bucket:Bucket", { publiclyAccessible: true })).toEqual([]);
  });

  test("a network of one's own may reach it; all ports are that port too", () => {
    expect(of(publicDatabase, ...firewall("5432", "10.0.0.0/8"))).toEqual([]);
    expect(of(publicDatabase, ...firewall("any", "0.0.0.0/0"))).toEqual(["it: refuse 0.0.0.0/0"]);
  });
});
