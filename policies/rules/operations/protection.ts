import { holdsData } from "../../../catalogue/stateful-types.ts";
import type { Resource } from "../../../graph/model.ts";
import { Unseen } from "../../../graph/model.ts";
import type { Rule } from "../../core/types.ts";
import { isPlaced } from "../resource.ts";
import { valuesAt } from "../values.ts";

/** Properties by which providers refuse a deletion, and the value that does. */
const PROTECTION: readonly { readonly property: string; readonly value: unknown }[] = [
  { property: "deleteProtection", value: true },
  { property: "deletionProtection", value: true },
  { property: "deletionProtectionEnabled", value: true },
  { property: "enableDeletionProtection", value: true },
  { property: "forceDestroy", value: false },
  { property: "isProtected", value: true },
  { property: "preventDestroy", value: true },
];

/** What holds data survives a slip. */
export const protection: Rule = {
  id: "operations/protection",
  title: "What holds data cannot be deleted by a slip",
  description: `Everything that holds data (volumes, databases, buckets, persistent claims, zones) has to be protected: by the engine (\`protect: true\`), or at the provider
where it offers that (\`deleteProtection\`, \`deletionProtection\`, \`forceDestroy: false\`). Where the provider offers it, both are better: the engine's protection does not hold in the
provider's console.

A stream or state says whether a resource is protected; manifests of Kubernetes do not, so they are left out.`,
  severity: "refuse",
  controls: ["dora-9", "dora-12", "gdpr-32", "csf-sov-7"],
  examples: {
    bad: `resources:
  data:
    type: hcloud:Volume
    properties: {size: 50, location: fsn1}
`,
    good: `resources:
  data:
    type: hcloud:Volume
    properties: {size: 50, location: fsn1, deleteProtection: true}
    options: {protect: true}
`,
  },
  applies: (resource, { graph }) =>
    graph.source.kind !== "manifests" && isPlaced(resource) && holdsData(resource.type) !== undefined,
  *resource(resource) {
    if (resource.protect || isProtectedThere(resource)) return;
    yield {
      resource,
      outcome: "violation",
      message: `${resource.name} holds ${holdsData(resource.type)!.holds}, and nothing protects it.`,
      why: "A renamed resource, a wrong stack or a changed property deletes it with the next update.",
      fix: "Set `protect: true` in its options, and the provider's own protection where there is one.",
    };
  },
};

function isProtectedThere({ inputs }: Resource): boolean {
  return PROTECTION.some(({ property, value }) =>
    valuesAt(inputs, property).some((at) => at.value === value || at.value instanceof Unseen),
  );
}
