import { holdsData } from "../../../catalogue/stateful-types.ts";
import type { Resource } from "../../../graph/model.ts";
import type { Rule } from "../../core/types.ts";
import { dataClasses, isPlaced } from "../resource.ts";
import { entriesOf, isObject, valuesAt } from "../values.ts";

const HOLDERS = ["labels", "tags", "metadata.labels"];

/** Whose it is, and which data it holds. */
export const labels: Rule = {
  id: "operations/labels",
  title: "Required labels and data classes are there",
  description: `Setting \`requiredLabels\` names labels that every resource with labels or tags has to carry. Where any is named, whatever holds data has to state its data classes too
(setting \`classLabels\`): a rule for data classes can only guard what says what it is.`,
  severity: "warn",
  controls: ["c5-am-09", "waf-sov-010", "gdpr-30"],
  examples: {
    bad: `settings: {requiredLabels: [team]}
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {role: web}}
`,
    good: `settings: {requiredLabels: [team]}
resources:
  web:
    type: hcloud:Server
    properties: {serverType: cpx22, image: debian-13, location: fsn1, labels: {team: shop}}
`,
  },
  applies: (resource, { settings }) =>
    settings.requiredLabels.length > 0 &&
    isPlaced(resource) &&
    (present(resource) !== undefined || holdsData(resource.type) !== undefined),
  *resource(resource, { settings }) {
    const there = present(resource);
    const missing = there ? settings.requiredLabels.filter((name) => !there.has(name)) : [];
    if (missing.length > 0)
      yield {
        resource,
        outcome: "violation",
        message: `${resource.name} lacks the labels ${missing.join(", ")}.`,
        why: "Labels say whose a resource is and what may be done with it, also to whoever finds it in the provider's console.",
        fix: "Add them, best in one place for all resources.",
      };
    if (holdsData(resource.type) && dataClasses(resource, settings).length === 0)
      yield {
        resource,
        outcome: "violation",
        message: `${resource.name} holds ${holdsData(resource.type)!.holds} and states no data class.`,
        why: "Only what says which data it holds can be kept where these have to stay.",
        fix: `Add a label ${settings.classLabels[0] ?? "data-class"}, for instance personal or public.`,
      };
  },
};

/** Names of the labels; undefined where the resource has none at all (not every type can). */
function present({ inputs }: Resource): ReadonlySet<string> | undefined {
  const holders = HOLDERS.flatMap((holder) => valuesAt(inputs, holder));
  if (holders.length === 0) return undefined;
  return new Set(
    holders.flatMap(({ path, value }) =>
      isObject(value)
        ? Object.keys(value)
        : entriesOf({ path, value }).flatMap((entry) =>
            typeof entry.value === "string" ? [entry.value.split(/[=:]/)[0]!] : [],
          ),
    ),
  );
}
