import { describe, expect, test } from "vitest";
import { COMPUTED, Secret } from "../../../graph/model.ts";
import { resource } from "../../core/testing.ts";
import type { Rule } from "../../core/types.ts";
import { found, told } from "../testing.ts";
import { pinnedImages } from "./images.ts";

/** What a rule says of one resource. */
const of = (rule: Rule, type: string, inputs: unknown, more: object = {}) =>
  told(rule, [resource({ type, inputs: inputs as never, ...more })]);

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
