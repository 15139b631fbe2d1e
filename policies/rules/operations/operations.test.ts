/** What the rules of `operations` report, by type and property as the providers have them. */
import { describe, expect, test } from "vitest";
import { Secret, Unseen } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { publicDatabase, ssh } from "./access.ts";
import { backups } from "./backups.ts";
import { cost } from "./cost.ts";
import { pinnedImages } from "./images.ts";
import { labels } from "./labels.ts";
import { placement } from "./placement.ts";
import { protection } from "./protection.ts";
import { tls } from "./tls.ts";

const COMPUTED = new Unseen("computed");

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

describe("backups", () => {
  test.each([
    ["aws:rds/instance:Instance", "backupRetentionPeriod", 0, 7, "off"],
    ["aws:rds/cluster:Cluster", "backupRetentionPeriod", 0, 7, "on"],
    ["aws:dynamodb/table:Table", "pointInTimeRecovery.enabled", false, true, "off"],
    ["aws:elasticache/replicationGroup:ReplicationGroup", "snapshotRetentionLimit", 0, 5, "off"],
    ["gcp:sql/databaseInstance:DatabaseInstance", "settings.backupConfiguration.enabled", false, true, "off"],
    ["scaleway:databases/instance:Instance", "disableBackup", true, false, "on"],
    ["scaleway:index/databaseInstance:DatabaseInstance", "disableBackup", true, false, "on"],
    ["azure:postgresql/flexibleServer:FlexibleServer", "backupRetentionDays", 0, 7, "on"],
    ["digitalocean:index/droplet:Droplet", "backups", false, true, "off"],
    ["linode:index/instance:Instance", "backupsEnabled", false, true, "off"],
  ])("%s: %s", (type, property, off, on, unset) => {
    const inputs = (value: unknown) =>
      property.split(".").reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
    expect(of(backups, type, inputs(off))).toEqual([`it: refuse ${property}`]);
    expect(of(backups, type, inputs(on))).toEqual([]);
    expect(of(backups, type, {})).toEqual(unset === "off" ? [`it: refuse ${property}`] : []);
    expect(of(backups, type, inputs(COMPUTED))).toEqual([`it: warn? ${property}`]);
  });

  test("a finding says whether it was set", () => {
    const message = (inputs: object) =>
      found(backups, [resource({ type: "digitalocean:index/droplet:Droplet", inputs: inputs as never })])[0]?.message;
    expect(message({})).toBe("it has no backups (backups is not set).");
    expect(message({ backups: false })).toBe("it has no backups (backups).");
  });

  test("other types have none to set", () => {
    expect(of(backups, "hcloud:index/volume:Volume", {})).toEqual([]);
  });
});

describe("cost", () => {
  const server = (name: string, serverType = "cpx32") =>
    resource({ type: "hcloud:index/server:Server", name, inputs: { serverType, location: "fsn1" } });
  const check = (ceiling: number | undefined, ...resources: ReturnType<typeof server>[]) =>
    found(cost, resources, { settings: ceiling === undefined ? {} : { monthlyCostCeiling: ceiling } });
  const sum = (...resources: ReturnType<typeof server>[]) =>
    Number(/costs ([\d.]+) EUR/.exec(check(0.01, ...resources)[0]!.message)![1]);

  test("without a ceiling nobody asks", () => {
    expect(check(undefined, server("a"))).toEqual([]);
  });

  test("all that has a price is added up, and compared with the ceiling", () => {
    const one = sum(server("a"));
    expect(one).toBeGreaterThan(0);
    expect(sum(server("a"), server("b"))).toBeCloseTo(2 * one);
    expect(check(one, server("a"))).toEqual([]);
    expect(check(one - 0.01, server("a"))[0]).toMatchObject({
      severity: "refuse",
      outcome: "violation",
      resource: { name: "test", type: "pulumi:pulumi:Stack", urn: "stack#test" },
      message: `This costs ${one.toFixed(2)} EUR a month: more than the ceiling of ${(one - 0.01).toFixed(2)} EUR.`,
    });
  });

  test("what has no known price is named, and never zero", () => {
    const [finding] = check(
      1000,
      server("a"),
      ...["b", "c", "d", "e", "f", "g", "h"].map((name) => server(name, "new99")),
    );
    expect(finding).toMatchObject({ severity: "warn", outcome: "not-established" });
    expect(finding?.message).toMatch(
      /^Whether this stays below 1000\.00 EUR a month is not known: [\d.]+ EUR, without b, c, d, e, f and 2 more, which have no known price\.$/,
    );
    expect(check(1000, server("b", "new99"))[0]?.message).toContain("without b, which");
    expect(check(0.01, server("a"), server("b", "new99"))[0]?.message).toMatch(
      /without b, which have no known price: more than/,
    );
    expect(check(1000, ...["b", "c", "d", "e", "f"].map((name) => server(name, "new99")))[0]?.message).toContain(
      "b, c, d, e, f, which",
    );
  });

  test("the stack is named where the source names one; what is no cost is none", () => {
    const inputs = { serverType: "cpx32", location: "fsn1" };
    const [finding] = found(cost, [resource({ type: "hcloud:index/server:Server", inputs })], {
      settings: { monthlyCostCeiling: 0.01 },
      source: { stack: "production" },
    });
    expect(finding?.resource).toMatchObject({ name: "production", urn: "stack#production" });
    expect(check(0.01, resource({ type: "x:y:Z" }))).toEqual([]);
  });
});

describe("images", () => {
  const digest = `@sha256:${"4f".repeat(32)}`;
  const pod = {
    containers: [{ image: "a:1" }, { image: `b:1${digest}` }],
    initContainers: [{ image: "c:1" }],
    ephemeralContainers: [{ image: "d:1" }],
  };

  test.each([
    ["kubernetes:core/v1:Pod", { spec: pod }, "spec"],
    ["kubernetes:apps/v1:Deployment", { spec: { template: { spec: pod } } }, "spec.template.spec"],
    [
      "kubernetes:batch/v1:CronJob",
      { spec: { jobTemplate: { spec: { template: { spec: pod } } } } },
      "spec.jobTemplate.spec.template.spec",
    ],
    ["kubernetes:core/v1:PodTemplate", { template: { spec: pod } }, "template.spec"],
  ])("%s: of all its kinds of containers", (type, inputs, at) => {
    expect(of(pinnedImages, type, inputs)).toEqual([
      `it: warn ${at}.containers[0].image`,
      `it: warn ${at}.ephemeralContainers[0].image`,
      `it: warn ${at}.initContainers[0].image`,
    ]);
  });

  test.each([
    ["docker:index/container:Container", { image: "a:1" }, "image"],
    ["docker:index/service:Service", { taskSpec: { containerSpec: { image: "a:1" } } }, "taskSpec.containerSpec.image"],
    ["scaleway:containers/container:Container", { registryImage: "a:1" }, "registryImage"],
    ["scaleway:index/container:Container", { registryImage: "a:1" }, "registryImage"],
    [
      "gcp:cloudrunv2/service:Service",
      { template: { containers: [{ image: "a:1" }] } },
      "template.containers[0].image",
    ],
    [
      "gcp:cloudrun/service:Service",
      { template: { spec: { containers: [{ image: "a:1" }] } } },
      "template.spec.containers[0].image",
    ],
    ["azure-native:containerinstance:ContainerGroup", { containers: [{ image: "a:1" }] }, "containers[0].image"],
    ["azure-native:app:ContainerApp", { template: { containers: [{ image: "a:1" }] } }, "template.containers[0].image"],
  ])("%s", (type, inputs, property) => {
    expect(of(pinnedImages, type, inputs)).toEqual([`it: warn ${property}`]);
    expect(of(pinnedImages, `x${type}`, inputs)).toEqual([]);
  });

  test("a digest is a whole one, at the end", () => {
    const image = (text: unknown) => of(pinnedImages, "docker:index/container:Container", { image: text });
    expect(image(`a${digest}`)).toEqual([]);
    expect(image(`a${digest}:latest`)).toHaveLength(1);
    expect(image("a@sha256:abc")).toHaveLength(1);
    expect(image(`a@sha256:${"4f".repeat(31)}`)).toHaveLength(1);
    expect(image(7)).toEqual([]);
    expect(image(COMPUTED)).toEqual(["it: warn? image"]);
  });

  test("what cannot be seen is said: an image, a container, a list", () => {
    const spec = (containers: unknown) => of(pinnedImages, "kubernetes:core/v1:Pod", { spec: { containers } });
    expect(spec([{ image: COMPUTED }])).toEqual(["it: warn? spec.containers[0].image"]);
    expect(spec([COMPUTED])).toEqual(["it: warn? spec.containers[0]"]);
    expect(spec(COMPUTED)).toEqual(["it: warn? spec.containers"]);
    expect(spec([{ image: new Secret("a:1") }])).toEqual(["it: warn spec.containers[0].image"]);
    expect(spec([{ name: "web" }, "web", null])).toEqual([]);
  });

  test("messages name the image, or where it stands", () => {
    const message = (image: unknown) =>
      found(pinnedImages, [resource({ type: "docker:index/container:Container", inputs: { image } as never })])[0]
        ?.message;
    expect(message("a:1")).toBe("it runs a:1, which is pinned by no digest.");
    expect(message(COMPUTED)).toBe("Which image it runs (image) could not be seen.");
  });
});

describe("labels", () => {
  const settings = { requiredLabels: ["team", "owner"] };
  const check = (type: string, inputs: unknown, more: object = settings) =>
    found(labels, [resource({ type, inputs: inputs as never })], { settings: more }).map(({ message }) => message);

  test("those that a setting names have to be there, where there are any", () => {
    const server = "hcloud:index/server:Server";
    expect(check(server, { labels: { team: "shop" } })).toEqual(["it lacks the labels owner."]);
    expect(check(server, { labels: {} })).toEqual(["it lacks the labels team, owner."]);
    expect(check(server, { labels: { team: "shop", owner: "ada" } })).toEqual([]);
    expect(check(server, {})).toEqual([]);
    expect(check(server, { labels: {} }, {})).toEqual([]);
  });

  test.each([
    ["aws:ec2/instance:Instance", { tags: { team: "shop" } }],
    ["kubernetes:apps/v1:Deployment", { metadata: { labels: { team: "shop" } } }],
    ["scaleway:instance/server:Server", { tags: ["team=shop"] }],
    ["digitalocean:index/droplet:Droplet", { tags: ["team:shop", 7] }],
  ])("%s writes them in its own way", (type, inputs) => {
    expect(check(type, inputs)).toEqual(["it lacks the labels owner."]);
  });

  test("what holds data states which, once anything is required", () => {
    const volume = "hcloud:index/volume:Volume";
    expect(check(volume, {})).toEqual([expect.stringMatching(/^it holds .+ and states no data class\.$/)]);
    expect(check(volume, { labels: { team: "a", owner: "b", "data-class": "public" } })).toEqual([]);
    expect(check(volume, {}, {})).toEqual([]);
    expect(found(labels, [resource({ type: volume })], { settings })[0]?.fix).toContain("Add a label data-class,");
    const own = { ...settings, classLabels: ["klasse"] };
    expect(found(labels, [resource({ type: volume })], { settings: own })[0]?.fix).toContain("Add a label klasse,");
  });

  test("what stands in no cloud has no labels to carry", () => {
    expect(check("random:index/randomPassword:RandomPassword", { labels: {} })).toEqual([]);
    expect(check("hcloud:index/server:Server", { labels: "none" })).toEqual(["it lacks the labels team, owner."]);
  });
});

describe("placement", () => {
  const server = (name: string, inputs: object = {}) =>
    resource({ type: "hcloud:index/server:Server", name, inputs: { location: "fsn1", ...inputs } as never });
  const check = (...servers: ReturnType<typeof server>[]) => told(placement, servers);

  test("servers of one role, or of one name but for its number, are spread", () => {
    const role = { labels: { role: "db" } };
    expect(check(server("a", role), server("b", role))).toEqual([
      "a: warn placementGroupId",
      "b: warn placementGroupId",
    ]);
    expect(check(server("web-1"), server("web-2"))).toHaveLength(2);
    expect(check(server("web1"), server("web22"))).toHaveLength(2);
    expect(check(server("web-1"), server("db-1"))).toEqual([]);
    expect(check(server("web-1-a"), server("web-2-a"))).toEqual([]);
    expect(check(server("web-1", { labels: { role: 7 } }), server("web-2", { labels: "x" }))).toHaveLength(2);
    expect(check(server("a", { labels: { role: "x" } }), server("b", { labels: { role: "y" } }))).toEqual([]);
  });

  test("one alone, or in another location, stands in for nobody", () => {
    expect(check(server("web-1"))).toEqual([]);
    expect(check(server("web-1"), server("web-2", { location: "nbg1" }))).toEqual([]);
    expect(check(server("web-1", { location: undefined }), server("web-2", { location: null }))).toHaveLength(2);
  });

  test("those in a group are", () => {
    expect(check(server("web-1", { placementGroupId: "7" }), server("web-2", { placementGroupId: null }))).toEqual([
      "web-2: warn placementGroupId",
    ]);
    expect(found(placement, [server("web-1"), server("web-2"), server("web-3")])[0]?.message).toContain(
      "web-1 and 2 like it are not spread",
    );
  });

  test("groups and other types are looked at, and are no servers", () => {
    const group = resource({ type: "hcloud:index/placementGroup:PlacementGroup", name: "web-3" });
    expect(placement.applies(group, {} as never)).toBe(true);
    expect(placement.applies(server("a"), {} as never)).toBe(true);
    expect(placement.applies(resource({ type: "x:y:Z" }), {} as never)).toBe(false);
    expect(told(placement, [server("web-1"), group])).toEqual([]);
  });
});

describe("protection", () => {
  const volume = (inputs: object, more: object = {}) => of(protection, "hcloud:index/volume:Volume", inputs, more);

  test("by the engine, or by the provider", () => {
    expect(volume({})).toEqual(["it: refuse"]);
    expect(volume({}, { protect: true })).toEqual([]);
    for (const property of [
      "deleteProtection",
      "deletionProtection",
      "deletionProtectionEnabled",
      "enableDeletionProtection",
      "isProtected",
      "preventDestroy",
    ]) {
      expect(volume({ [property]: true })).toEqual([]);
      expect(volume({ [property]: false })).toEqual(["it: refuse"]);
      expect(volume({ [property]: COMPUTED })).toEqual([]);
    }
    expect(volume({ forceDestroy: false })).toEqual([]);
    expect(volume({ forceDestroy: true })).toEqual(["it: refuse"]);
  });

  test("is for what holds data in some cloud, and nothing that manifests could say", () => {
    expect(of(protection, "hcloud:index/server:Server", {})).toEqual([]);
    expect(volume({}, { custom: false })).toEqual([]);
    const it = resource({ type: "hcloud:index/volume:Volume" });
    expect(told(protection, [it], { source: { kind: "manifests" } })).toEqual([]);
    expect(found(protection, [it])[0]?.message).toMatch(/^it holds .+, and nothing protects it\.$/);
  });
});

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
