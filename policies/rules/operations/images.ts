import type { Resource, Value } from "../../../graph/model.ts";
import { Unseen } from "../../../graph/model.ts";
import type { Rule } from "../../core/types.ts";
import { type At, entriesOf, isObject, open, valuesAt } from "../values.ts";

/** Where types say which image they run; `containers` at any depth for Kubernetes. */
const PROPERTIES: readonly { readonly type: RegExp; readonly properties: readonly string[] }[] = [
  { type: /^docker:index\/(?:container|service):/, properties: ["image", "taskSpec.containerSpec.image"] },
  { type: /^scaleway:(?:containers\/container|index\/container):/, properties: ["registryImage"] },
  { type: /^gcp:cloudrun/, properties: ["template.containers.image", "template.spec.containers.image"] },
  { type: /^azure-native:containerinstance:/, properties: ["containers.image"] },
  { type: /^azure-native:app:/, properties: ["template.containers.image"] },
];

const LISTS = ["containers", "initContainers", "ephemeralContainers"];
const POD_PATHS = ["spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec", "template.spec"];

/** What runs tomorrow is what was looked at today. */
export const pinnedImages: Rule = {
  id: "operations/images",
  title: "Container images are pinned by digest",
  description: `A tag can be pointed at something else at any time; a digest cannot. Looks at the containers, init containers and ephemeral containers of all kinds of Kubernetes workloads,
and at the container resources of providers.`,
  severity: "warn",
  controls: ["csf-sov-5", "gdpr-32"],
  examples: {
    bad: `resources:
  web:
    type: kubernetes:core/v1:Pod
    properties:
      spec:
        containers: [{name: web, image: "registry.internal/web:1.2"}]
`,
    good: `resources:
  web:
    type: kubernetes:core/v1:Pod
    properties:
      spec:
        containers: [{name: web, image: "registry.internal/web:1.2@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"}]
`,
  },
  applies: (resource) => images(resource).length > 0,
  *resource(resource) {
    for (const { path, value } of images(resource)) {
      if (value instanceof Unseen) {
        yield {
          resource,
          outcome: "not-established",
          property: path,
          message: `Which image ${resource.name} runs (${path}) could not be seen.`,
          why: WHY,
          fix: "Give the image with its digest in the program.",
        };
        continue;
      }
      if (typeof value !== "string" || /@sha256:[0-9a-f]{64}$/.test(value)) continue;
      yield {
        resource,
        outcome: "violation",
        property: path,
        message: `${resource.name} runs ${value}, which is pinned by no digest.`,
        why: WHY,
        fix: "Add the digest: `name:tag@sha256:…` (`skopeo inspect` or the registry tells it).",
      };
    }
  },
};

const WHY = "A tag can be pointed at something else at any time: what was reviewed is then not what runs.";

function images({ type, inputs }: Resource): At[] {
  const paths = type.startsWith("kubernetes:")
    ? POD_PATHS.flatMap((path) => LISTS.map((list) => `${path}.${list}`))
    : PROPERTIES.filter((form) => form.type.test(type)).flatMap(({ properties }) => properties);
  if (!type.startsWith("kubernetes:")) return paths.flatMap((path) => valuesAt(inputs, path));
  return paths.flatMap((path) => valuesAt(inputs, path).flatMap(entriesOf)).flatMap(imageOf);
}

function imageOf({ path, value }: At): At[] {
  if (value instanceof Unseen) return [{ path, value }];
  const image: Value | undefined = isObject(value) ? open(value.image) : undefined;
  return image === undefined ? [] : [{ path: `${path}.image`, value: image }];
}
