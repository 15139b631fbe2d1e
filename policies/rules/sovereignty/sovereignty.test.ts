/** What the rules of `sovereignty` report; endpoints have a file of their own. */
import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Resource, Secret } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { type Beside, found, told } from "../testing.ts";
import { administration } from "./administration.ts";
import { dataClasses } from "./data-classes.ts";
import { location } from "./location.ts";
import { owner } from "./owner.ts";
import { registerReview } from "./register.ts";
import { unseen } from "./unseen.ts";

const it = (type: string, inputs: unknown = {}, more: Partial<Resource> = {}) =>
  resource({ type, inputs: inputs as never, ...more });
const BUCKET = "aws:s3/bucket:Bucket";
const SERVER = "hcloud:index/server:Server";
const PACK = { source: { kind: "policy-pack" } } as const;

describe("location", () => {
  const at = (type: string, inputs: unknown, beside?: Beside) => told(location, [it(type, inputs)], beside);

  test("four results: inside, by setting, outside, unknown", () => {
    const ec2 = "aws:ec2/instance:Instance";
    expect(at(SERVER, { location: "fsn1" })).toEqual([]);
    expect(at(SERVER, { location: "ash" })).toEqual(["it: refuse ash"]);
    expect(at(SERVER, { location: "new1" })).toEqual(["it: refuse? new1"]);
    expect(at(ec2, { availabilityZone: "eu-central-2a" })).toEqual(["it: refuse eu-central-2a"]);
    expect(at(ec2, { availabilityZone: "eu-central-2a" }, { settings: { adequate: "allow" } })).toEqual([]);
  });

  test("a finding names country and city, and regions that would do", () => {
    const [outside] = found(location, [it(SERVER, { location: "ash" })]);
    expect(outside).toMatchObject({
      property: "location",
      subject: { region: "ash", country: "US" },
      message: expect.stringMatching(/^Hetzner Cloud ash \(Ashburn.*, United States\) is outside the EU\.$/),
      fix: expect.stringMatching(/^Use a region in the EU, for instance \w+, \w+, \w+\.$/),
    });
    const [unlisted] = found(location, [it(SERVER, { location: "new1" })]);
    expect(unlisted).toMatchObject({
      message: "Hetzner Cloud new1 is not in the catalogue: where it is is not known.",
      subject: { region: "new1" },
      fix: expect.stringContaining("sovereign catalogue explain"),
    });
    const [place] = found(location, [it("azure-native:storage:StorageAccount", { location: "europe" })]);
    expect(place).toMatchObject({
      outcome: "not-established",
      severity: "refuse",
      fix: "Use a region that is one place.",
    });
    expect(place?.message).toContain("is not pinned to a country");
  });

  test("the worst of several regions decides; a multi-region has no one country", () => {
    const [us] = found(location, [it("gcp:storage/bucket:Bucket", { location: "US" })]);
    expect(us).toMatchObject({ severity: "refuse", outcome: "violation", subject: { region: "US" } });
  });

  test("where the resource names none: its provider's, the stack's configuration, what it is attached to", () => {
    const urn = "urn:pulumi:test::test::pulumi:providers:aws::eu";
    const provider = (region: string) => it("pulumi:providers:aws", { region }, { urn, name: "eu" });
    const bucket = it(BUCKET, {}, { provider: urn });
    expect(told(location, [provider("us-east-1"), bucket])).toEqual(["eu: refuse us-east-1", "it: refuse us-east-1"]);
    expect(told(location, [provider("eu-central-1"), bucket])).toEqual([]);
    expect(found(location, [provider("us-east-1"), bucket])[1]?.property).toBe("provider.region");
    const config = (region: unknown) => ({ run: { config: { "aws:region": region } } }) as Beside;
    expect(at(BUCKET, {}, config("us-east-1"))).toEqual(["it: refuse us-east-1"]);
    expect(found(location, [it(BUCKET)], config("us-east-1"))[0]?.property).toBe("config.aws:region");
    expect(at(BUCKET, {}, config("eu-central-1"))).toEqual([]);
    expect(at(BUCKET, {}, config(HIDDEN))).toEqual(["it: warn? config.aws:region"]);
    expect(at(BUCKET, {}, config(""))).toEqual(["it: refuse?"]);
    const server = it("aws:ec2/instance:Instance", { availabilityZone: "us-east-1a" }, { name: "vm" });
    const attached = it(BUCKET, {}, { dependencies: [server.urn, "urn:nothing"] });
    expect(told(location, [server, attached])).toEqual(["vm: refuse us-east-1a", "it: refuse us-east-1a"]);
  });

  test("none anywhere is not established: refused for what holds data, said of a provider by its package", () => {
    expect(at(BUCKET, {})).toEqual(["it: refuse?"]);
    expect(at("aws:ec2/instance:Instance", {})).toEqual(["it: warn?"]);
    expect(found(location, [it("aws:ec2/instance:Instance")])[0]?.message).toMatch(
      /^Neither it nor its provider states a region: /,
    );
    expect(found(location, [it("pulumi:providers:aws")])[0]?.message).toMatch(/^The provider aws states no region: /);
  });

  test("a provider's answer counts where the program leaves the place to it", () => {
    const answered = it(BUCKET, {}, { outputs: { region: "us-east-1" } });
    expect(told(location, [answered])).toEqual(["it: refuse us-east-1"]);
    const wished = it(BUCKET, { region: "eu-central-1" }, { outputs: { region: "us-east-1" } });
    expect(told(location, [wished])).toEqual([]);
  });

  test("names of Amazon's resources name regions", () => {
    const plan = (arn: unknown) =>
      at("aws:backup/plan:Plan", { region: "eu-central-1", rules: [{ copyActions: [{ destinationVaultArn: arn }] }] });
    expect(plan("arn:aws:backup:us-east-1:1:backup-vault:x")).toEqual(["it: refuse us-east-1"]);
    expect(plan("arn:aws-cn:backup:cn-north-1:1:backup-vault:x")).toHaveLength(1);
    expect(plan("arn:aws:backup:eu-west-1:1:backup-vault:x")).toEqual([]);
    expect(plan("see arn:aws:backup:us-east-1:1:x")).toEqual([]);
    expect(plan(new Secret("arn:aws:backup:us-east-1:1:x"))).toHaveLength(1);
    expect(
      found(location, [
        it("aws:backup/plan:Plan", { region: "eu-central-1", a: { "b.c": ["", "arn:aws:backup:us-east-1:1:x"] } }),
      ])[0]?.property,
    ).toBe('a["b.c"][1]');
    expect(at(SERVER, { location: "fsn1", note: "arn:aws:backup:us-east-1:1:x" })).toEqual([]);
  });

  test("what cannot be seen: warned of, refused where it is known too late and holds data", () => {
    expect(at(SERVER, { location: COMPUTED })).toEqual(["it: warn? location"]);
    expect(at(SERVER, { location: HIDDEN })).toEqual(["it: warn? location"]);
    expect(at("hcloud:index/volume:Volume", { location: COMPUTED })).toEqual(["it: refuse? location"]);
    expect(at("hcloud:index/volume:Volume", { location: HIDDEN })).toEqual(["it: warn? location"]);
    expect(found(location, [it(SERVER, { location: COMPUTED })])[0]?.message).toContain("known only after");
    expect(found(location, [it(SERVER, { location: HIDDEN })])[0]?.message).toContain("a secret");
  });

  test("services without a region", () => {
    expect(at("aws:cloudfront/distribution:Distribution", {})).toEqual([
      expect.stringMatching(/^it: refuse\?? global$/),
    ]);
    expect(found(location, [it("aws:cloudfront/distribution:Distribution")])[0]?.message).toMatch(
      /^Amazon Web Services keeps aws:cloudfront\/distribution:Distribution in no region: /,
    );
  });

  test("Kubernetes: topology labels are everybody's regions, and where the cluster stands is said not to be known, once", () => {
    const pod = (region: string) =>
      it("kubernetes:core/v1:Pod", { spec: { nodeSelector: { "topology.kubernetes.io/region": region } } });
    expect(told(location, [pod("us-east-1")])).toEqual(["it: notice?", "it: refuse us-east-1"]);
    expect(told(location, [pod("eu-central-1"), pod("fsn1")])).toEqual(["it: notice?"]);
    expect(told(location, [it("kubernetes:core/v1:Pod", {}, { custom: false })])).toEqual([]);
  });

  test("a policy pack says in the end what nobody states: a provider's may come later", () => {
    expect(at(BUCKET, {}, PACK)).toEqual(["it: refuse?"]);
    expect(at(SERVER, { location: "ash" }, PACK)).toEqual(["it: refuse ash"]);
    expect(at("random:index/randomPassword:RandomPassword", {}, PACK)).toEqual([]);
  });

  test("what no cloud makes has no place", () => {
    expect(at("random:index/randomPassword:RandomPassword", { region: "us-east-1" })).toEqual([]);
    expect(told(location, [it(BUCKET, { region: "us-east-1" }, { custom: false })])).toEqual([]);
  });
});

describe("owner", () => {
  const by = (type: string, settings: unknown = {}) => told(owner, [it(type)], { settings });

  test("outside is refused wherever the region is, inside is not; weakened by setting", () => {
    expect(by(BUCKET)).toEqual(["it: refuse Amazon Web Services, Inc."]);
    expect(by(BUCKET, { foreignOwners: "warn" })).toEqual(["it: warn Amazon Web Services, Inc."]);
    expect(by("scaleway:object/bucket:Bucket")).toEqual([]);
    expect(by("hcloud:index/server:Server")).toEqual([]);
  });

  test("a finding says who, under which law, and who else there is", () => {
    expect(found(owner, [it(BUCKET)])[0]).toMatchObject({
      subject: { vendor: "Amazon Web Services, Inc.", owner: "Amazon.com, Inc.", jurisdiction: "US" },
      message:
        "Amazon Web Services, Inc. (owned by Amazon.com, Inc., US) provides it: an owner in United States, outside the EU.",
      why: expect.stringContaining("CLOUD Act"),
      fix: "Use a provider whose owners have their seat in the EU.",
      alternatives: expect.arrayContaining(["Hetzner Online GmbH (DE)"]),
    });
  });

  test("nobody's provider is not established, and refused; what somebody runs himself has no owner", () => {
    expect(by("acme:index/thing:Thing")).toEqual(["it: refuse? acme"]);
    expect(found(owner, [it("acme:index/thing:Thing")])[0]?.message).toBe(
      "Who runs the provider acme is not in the catalogue.",
    );
    expect(by("vault:index/mount:Mount")).toEqual([]);
    expect(by("kubernetes:core/v1:Pod")).toEqual([]);
    expect(by("random:index/randomPassword:RandomPassword")).toEqual([]);
  });
});

describe("data classes", () => {
  const personal = { tags: { "data-class": "personal,financial" } };
  const store = (type: string, inputs: object, more: Partial<Resource> = {}) =>
    it(type, { ...personal, ...inputs }, { name: "store", ...more });

  test("such a resource outside, or with an owner there, is refused whatever weaker settings say", () => {
    const settings = { foreignOwners: "warn", severities: { "sovereignty/location": "notice" } };
    const [place] = found(dataClasses, [store(BUCKET, { region: "us-east-1" })], { settings });
    expect(place).toMatchObject({
      severity: "refuse",
      message: "store holds financial, personal data and stands in us-east-1, outside the EU.",
    });
    const [owned] = found(dataClasses, [store(BUCKET, { region: "eu-central-1" })]);
    expect(owned?.message).toBe(
      "store holds financial, personal data and its provider Amazon Web Services is under the law of US.",
    );
    expect(told(dataClasses, [store("scaleway:object/bucket:Bucket", { region: "fr-par" })])).toEqual([]);
    expect(told(dataClasses, [it(BUCKET, { region: "us-east-1", tags: { "data-class": "public" } })])).toEqual([]);
    expect(
      told(dataClasses, [store("kubernetes:core/v1:ConfigMap", {}), store("acme:x:Y", {}), store("random:x:Y", {})]),
    ).toEqual([]);
  });

  test("an unknown region is the rule for location's matter", () => {
    expect(told(dataClasses, [store("scaleway:object/bucket:Bucket", { region: "new-1" })])).toEqual([]);
  });

  test("a service that the register approves for other classes only", () => {
    const app = it("kubernetes:core/v1:ConfigMap", {
      metadata: { labels: { "data-class": "personal" } },
      data: { URL: "https://api.shop-mail.de/" },
    });
    const services = (...classes: string[]) => ({ services: [{ endpoint: "api.shop-mail.de", dataClasses: classes }] });
    expect(found(dataClasses, [app], services("telemetry"))[0]).toMatchObject({
      property: "data.URL",
      subject: { host: "api.shop-mail.de", vendor: "Example" },
      message: "api.shop-mail.de is approved for telemetry, and it holds personal data.",
    });
    expect(found(dataClasses, [app], services())[0]?.message).toContain("approved for no data class,");
    expect(told(dataClasses, [app], services("personal"))).toEqual([]);
    expect(told(dataClasses, [app])).toEqual([]);
  });

  test("a path from the store to what leads outside, over what is between", () => {
    const source = store("scaleway:object/bucket:Bucket", { region: "fr-par" });
    const between = it(
      "scaleway:functions/function:Function",
      { region: "fr-par" },
      { name: "between", dependencies: [source.urn] },
    );
    const copy = it(BUCKET, { region: "us-east-1" }, { name: "copy", dependencies: [between.urn] });
    const paths = (...more: Resource[]) =>
      found(dataClasses, more).map(({ resource: { name }, message, property, subject }) => [
        name,
        message,
        property,
        subject?.host,
      ]);
    expect(paths(source, between, copy)).toEqual(
      [
        ["between", expect.anything(), undefined, undefined],
        [
          "copy",
          "financial, personal data of store can leave the EU: store -> between -> copy -> (stands in us-east-1, outside the EU).",
          undefined,
          undefined,
        ],
      ].slice(1),
    );
    const talker = it(
      "kubernetes:core/v1:ConfigMap",
      { data: { URL: "https://o1.ingest.sentry.io/2" } },
      { name: "talker", dependencies: [source.urn] },
    );
    expect(paths(source, talker)).toEqual([
      [
        "talker",
        "financial, personal data of store can leave the EU: store -> talker -> o1.ingest.sentry.io.",
        "data.URL",
        "o1.ingest.sentry.io",
      ],
    ]);
    const writer = it("kubernetes:batch/v1:Job", {}, { name: "writer", dependencies: [source.urn, copy.urn] });
    expect(paths(source, it(BUCKET, { region: "us-east-1" }, { name: "copy" }), writer)).toEqual([
      [
        "writer",
        "financial, personal data of store can leave the EU: store -> writer -> copy (stands in us-east-1, outside the EU).",
        undefined,
        undefined,
      ],
    ]);
    expect(paths(source, it("kubernetes:batch/v1:Job", {}, { dependencies: [source.urn] }))).toEqual([]);
    expect(paths(it("kubernetes:batch/v1:Job", {}, { dependencies: ["urn:nothing"] }))).toEqual([]);
  });
});

describe("administration", () => {
  const from = (source: string, port = "22", beside?: Beside) =>
    found(
      administration,
      [it("hcloud:index/firewall:Firewall", { rules: [{ direction: "in", port, sourceIps: [source] }] })],
      {
        run: { backend: "file:///states" },
        ...beside,
      },
    );

  test.each([
    ["22", "SSH"],
    ["3389", "remote desktops"],
    ["5985", "WinRM"],
    ["5986", "WinRM"],
    ["6443", "the Kubernetes API"],
    ["8006", "Proxmox"],
  ])("port %s is %s", (port, name) => {
    expect(from("0.0.0.0/0", port)[0]).toMatchObject({
      severity: "refuse",
      property: "rules[0]",
      subject: { address: "0.0.0.0/0" },
      message: `0.0.0.0/0 may reach ${name}: administration is possible from everywhere outside the EU.`,
    });
  });

  test("ranges: own, nobody's, somebody's outside, approved; other ports and nonsense are let be", () => {
    expect(from("10.0.0.0/8")).toEqual([]);
    expect(from("93.184.215.0/24")[0]).toMatchObject({
      severity: "warn",
      outcome: "not-established",
      fix: expect.stringContaining("ownNetworks"),
    });
    expect(from("93.184.215.0/24", "22", { settings: { ownNetworks: ["93.184.215.0/24"] } })).toEqual([]);
    expect(from("8.8.8.0/24")[0]).toMatchObject({
      severity: "refuse",
      message: expect.stringMatching(/^8\.8\.8\.0\/24 may reach SSH: it belongs to Google/),
    });
    expect(from("93.184.215.0/24", "22", { services: [{ endpoint: "93.184.215.0/24" }] })).toEqual([]);
    expect(from("0.0.0.0/0", "443")).toEqual([]);
    expect(from("office")).toEqual([]);
  });

  const state = (backend: unknown, secretsProvider?: unknown, beside: Beside = {}) =>
    found(administration, [], {
      run: { backend, ...(secretsProvider !== undefined && { secretsProvider }) } as never,
      ...beside,
    }).map(({ property, severity, subject, outcome }) =>
      `${property} ${severity}${outcome === "violation" ? "" : "?"} ${subject?.host ?? ""}`.trim(),
    );

  test.each([
    ["file:///var/states", []],
    ["https://api.pulumi.com", ["backend refuse api.pulumi.com"]],
    ["http://api.pulumi.com", ["backend refuse api.pulumi.com"]],
    ["s3://states", ["backend refuse s3.amazonaws.com"]],
    ["s3://states?region=eu-central-1", ["backend refuse s3.eu-central-1.amazonaws.com"]],
    ["s3://states?endpoint=fsn1.your-objectstorage.com", []],
    ["s3://states?endpoint=https://s3.fr-par.scw.cloud&region=fr-par", []],
    ["s3://states?endpoint=s3.us-east-1.wasabisys.com", ["backend refuse s3.us-east-1.wasabisys.com"]],
    ["gs://states", ["backend refuse storage.googleapis.com"]],
    ["azblob://states", ["backend refuse blob.core.windows.net"]],
    ["https://states.shop-mail.de", ["backend warn? states.shop-mail.de"]],
    ["https://states.internal", []],
    ["postgres://states", ["backend warn?"]],
    ["nonsense", ["backend warn?"]],
    [undefined, ["backend warn?"]],
  ])("a state at %s", (backend, expected) => {
    expect(state(backend)).toEqual(expected);
  });

  test.each([
    [{ type: "passphrase" }, []],
    [{ type: "service" }, ["secretsProvider refuse api.pulumi.com"]],
    [{ type: "cloud", url: "awskms://alias/x" }, ["secretsProvider refuse kms.amazonaws.com"]],
    [{ type: "cloud", url: "gcpkms://projects/x" }, ["secretsProvider refuse cloudkms.googleapis.com"]],
    [
      { type: "cloud", url: "azurekeyvault://shop.vault.azure.net/keys/x" },
      ["secretsProvider refuse shop.vault.azure.net"],
    ],
    [{ type: "cloud", url: "azurekeyvault:" }, ["secretsProvider refuse vault.azure.net"]],
    [{ type: "cloud", url: "hashivault://x" }, ["secretsProvider warn?"]],
    [{ type: "cloud", url: HIDDEN }, ["secretsProvider warn?"]],
    [{ type: "cloud" }, ["secretsProvider warn?"]],
    ["passphrase", []],
  ])("keys with %j", (provider, expected) => {
    expect(state("file:///states", provider)).toEqual(expected);
  });

  test("words: no credentials, the scheme alone; what is unknown can be one's own or approved", () => {
    const message = (run: object) => found(administration, [], { run: run as never })[0]?.message;
    expect(message({ backend: "postgres://ada:hunter2@db/x" })).toBe(
      "The state is with something that this rule does not know: postgres:.",
    );
    expect(message({ backend: "nonsense" })).toContain("not a URL");
    expect(message({ backend: "https://api.pulumi.com" })).toMatch(
      /^The state is with api\.pulumi\.com: Pulumi.*, United States, outside the EU\.$/,
    );
    expect(message({ backend: "https://a.shop-mail.de" })).toBe(
      "The state is with a.shop-mail.de: who runs that is not known.",
    );
    expect(message({ backend: "file:///x", secretsProvider: { type: "cloud", url: HIDDEN } })).toContain(
      "(it is a secret)",
    );
    expect(message({ backend: "file:///x", secretsProvider: { type: "cloud" } })).not.toContain("(it is a secret)");
    expect(state("https://a.shop-mail.de", undefined, { settings: { ownDomains: ["shop-mail.de"] } })).toEqual([]);
    expect(state("https://a.shop-mail.de", undefined, { services: [{ endpoint: "a.shop-mail.de" }] })).toEqual([]);
    expect(found(administration, [], { source: { stack: "prod" } })[0]?.resource).toMatchObject({
      urn: "stack#prod",
      name: "prod",
    });
    expect(found(administration, [])[0]?.resource).toMatchObject({ urn: "stack#test", type: "pulumi:pulumi:Stack" });
    expect(found(administration, [], { source: { kind: "manifests" } })).toEqual([]);
  });
});

describe("the register's review", () => {
  const reviewed = (entry: object, settings: unknown = {}) =>
    found(registerReview, [], { services: [{ endpoint: "api.shop-mail.de", ...entry }], settings });

  test("from the day after its date on it is overdue", () => {
    expect(reviewed({ reviewDate: "2026-11-22" })).toEqual([]);
    expect(reviewed({ reviewDate: "2026-11-21" })[0]).toMatchObject({
      severity: "refuse",
      resource: { urn: "register#api.shop-mail.de", type: "approved-service", name: "api.shop-mail.de" },
      subject: { host: "api.shop-mail.de", vendor: "Example" },
      message: "The review of api.shop-mail.de (Example) was due on 2026-11-21.",
    });
  });

  test("one under another law is shown", () => {
    expect(reviewed({ jurisdiction: "US" })[0]).toMatchObject({
      severity: "warn",
      subject: { jurisdiction: "US" },
      message: "api.shop-mail.de (Example) is approved, and under the law of United States.",
    });
    expect(reviewed({ jurisdiction: "CH" })).toHaveLength(1);
    expect(reviewed({ jurisdiction: "CH" }, { adequate: "allow" })).toEqual([]);
    expect(reviewed({ jurisdiction: "NO" })).toEqual([]);
  });
});

describe("what could not be seen", () => {
  const blind = (inputs: object, type = SERVER, more: Partial<Resource> = {}, beside?: Beside) =>
    told(unseen, [it(type, inputs, more)], beside);

  test("a secret, something computed, broken or encrypted", () => {
    expect(blind({ userData: HIDDEN })).toEqual(["it: warn? userData"]);
    expect(blind({ userData: COMPUTED })).toEqual(["it: warn? userData"]);
    expect(found(unseen, [it(SERVER, { userData: HIDDEN })])[0]).toMatchObject({
      message: "Where userData of it leads could not be seen: it is a secret that the source does not show.",
      fix: expect.stringContaining("policy pack"),
    });
    expect(found(unseen, [it(SERVER, { userData: COMPUTED })])[0]?.message).toContain(
      "it is known only after the deployment",
    );
    expect(blind({ userData: HIDDEN }, SERVER, {}, { settings: { notEstablished: "refuse" } })).toEqual([
      "it: refuse? userData",
    ]);
  });

  test("one finding for each reason, with the first five properties", () => {
    const names = ["aUrl", "bUrl", "cUrl", "dUrl", "eUrl", "fUrl", "gUrl"];
    const all = Object.fromEntries(names.map((name) => [name, HIDDEN]));
    expect(found(unseen, [it(SERVER, { ...all, hUrl: COMPUTED })]).map(({ message }) => message)).toEqual([
      "Where aUrl, bUrl, cUrl, dUrl, eUrl and 2 more of it lead could not be seen: it is a secret that the source does not show.",
      "Where hUrl of it leads could not be seen: it is known only after the deployment.",
    ]);
    const five = Object.fromEntries(names.slice(0, 5).map((name) => [name, HIDDEN]));
    expect(found(unseen, [it(SERVER, five)])[0]?.message).not.toContain("more");
  });

  test("known too late, of what holds data, is refused where it asks for an endpoint", () => {
    const volume = "hcloud:index/volume:Volume";
    expect(blind({ webhookUrl: COMPUTED }, volume)).toEqual(["it: refuse? webhookUrl"]);
    expect(blind({ webhookUrl: HIDDEN }, volume)).toEqual(["it: warn? webhookUrl"]);
    expect(blind({ settings: COMPUTED }, volume)).toEqual(["it: warn? settings"]);
    expect(blind({ webhookUrl: COMPUTED })).toEqual(["it: warn? webhookUrl"]);
  });

  test.each([
    "url",
    "baseUrl",
    "uri",
    "endpoint",
    "endpoints",
    "host",
    "hosts",
    "hostname",
    "server",
    "address",
    "dsn",
    "webhook",
    "registry",
    "repository",
    "userData",
    "target",
    "connectionString",
    "settings",
    "a.b.url",
    'a["my-url"]',
    "urls[0]",
  ])("%s may lead somewhere", (property) => {
    const [top = "", ...rest] = property.split(/[.[]/);
    const inputs =
      rest.length === 0
        ? { [top]: HIDDEN }
        : property === "a.b.url"
          ? { a: { b: { url: HIDDEN } } }
          : property === "urls[0]"
            ? { urls: [HIDDEN] }
            : { a: { "my-url": HIDDEN } };
    expect(blind(inputs, "x:y:Z")).toEqual([`it: warn? ${property}`]);
  });

  test.each([
    "id",
    "serverId",
    "ids",
    "arn",
    "roleArn",
    "urn",
    "name",
    "names",
    "password",
    "passphrase",
    "token",
    "secret",
    "salt",
    "sshKey",
    "sshKeys",
    "publicKey",
    "privateKey",
    "certificate",
    "certificates",
    "fingerprint",
    "etag",
    "hash",
    "sha256",
    "version",
    "size",
    "port",
    "count",
    "ip",
    "ips",
    "ipv4",
    "ipv6",
    "cidr",
    "ipRange",
    "subnet",
    "zone",
    "keys",
    "key",
    "label",
    "labels",
    "tag",
    "tags",
    "username",
    "user",
    "role",
    "policy",
    "state",
    "status",
    "mac",
  ])("%s leads nowhere", (property) => {
    expect(blind({ [property]: COMPUTED }, "x:y:Z")).toEqual([]);
    expect(blind({ [property]: HIDDEN }, "x:y:Z")).toEqual([]);
  });

  test("an operating system's image is the provider's own; elsewhere an image has a registry", () => {
    for (const type of [
      SERVER,
      "digitalocean:index/droplet:Droplet",
      "scaleway:instance/server:Server",
      "linode:index/instance:Instance",
      "vultr:index/instance:Instance",
      "gcp:compute/instance:Instance",
      "openstack:compute/instance:Instance",
      "exoscale:index/computeInstance:ComputeInstance",
    ])
      expect(blind({ image: COMPUTED }, type)).toEqual([]);
    expect(blind({ image: COMPUTED }, "docker:index/container:Container")).toEqual(["it: warn? image"]);
    expect(blind({ image: COMPUTED }, `x${SERVER}`)).toEqual(["it: warn? image"]);
  });

  test("what its component shows without the secrets in it has been seen", () => {
    const parent = (inputs: object, custom = false) => it("shop:host:Host", inputs, { name: "host", custom });
    const child = (why = HIDDEN) => it(SERVER, { userData: why }, { parent: parent({}).urn });
    expect(told(unseen, [parent({ userData: "#cloud-config" }), child()])).toEqual([]);
    expect(told(unseen, [parent({ userData: "#cloud-config" }), child(COMPUTED)])).toEqual([]);
    expect(told(unseen, [parent({ userData: "" }), child()])).toHaveLength(1);
    expect(told(unseen, [parent({ userData: 7 }), child()])).toHaveLength(1);
    expect(told(unseen, [parent({}), child()])).toHaveLength(1);
    expect(told(unseen, [parent({ userData: "#cloud-config" }, true), child()])).toHaveLength(1);
    expect(told(unseen, [child()])).toHaveLength(1);
  });

  test("what only resources of accepted providers give leads to these, unless it asks for an endpoint", () => {
    const network = it("hcloud:index/network:Network", {}, { name: "network" });
    const bucket = it(BUCKET, {}, { name: "bucket" });
    const from = (property: string, ...urns: string[]) =>
      it("x:y:Z", { [property]: COMPUTED }, { propertyDependencies: { [property]: urns } });
    expect(told(unseen, [network, from("config", network.urn)])).toEqual([]);
    expect(told(unseen, [network, from("url", network.urn)])).toEqual(["it: warn? url"]);
    expect(told(unseen, [bucket, from("config", bucket.urn)])).toEqual(["it: warn? config"]);
    expect(told(unseen, [network, bucket, from("config", network.urn, bucket.urn)])).toHaveLength(1);
    expect(told(unseen, [from("config", "urn:nothing")])).toHaveLength(1);
    expect(told(unseen, [from("config")])).toHaveLength(1);
    expect(told(unseen, [it("x:y:Z", { constructor: COMPUTED })])).toHaveLength(1);
    const nested = it("x:y:Z", { config: { a: COMPUTED } }, { propertyDependencies: { config: [network.urn] } });
    expect(told(unseen, [network, nested])).toEqual([]);
    const secret = it("x:y:Z", { config: HIDDEN }, { propertyDependencies: { config: [network.urn] } });
    expect(told(unseen, [network, secret])).toHaveLength(1);
  });

  test("a policy pack says it in the end; what stands nowhere is not asked", () => {
    expect(blind({ userData: COMPUTED }, SERVER, {}, PACK)).toEqual(["it: warn? userData"]);
    expect(blind({ url: COMPUTED }, "random:x:Y", {}, PACK)).toEqual([]);
    expect(blind({ url: COMPUTED }, "random:x:Y")).toEqual([]);
  });

  test("a broken encoding has a place", () => {
    const userData = "#cloud-config\nwrite_files:\n  - {path: /a, encoding: gz+b64, content: H4sIAAAAAAAAA0vOyy9R}\n";
    expect(found(unseen, [it(SERVER, { userData })])[0]).toMatchObject({
      property: "userData",
      place: expect.arrayContaining([expect.stringContaining("write_files")]),
      message: expect.stringContaining("looks encoded and cannot be decoded"),
    });
    expect(found(unseen, [it(SERVER, { userData: HIDDEN })])[0]).not.toHaveProperty("place");
  });
});
