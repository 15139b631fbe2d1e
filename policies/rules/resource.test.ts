import { describe, expect, test } from "vitest";
import { Secret } from "../../graph/model.ts";
import { parseSettings } from "../core/settings.ts";
import { resource } from "../core/testing.ts";
import {
  dataClasses,
  isPlaced,
  isProviderResource,
  isSelfRun,
  isStateful,
  packageOf,
  sovereignClasses,
} from "./resource.ts";

const settings = parseSettings({});
const of = (inputs: Parameters<typeof resource>[0]["inputs"], more = settings) =>
  dataClasses(resource({ type: "hcloud:index/server:Server", inputs }), more);

test("the package of a type, and of a provider the one that it is for", () => {
  expect(packageOf("aws:s3/bucket:Bucket")).toBe("aws");
  expect(packageOf("pulumi:providers:aws")).toBe("aws");
  expect(packageOf("pulumi:pulumi:Stack")).toBe("pulumi");
  expect(packageOf("other:providers:aws")).toBe("other");
  expect(packageOf("")).toBe("");
  expect(packageOf("pulumi:providers")).toBe("");
});

test("providers are told from what they make", () => {
  expect(isProviderResource(resource({ type: "pulumi:providers:aws" }))).toBe(true);
  expect(isProviderResource(resource({ type: "aws:s3/bucket:Bucket" }))).toBe(false);
});

test.each([
  "command:local:Command",
  "local:index/file:File",
  "null:index/resource:Resource",
  "pulumi:pulumi:Stack",
  "pulumi-nodejs:dynamic:Resource",
  "pulumi-python:dynamic:Resource",
  "random:index/randomPassword:RandomPassword",
  "std:index:x",
  "synced-folder:index:x",
  "terraform:state:x",
  "time:index/sleep:Sleep",
  "tls:index/privateKey:PrivateKey",
])("%s stands in no cloud", (type) => {
  expect(isPlaced(resource({ type }))).toBe(false);
});

test("other resources stand somewhere; of components the children do", () => {
  expect(isPlaced(resource({ type: "aws:s3/bucket:Bucket" }))).toBe(true);
  expect(isPlaced(resource({ type: "aws:s3/bucket:Bucket", custom: false }))).toBe(false);
});

test.each([
  "consul",
  "docker",
  "docker-build",
  "elasticstack",
  "gitlab",
  "grafana",
  "harbor",
  "kafka",
  "keycloak",
  "kubernetes-cert-manager",
  "kubernetes-ingress-nginx",
  "libvirt",
  "minio",
  "mongodb",
  "mysql",
  "nomad",
  "openstack",
  "postgresql",
  "proxmoxve",
  "rabbitmq",
  "rancher2",
  "redis",
  "rke",
  "vault",
  "vsphere",
])("%s is run by whoever installed it", (name) => {
  expect(isSelfRun(resource({ type: `${name}:index/x:X` }))).toBe(true);
  expect(isSelfRun(resource({ type: `pulumi:providers:${name}` }))).toBe(true);
});

test("a cloud is run by its company", () => {
  expect(isSelfRun(resource({ type: "aws:s3/bucket:Bucket" }))).toBe(false);
});

describe("data classes", () => {
  test.each([
    ["labels", { labels: { "data-class": "personal" } }],
    ["tags", { tags: { "data-class": "personal" } }],
    ["Kubernetes' labels", { metadata: { labels: { "data-class": "personal" } } }],
    ["Kubernetes' annotations", { metadata: { annotations: { "data-class": "personal" } } }],
    ["a provider's default tags", { defaultTags: { tags: { "data-class": "personal" } } }],
    ["Google's labels of databases", { userLabels: { "data-class": "personal" } }],
    ["Google's labels of clusters", { resourceLabels: { "data-class": "personal" } }],
    ["a property", { dataClass: "personal" }],
    ["a property with several", { dataClasses: ["personal"] }],
    ["Scaleway's tags", { tags: ["data-class=personal"] }],
    ["DigitalOcean's tags", { tags: ["data-class:personal"] }],
    ["tags with spaces", { tags: ["other", " data-class = personal"] }],
    ["a secret", { labels: { "data-class": new Secret("personal") } }],
    ["a label in capitals", { labels: { "data-class": "PERSONAL" } }],
  ])("stand in %s", (_, inputs) => {
    expect(of(inputs as never).map((name) => name.trim())).toEqual(["personal"]);
  });

  test.each(["data-class", "data-classes", "dataClass", "dataClasses"])("%s is such a label", (label) => {
    expect(of({ labels: { [label]: "personal" } })).toEqual(["personal"]);
  });

  test("several are told apart, sorted, each once", () => {
    for (const text of ["public,personal", "public;personal", "public.personal", "public personal", "public_personal"])
      expect(of({ labels: { "data-class": text } })).toEqual(["personal", "public"]);
    expect(of({ labels: { "data-class": "public, personal,, public" }, tags: { dataClass: "public" } })).toEqual([
      "personal",
      "public",
    ]);
    expect(of({ dataClasses: ["public", 7, "personal"] as never })).toEqual(["personal", "public"]);
  });

  test.each([
    ["no labels", {}],
    ["other labels", { labels: { role: "personal" } }],
    ["other tags", { tags: ["role=personal", "personal", "=personal", "data-class"] }],
    ["what an object has of itself", { labels: { constructor: "personal" } }],
    ["a number", { labels: { "data-class": 7 } }],
    ["numbers among tags", { tags: [7] }],
    ["a text for labels", { labels: "data-class=personal" }],
  ])("are not taken from %s", (_, inputs) => {
    expect(of(inputs as never)).toEqual([]);
    expect(of({ labels: {} }, parseSettings({ classLabels: ["constructor"] }))).toEqual([]);
  });

  test("other labels by setting; and those that have to stay", () => {
    const own = parseSettings({ classLabels: ["klasse"], sovereignClasses: ["geheim"] });
    const it = resource({
      type: "x:y:Z",
      inputs: { tags: ["klasse=geheim,offen"], labels: { "data-class": "personal" } },
    });
    expect(dataClasses(it, own)).toEqual(["geheim", "offen"]);
    expect(sovereignClasses(it, own)).toEqual(["geheim"]);
    expect(sovereignClasses(it, settings)).toEqual(["personal"]);
  });

  test("make a resource stateful, as its type does", () => {
    expect(isStateful(resource({ type: "hcloud:index/volume:Volume" }), settings)).toBe(true);
    expect(isStateful(resource({ type: "x:y:Z", inputs: { labels: { "data-class": "public" } } }), settings)).toBe(
      true,
    );
    expect(isStateful(resource({ type: "x:y:Z" }), settings)).toBe(false);
  });
});
