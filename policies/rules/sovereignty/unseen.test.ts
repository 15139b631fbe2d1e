import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, type Resource } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { type Beside, found, told } from "../testing.ts";
import { unseen } from "./unseen.ts";

const it = (type: string, inputs: unknown = {}, more: Partial<Resource> = {}) =>
  resource({ type, inputs: inputs as never, ...more });
const BUCKET = "aws:s3/bucket:Bucket";
const SERVER = "hcloud:index/server:Server";
const PACK = { source: { kind: "policy-pack" } } as const;

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
