import { describe, expect, test } from "vitest";
import { COMPUTED, type Resource, Secret } from "../../../graph/model.ts";
import { parseSettings } from "../../core/settings.ts";
import { resource } from "../../core/testing.ts";
import { isFlexible } from "../resource.ts";
import { context, found } from "../testing.ts";
import { boundary } from "./boundary.ts";

const settings = { flexibleClasses: ["static", "public"] };
const SERVER = "hcloud:index/server:Server";

const thing = (name: string, type: string, ...on: Resource[]) =>
  resource({ type, name, dependencies: on.map(({ urn }) => urn) });
const server = (name: string, dataClass: string, location: string, on: readonly Resource[] = [], inputs: object = {}) =>
  resource({
    type: SERVER,
    name,
    inputs: { location, labels: { "data-class": dataClass }, ...inputs } as never,
    dependencies: on.map(({ urn }) => urn),
  });
const orders = (on: readonly Resource[] = [], inputs: object = {}) => server("orders", "personal", "fsn1", on, inputs);
const pictures = (on: readonly Resource[] = [], inputs: object = {}) => server("pictures", "static", "ash", on, inputs);
const firewall = thing("office", "hcloud:index/firewall:Firewall");
const said = (...resources: Resource[]) => found(boundary, resources, { settings }).map(({ message }) => message);
const SHARED =
  "pictures stands outside the EU and shares office with orders, which holds personal data: pictures - office - orders.";

describe("what both depend on", () => {
  test("is refused, with the path and what is shared", () => {
    expect(said(firewall, orders([firewall]), pictures([firewall]))).toEqual([SHARED]);
    expect(found(boundary, [firewall, orders([firewall]), pictures([firewall])], { settings })[0]).toMatchObject({
      severity: "refuse",
      outcome: "violation",
      place: ["office"],
      resource: { name: "pictures" },
    });
  });

  test("also over what is between, on either side", () => {
    const network = thing("net", "hcloud:index/network:Network");
    const subnet = thing("subnet", "hcloud:index/networkSubnet:NetworkSubnet", network);
    const far = thing("far", "x:y:Thing", network);
    expect(said(network, subnet, far, orders([subnet]), pictures([far]))).toEqual([
      "pictures stands outside the EU and shares net with orders, which holds personal data: pictures - far - net - subnet - orders.",
    ]);
  });

  test("over what attaches them, but not over the attachments of what is shared with nobody", () => {
    const network = thing("net", "hcloud:index/network:Network");
    const [a, b] = [orders(), pictures()];
    const first = thing("first", "hcloud:index/serverNetwork:ServerNetwork", network, a);
    const second = thing("second", "hcloud:index/serverNetwork:ServerNetwork", network, b);
    expect(said(network, a, b, first, second)).toEqual([
      "pictures stands outside the EU and shares net with orders, which holds personal data: pictures - second - net - first - orders.",
    ]);
    expect(said(network, a, b, first)).toEqual([]);
  });

  test.each([
    "Network",
    "Subnet",
    "Vpc",
    "SecurityGroup",
    "Firewall",
    "SshKey",
    "KeyPair",
    "Volume",
    "Disk",
    "RandomPassword",
    "RandomBytes",
    "PrivateKey",
    "Secret",
    "KmsKey",
    "Certificate",
    "Snapshot",
  ])("%s opens something", (kind) => {
    const shared = thing("shared", `x:y:${kind}`);
    expect(said(shared, orders([shared]), pictures([shared]))).toHaveLength(1);
  });

  test.each([
    "x:network:Thing",
    "x:y:VolumeAttachment",
    "x:y:RouteTableAssociation",
    "x:y:ServerNetwork",
    "x:y:LoadBalancerNetwork",
  ])("%s opens nothing", (type) => {
    const shared = thing("shared", type);
    expect(said(shared, orders([shared]), pictures([shared]))).toEqual([]);
  });

  test("a component is no thing to share, what it depends on is", () => {
    const component = { ...thing("part", "shop:x:Network", firewall), custom: false };
    expect(said(firewall, component, orders([component]), pictures([component]))).toEqual([
      expect.stringContaining("shares office with orders"),
    ]);
  });

  test("circles and what is not there end", () => {
    const a = { ...firewall, dependencies: [orders().urn, "urn:nothing"] };
    expect(said(a, orders([a]), pictures([a]))).toEqual([SHARED]);
  });
});

describe("who is outside, and who is inside", () => {
  const pair = (other: Resource, store = orders([firewall])) => said(firewall, store, other);

  test.each([
    ["in the EU", server("pictures", "static", "nbg1", [firewall])],
    ["of a class that may not leave", server("pictures", "internal", "ash", [firewall])],
    ["of no class", server("pictures", "", "ash", [firewall])],
    ["a component", { ...pictures([firewall]), custom: false }],
    ["of nobody's provider", { ...pictures([firewall]), type: "acme:x:Y" }],
  ])("%s: not looked at", (_, other) => {
    expect(pair(other)).toEqual([]);
  });

  test("an unknown place is outside; several classes may all leave, or none does", () => {
    expect(pair(server("pictures", "static", "new1", [firewall]))).toHaveLength(1);
    expect(
      pair({ ...pictures([firewall]), inputs: { location: COMPUTED, labels: { "data-class": "static" } } } as never),
    ).toHaveLength(1);
    expect(pair(server("pictures", "static,public", "ash", [firewall]))).toHaveLength(1);
    expect(pair(server("pictures", "static,personal", "ash", [firewall]))).toEqual([]);
    expect(pair(pictures([firewall]), server("orders", "internal", "fsn1", [firewall]))).toEqual([]);
  });

  test("flexible is what states classes, all of which may leave and none of which has to stay", () => {
    const of = (dataClass: string, more: object = settings) =>
      isFlexible(server("a", dataClass, "ash"), parseSettings(more));
    expect([of("static"), of("static,public"), of("static,other"), of(""), of("static", {})]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(of("personal", { flexibleClasses: ["personal"] })).toBe(false);
    const applies = (it: Resource) => boundary.applies(it, context([it], { settings }));
    expect([applies(pictures()), applies(orders()), applies({ ...pictures(), custom: false })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("the same value in both", () => {
  const same = (inputs: object, other: object = inputs) =>
    found(boundary, [orders([], inputs), pictures([], other)], { settings });

  test("is refused, with both places", () => {
    const [finding] = same({ sshKeys: ["ops"] }, { sshKeys: ["other", new Secret("ops")] });
    expect(finding).toMatchObject({
      outcome: "violation",
      property: "sshKeys[1]",
      message: "pictures stands outside the EU and names the same as sshKeys[0] of orders, which holds personal data.",
    });
  });

  test.each([
    "network",
    "networkId",
    "networks",
    "subnetId",
    "subnetwork",
    "vpcId",
    "securityGroups",
    "vpcSecurityGroupIds",
    "firewallIds",
    "sshKeys",
    "keyName",
    "keyPair",
    "volumeIds",
    "kmsKeyArn",
    "secretName",
    "certificateArns",
  ])("%s names something", (property) => {
    expect(same({ [property]: 7 })).toHaveLength(1);
    expect(same({ nested: [{ [property]: "x" }] })).toHaveLength(1);
    expect(same({ [property]: "x" }, { [property]: "y" })).toEqual([]);
  });

  test("other properties, other kinds, empty and missing values do not", () => {
    expect(same({ name: "x", myNetwork: "x", networking: "x" })).toEqual([]);
    expect(same({ network: "x" }, { firewall: "x" })).toEqual([]);
    expect(same({ network: "" })).toEqual([]);
    expect(same({ network: null })).toEqual([]);
    expect(same({ network: true })).toEqual([]);
    expect(same({ network: { label: "x" } })).toEqual([]);
    expect(same({ networkId: "x" }, { network: "x" })).toHaveLength(1);
  });
});

describe("where a source tells no dependencies", () => {
  const blind = { sshKeys: [COMPUTED], name: COMPUTED };

  test("what cannot be seen is not established", () => {
    expect(found(boundary, [orders(), pictures([], blind)], { settings })).toMatchObject([
      {
        severity: "warn",
        outcome: "not-established",
        property: "sshKeys[0]",
        message:
          "Whether pictures, which stands outside the EU, shares sshKeys[0] with data that have to stay could not be seen.",
      },
    ]);
  });

  test("but for where there is nothing to keep, or dependencies are told", () => {
    expect(said(pictures([], blind))).toEqual([]);
    expect(said(orders([firewall]), firewall, pictures([], blind))).toEqual([]);
  });
});
