import { expect, test } from "vitest";
import { COMPUTED } from "../../graph/model.ts";
import { graph, resource } from "../core/testing.ts";
import type { Finding, Rule } from "../core/types.ts";
import { perGraph, resourcesByUrn } from "./graph-index.ts";
import { endpoints } from "./sovereignty/endpoints.ts";
import { location } from "./sovereignty/location.ts";
import { unseen } from "./sovereignty/unseen.ts";
import { checkOf } from "./testing.ts";

test("what is known of a graph is carried on as it grows, each resource once", () => {
  const asked: string[] = [];
  const names = perGraph<string[], string>(
    () => [],
    (known, { name }, prefix) => {
      asked.push(name);
      known.push(prefix + name);
    },
  );
  const resources = [resource({ type: "x:y:Z", name: "a" })];
  const growing = graph(resources);
  expect(names(growing, "-")).toEqual(["-a"]);
  resources.push(resource({ type: "x:y:Z", name: "b" }));
  expect(names(growing, "-")).toEqual(["-a", "-b"]);
  expect(asked).toEqual(["a", "b"]);
  expect(names(graph(resources), "+")).toEqual(["+a", "+b"]);
  expect(resourcesByUrn(growing).get(resources[1]!.urn)).toBe(resources[1]);
});

const web = resource({
  type: "kubernetes:core/v1:ConfigMap",
  name: "web",
  inputs: { data: { URL: "http://cache.shop/" } },
});

test.each<[string, Rule, ReturnType<typeof resource>, string]>([
  ["names that may be a Service's", endpoints, web, "cache.shop"],
  [
    "a place that nobody states",
    location,
    resource({ type: "aws:ec2/instance:Instance" }),
    "Neither it nor its provider",
  ],
  [
    "what could not be seen",
    unseen,
    resource({ type: "hcloud:index/server:Server", inputs: { userData: COMPUTED } }),
    "userData",
  ],
])("%s: a pack is told in the end, everybody else at once, and nobody twice", (_, rule, it, about) => {
  const said = (findings: readonly Finding[]) => findings.filter(({ message }) => message.includes(about)).length;
  const each = (kind: "policy-pack" | "events") => {
    const check = checkOf([rule], [it], { source: { kind } });
    return [said(check.resource(it)), said(check.stack())];
  };
  expect(each("policy-pack")).toEqual([0, 1]);
  expect(each("events")).toEqual([1, 0]);
});
