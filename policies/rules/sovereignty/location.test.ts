import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Resource, Secret } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { type Beside, found, told } from "../testing.ts";
import { location } from "./location.ts";

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

  test("why it matters is said by standing", () => {
    const why = (type: string, inputs: unknown, settings: unknown = {}) =>
      found(location, [it(type, inputs)], { settings })[0]?.why;
    expect(why(SERVER, { location: "ash" })).toContain("under another law");
    expect(why(SERVER, { location: "new1" })).toContain("cannot be shown to an auditor");
    expect(why("aws:ec2/instance:Instance", { availabilityZone: "eu-central-2a" })).toMatch(
      /adequacy decision|Zurich/i,
    );
    expect(why("azure-native:compute:VirtualMachine", { location: "norwayeast" }, { eea: "refuse" })).toContain(
      "GDPR holds there",
    );
    expect(told(location, [it("azure-native:compute:VirtualMachine", { location: "norwayeast" })])).toEqual([]);
  });

  test("regions that would do are all inside; where the provider has none, none is named", () => {
    const fix = (type: string, inputs: unknown) => found(location, [it(type, inputs)])[0]?.fix;
    expect(fix(SERVER, { location: "ash" })).toBe("Use a region in the EU, for instance fsn1, nbg1, hel1.");
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
