import { describe, expect, test } from "vitest";
import { resource } from "../../core/testing.ts";
import { found } from "../testing.ts";
import { labels } from "./labels.ts";

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
