/** The one JSON document that plain `pulumi preview --json` prints. */
import { isObject, listAt, objectAt, type RawObject, type StepNames, stepAt } from "./checks.ts";
import { Entry } from "./entry.ts";
import { InputError } from "./errors.ts";
import { type Diagnostic, MAX_RESOURCES, stackOf } from "./events.ts";
import { parseJson } from "./json.ts";
import { maskSecrets } from "./mask.ts";
import type { Graph, Resource } from "./model.ts";
import { toProperties } from "./values.ts";

const NAMES: StepNames = {
  before: "oldState",
  after: "newState",
  replaceKeys: "replaceReasons",
  diffKeys: "diffReasons",
  kind: "kind",
};

export interface Preview {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  /** Number of resources by operation, as the engine counted. */
  readonly changes: Readonly<Record<string, number>>;
}

/**
 * Reads a plain preview. It tells dependencies, which the event stream does not, but no policy results.
 * @throws {InputError} for anything else than a whole preview.
 */
export function readPreview(text: string, name: string): Preview {
  const place = { source: name };
  const root = objectAt(parseJson(text, name), "a preview", place);
  if (!("steps" in root) && !("changeSummary" in root)) {
    throw new InputError(name, 'this is no preview: it has no "steps"; make one with pulumi preview --json');
  }
  const steps = listAt(root.steps, "steps", place);
  if (!isObject(root.changeSummary)) {
    throw new InputError(
      name,
      'the preview has no "changeSummary": it did not get to its end, or is not from pulumi preview --json',
    );
  }
  if (steps.length > MAX_RESOURCES) throw new InputError(name, `more than ${MAX_RESOURCES} steps`);
  const entries = new Map<string, Entry>();
  steps.forEach((raw, index) => {
    const step = { ...stepAt(raw, `steps[${index}]`, NAMES, place), line: index + 1 };
    let entry = entries.get(step.urn);
    if (!entry) {
      entry = new Entry(step, `step ${index + 1}`);
      entries.set(step.urn, entry);
    }
    entry.announce(step);
    entry.complete(step);
  });
  const resources = [...entries.values()].map((entry) => entry.resource(name));
  const stack = stackOf(resources);
  const config = root.config ?? {};
  const unchanged = unchangedOf(root.changeSummary, resources);
  return {
    graph: {
      source: { kind: "preview", name, ...(stack && { stack: stack.name, project: stack.project }) },
      resources,
      settings: { config: toProperties(objectAt(config, "config", place), place) },
      limits: [
        "a plain preview has no policy results; PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json has",
        "a plain preview does not show default providers: what they are told is in the configuration",
        ...(unchanged
          ? [
              `a plain preview leaves out what stays as it is: ${unchanged} resources are not looked at, nor whether they keep their protection`,
            ]
          : []),
      ],
    },
    diagnostics: listAt(root.diagnostics, "diagnostics", place).flatMap(diagnostic),
    changes: Object.fromEntries(Object.entries(root.changeSummary).filter(([, n]) => typeof n === "number")) as Record<
      string,
      number
    >,
  };
}

function unchangedOf(counted: RawObject, resources: readonly Resource[]): number {
  const kept = resources.filter(({ change }) => change?.op === "same").length;
  return typeof counted.same === "number" ? Math.max(0, counted.same - kept) : 0;
}

function diagnostic(raw: unknown): Diagnostic[] {
  if (!isObject(raw) || raw.severity === "debug" || typeof raw.message !== "string") return [];
  const { severity, message, urn } = raw as RawObject & { message: string };
  return [
    {
      severity: severity === "warning" || severity === "error" ? severity : "info",
      message: maskSecrets(message).trim(),
      ...(typeof urn === "string" && urn && { urn }),
      line: 0,
    },
  ];
}
