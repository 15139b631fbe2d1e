/** For tests and benches: inputs of reviews, and streams of any size. */
import { readText, type Source } from "../graph/read.ts";
import { loadPolicyInputs } from "../policies/files.ts";
import { packs } from "../policies/index.ts";
import { noApprovals, parseApprovals } from "./approvals.ts";
import { type ReviewInput, runOf } from "./input.ts";
import type { Review } from "./model.ts";
import { reviewOf } from "./review.ts";

/** The day of all tests. */
export const TODAY = "2026-11-22";

export function inputOf(
  source: Source,
  more: Partial<ReviewInput> & { readonly approved?: readonly object[] } = {},
): ReviewInput {
  const { approved, ...rest } = more;
  // No folder of that name: nothing of the user's is read.
  const { catalogue, settings, register, exemptions } = loadPolicyInputs("/nonexistent", {}, TODAY);
  return {
    ...runOf(source),
    catalogue,
    settings,
    register,
    exemptions,
    approvals: approved ? parseApprovals({ approvals: approved }) : noApprovals,
    rules: Object.values(packs).flat(),
    today: TODAY,
    ...rest,
  };
}

/** Reviews what stands in a file. */
export async function reviewed(
  text: string,
  more?: Parameters<typeof inputOf>[1],
  name = "preview.jsonl",
): Promise<Review> {
  return reviewOf(inputOf(await readText(text, name, "events"), more));
}

export interface MadeUp {
  readonly type: string;
  readonly name: string;
  readonly op?: "create" | "update" | "delete" | "same" | "replace";
  readonly before?: object;
  readonly after?: object;
  readonly outputs?: object;
  readonly id?: string;
  /** @default false */
  readonly isComponent?: boolean;
  /** Name of a component. */
  readonly parent?: string;
  /** Inputs of that component. */
  readonly parentInputs?: object;
  readonly diff?: Readonly<Record<string, "add" | "delete" | "update" | "update-replace">>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** What the state has of these options, where it is not what the program has. */
  readonly stateOptions?: { readonly protect?: boolean; readonly retainOnDelete?: boolean };
  readonly provider?: string;
  /** Of a replacement: whether the old one goes first. @default false */
  readonly deletedFirst?: boolean;
}

export const volume = "hcloud:index/volume:Volume";
export const server = "hcloud:index/server:Server";

/** A server that is there and stays as it is. */
export const web: MadeUp = {
  type: server,
  name: "web",
  id: "12",
  after: { serverType: "cpx22", image: "debian-13", location: "fsn1" },
};

/** The same with a new image: deleted first. */
export const replaced: MadeUp = {
  ...web,
  op: "replace",
  deletedFirst: true,
  before: web.after!,
  after: { ...web.after, image: "debian-14" },
  diff: { image: "update-replace" },
};

/** Of what happens to `data`. */
export const approval = {
  resource: "data",
  reason: "a copy was restored on Friday",
  approvedBy: "Ada Lovelace",
  expiresAt: "2026-12-31",
};

/** An event stream as the engine writes it. */
export function streamOf(resources: readonly MadeUp[], more: readonly object[] = [], result = "succeeded"): string {
  const urn = (type: string, name: string) => `urn:pulumi:test::made-up::${type}::${name}`;
  const stack = urn("pulumi:pulumi:Stack", "made-up-test");
  const components = [...new Set(resources.flatMap(({ parent }) => (parent === undefined ? [] : [parent])))];
  const inputsOf = new Map(resources.map(({ parent, parentInputs }) => [parent, parentInputs]));
  const component = (name: string) => urn("made-up:index:Part", name);
  const events: object[] = [{ preludeEvent: { config: {} } }];
  const announce = (op: string, own: string, type: string, custom: boolean, more: object) =>
    events.push({ resourcePreEvent: { metadata: { op, urn: own, type, custom, ...more }, planning: true } });
  announce("same", stack, "pulumi:pulumi:Stack", false, {
    new: { type: "pulumi:pulumi:Stack", urn: stack, inputs: {} },
  });
  for (const name of components) {
    const state = { type: "made-up:index:Part", urn: component(name), parent: stack, inputs: inputsOf.get(name) ?? {} };
    announce("same", component(name), state.type, false, { old: state, new: state });
  }
  for (const made of resources) {
    const { type, name, op = "same", parent, id, protect = false, retainOnDelete = false, provider = "" } = made;
    const own = urn(type, name);
    const state = (inputs: object) => ({
      type,
      urn: own,
      custom: made.isComponent !== true,
      parent: parent === undefined ? stack : component(parent),
      inputs,
      outputs: made.outputs ?? inputs,
      protect,
      retainOnDelete,
      provider,
      ...(id !== undefined && { id }),
    });
    const before = made.before ?? made.after ?? {};
    const old = op === "create" ? {} : { old: { ...state(before), ...made.stateOptions } };
    const next = op === "delete" ? {} : { new: state(made.after ?? before) };
    const keys = Object.entries(made.diff ?? {}).flatMap(([path, kind]) => (kind.endsWith("-replace") ? [path] : []));
    const detailedDiff = made.diff
      ? Object.fromEntries(Object.entries(made.diff).map(([path, diffKind]) => [path, { diffKind, inputDiff: true }]))
      : null;
    const steps =
      op !== "replace"
        ? [op]
        : made.deletedFirst
          ? ["delete-replaced", "replace", "create-replacement"]
          : ["create-replacement", "replace", "delete-replaced"];
    for (const step of steps)
      announce(step, own, type, made.isComponent !== true, {
        ...old,
        ...(step === "delete-replaced" ? {} : next),
        keys,
        detailedDiff,
      });
  }
  events.push(...more);
  events.push({ summaryEvent: { isPreview: true, result, durationSeconds: 1, resourceChanges: {}, PolicyPacks: {} } });
  return `${events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 1, ...event })).join("\n")}\n`;
}

/** A shop of that many servers with their networks, half of them new, the rest changed. */
export function largeStream(count: number): string {
  const userData = `#cloud-config\nruncmd:\n${Array.from({ length: 40 }, (_, i) => `  - [systemctl, enable, part-${i}]`).join("\n")}\npackages: [nginx]\nwrite_files:\n  - path: /etc/app\n    content: UPSTREAM=https://app.example.eu/\n`;
  return streamOf(
    Array.from({ length: count }, (_, i): MadeUp => {
      const part = `part-${Math.floor(i / 20)}`;
      const location = ["fsn1", "nbg1", "hel1"][i % 3];
      const server = {
        serverType: "cpx22",
        image: "debian-13",
        location,
        userData,
        labels: { role: "web", number: String(i) },
      };
      if (i % 4 === 1)
        return {
          type: "hcloud:index/volume:Volume",
          name: `data-${i}`,
          op: "create",
          parent: part,
          after: { size: 10 + (i % 50), location },
        };
      if (i % 4 === 2)
        return {
          type: "hcloud:index/server:Server",
          name: `web-${i}`,
          op: "update",
          id: String(i + 1),
          parent: part,
          before: server,
          after: { ...server, serverType: "cpx32" },
          diff: { serverType: "update" },
        };
      if (i % 4 === 3)
        return {
          type: "hcloud:index/server:Server",
          name: `app-${i}`,
          op: "replace",
          id: String(i + 1),
          parent: part,
          before: server,
          after: { ...server, image: "debian-14" },
          diff: { image: "update-replace" },
        };
      return { type: "hcloud:index/server:Server", name: `new-${i}`, op: "create", parent: part, after: server };
    }),
  );
}
