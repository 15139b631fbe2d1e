import { expect, test } from "vitest";
import { COMPUTED, type Resource, Secret } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import { type Beside, context } from "../testing.ts";
import { placesOf } from "./places.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const of = (it: Resource, others: readonly Resource[] = [], beside?: Beside) => {
  const { places, source } = placesOf(it, context([it, ...others], beside));
  return [source, ...places.map(({ path, value }) => `${path}=${typeof value === "string" ? value : "?"}`)];
};
const bucket = (inputs: object = {}, more: Partial<Resource> = {}) =>
  resource({ type: BUCKET, inputs: inputs as never, ...more });

test("whose word it is, in order: its own, its provider's, the stack's, what it hangs on", () => {
  const provider = resource({ type: "pulumi:providers:aws", name: "eu", inputs: { region: "eu-west-1" } });
  const vm = resource({ type: "aws:ec2/instance:Instance", name: "vm", inputs: { availabilityZone: "eu-west-3a" } });
  const run = { config: { "aws:region": "eu-west-2" } };
  const it = (inputs: object) => bucket(inputs, { provider: provider.urn, dependencies: [vm.urn] });
  expect(of(it({ region: "eu-south-1" }), [provider, vm], { run })).toEqual(["own", "region=eu-south-1"]);
  expect(of(it({}), [provider, vm], { run })).toEqual(["provider", "provider.region=eu-west-1"]);
  expect(of(it({}), [vm], { run })).toEqual(["provider", "config.aws:region=eu-west-2"]);
  expect(of(it({}), [vm])).toEqual(["dependency", "availabilityZone=eu-west-3a"]);
  expect(of(it({}))).toEqual(["unset"]);
  expect(of(resource({ type: "aws:cloudfront/distribution:Distribution" }))).toEqual(["global"]);
  expect(of(resource({ type: "hcloud:index/volume:Volume" }))).toEqual(["placeless"]);
});

test("what is stated has to be a text that says something; what cannot be seen is no answer", () => {
  expect(of(bucket({ region: "" }))).toEqual(["unset"]);
  expect(of(bucket({ region: 7 }))).toEqual(["unset"]);
  expect(of(bucket({ region: COMPUTED }))).toEqual(["own", "region=?"]);
  expect(of(bucket({ region: new Secret("eu-west-1") }))).toEqual(["own", "region=eu-west-1"]);
  expect(of(bucket({}, { outputs: { region: "us-east-1" } }))).toEqual(["own", "region=us-east-1"]);
  for (const value of [7, ""] as never[])
    expect(of(bucket(), [], { run: { config: { "aws:region": value } } })).toEqual(["unset"]);
  expect(of(bucket(), [], { run: { config: "aws:region" } as never })).toEqual(["unset"]);
});

test("names of Amazon's resources are found at any depth that a provider's schema has", () => {
  const deep = (levels: number): object =>
    levels === 0 ? { arn: "arn:aws:kms:us-east-1:1:key/x" } : { a: [deep(levels - 1)] };
  const places = (levels: number) => of(bucket({ region: "eu-west-1", deep: deep(levels) })).length - 2;
  expect([places(0), places(10), places(19), places(40)]).toEqual([1, 1, 1, 0]);
  expect(of(bucket({ region: "eu-west-1", a: null, b: COMPUTED, c: true, d: ["arn:aws:kms::1:x"] }))).toEqual([
    "own",
    "region=eu-west-1",
  ]);
});
