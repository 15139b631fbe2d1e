import { describe, expect, test } from "vitest";
import { COMPUTED, HIDDEN, Secret } from "../../graph/model.ts";
import { parsePattern, valuesAtPattern } from "./select.ts";

const properties = {
  location: "fsn1",
  zones: ["a", "b"],
  replicas: [{ region: "eu-west-1" }, { region: "us-east-1" }],
  one: { region: "eu-west-3" },
  spec: {
    nodeSelector: { "topology.kubernetes.io/zone": "hel1-dc2" },
    terms: [
      { key: "topology.kubernetes.io/region", values: ["fsn1", "ash"] },
      { key: "disk", values: ["ssd"] },
    ],
  },
  secret: new Secret({ region: new Secret("nbg1") }),
  hidden: HIDDEN,
  later: [COMPUTED, { region: COMPUTED }],
  nothing: null,
};

describe("values at a pattern", () => {
  test.each([
    ["location", ["location=fsn1"]],
    ["zones", ["zones[0]=a", "zones[1]=b"]],
    ["replicas[*].region", ["replicas[0].region=eu-west-1", "replicas[1].region=us-east-1"]],
    ["replicas.region", ["replicas[0].region=eu-west-1", "replicas[1].region=us-east-1"]],
    ["one[*].region", ["one.region=eu-west-3"]],
    ['spec.nodeSelector["topology.kubernetes.io/zone"]', ['spec.nodeSelector["topology.kubernetes.io/zone"]=hel1-dc2']],
    [
      'spec.terms[key="topology.kubernetes.io/region"].values',
      ["spec.terms[0].values[0]=fsn1", "spec.terms[0].values[1]=ash"],
    ],
    ["secret.region", ["secret.region=nbg1"]],
    ["location.deeper", []],
    ["nothing", []],
    ["missing.too", []],
    ["toString", []],
  ])("%s", (pattern, expected) => {
    expect(valuesAtPattern(properties, pattern).map(({ path, value }) => `${path}=${value}`)).toEqual(expected);
  });

  test("what cannot be seen answers for everything below it", () => {
    expect(valuesAtPattern(properties, "hidden.region")).toEqual([{ path: "hidden", value: HIDDEN }]);
    expect(valuesAtPattern(properties, "later[*].region")).toEqual([
      { path: "later[0]", value: COMPUTED },
      { path: "later[1].region", value: COMPUTED },
    ]);
    expect(valuesAtPattern(properties, 'later[key="x"].region')).toEqual([{ path: "later[0]", value: COMPUTED }]);
  });

  test.each(["a..b", "[0]", "a[", "a[x]", ".", "a b"])("%s is no pattern", (pattern) => {
    expect(() => parsePattern(pattern)).toThrow(/no property path/);
  });
});
