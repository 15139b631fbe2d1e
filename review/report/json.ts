/** For programs. The published JSON schema is made from this. */
import { z } from "zod";
import { findingSchema } from "../../policies/index.ts";
import type { Review } from "../model.ts";

const text = z.string();
const count = z.int().min(0);
const standing = z.enum(["eu", "eea", "adequate", "outside", "unknown"]);
const effect = z.enum(["none", "power-off", "restart", "disconnect", "outage", "unknown"]);
const action = z.enum(["create", "update", "replace", "delete", "rename", "move", "import", "forget"]);
const presence = z.enum(["added", "removed", "kept", "changed"]);
const refFields = { urn: text, name: text, type: text };
const ref = z.strictObject(refFields);
const date = z.iso.date();

const property = z.strictObject({
  path: text,
  before: text.optional().describe("At most 200 characters; `[secret]` for a secret"),
  after: text.optional(),
  forcesReplacement: z.boolean(),
});

const approval = z.strictObject({ resource: text, reason: text, approvedBy: text, expiresAt: text });

const alias = z.strictObject({ from: ref, to: ref, covers: count, option: text });

const guarded = z.strictObject({
  resource: ref,
  fate: z.enum(["replaced", "deleted", "left behind", "without backups", "unprotected"]),
  because: z.enum(["type", "label", "volume", "backups", "protection", "unknown type"]),
  holds: text,
  classes: z.array(text),
  forcedBy: z.array(property),
  takesAlong: z.array(ref),
  approval: approval.optional(),
  alias: alias.optional(),
  advice: text,
});

const counts = z.partialRecord(action, count);

const changed = z.strictObject({
  ...refFields,
  action,
  path: z.array(text),
  effect,
  properties: z.array(property),
  more: count,
  previously: text.optional(),
  stateful: z.boolean(),
});

const interruption = z.strictObject({
  resource: ref,
  effect: effect.exclude(["none", "unknown"]),
  text,
  property: text.optional(),
  serious: z.boolean(),
  source: text,
  approval: approval.optional(),
});

const step = z.strictObject({
  number: count,
  resource: ref,
  what: z.enum(["create", "update", "create the replacement", "delete", "delete the replaced one", "import", "forget"]),
  effect,
});

const amounts = { before: z.number(), after: z.number(), delta: z.number() };

const cost = z.strictObject({
  currency: z.literal("EUR"),
  ...amounts,
  components: z.array(z.strictObject({ title: text, ...amounts })),
  unpriced: z.array(z.strictObject({ resource: ref, why: text, when: z.enum(["before", "after", "both"]) })),
  olderPrices: z.array(
    z.strictObject({
      resource: ref,
      createdAt: text.optional(),
      oldMonthly: z.number().nullable(),
      newMonthly: z.number().nullable(),
      delta: z.number().nullable(),
      text,
    }),
  ),
  prices: z.strictObject({ source: z.enum(["list", "live"]), validFrom: text.optional(), read: text }),
});

const scoreCount = z.strictObject({ clear: count, against: count, share: z.number().min(0).max(1).optional() });

const score = z.strictObject({
  groups: z.array(z.strictObject({ framework: text, before: scoreCount, after: scoreCount, against: z.array(text) })),
  before: scoreCount,
  after: scoreCount,
});

const notice = z.strictObject({
  kind: z.enum(["location", "sub-processor"]),
  change: z.enum(["new", "gone"]),
  subject: text,
  country: text.optional(),
  standing,
  text,
  clause: z.enum(["DORA Art. 30(2)(a)", "DORA Art. 30(2)(b)"]),
  resources: z.array(ref),
  settled: z.boolean(),
});

const topology = z.strictObject({
  places: z.array(
    z.strictObject({ key: text, title: text, provider: text.optional(), countries: z.array(text), standing }),
  ),
  nodes: z.array(
    z.strictObject({
      ...refFields,
      place: text,
      placeBefore: text.optional(),
      parent: text.optional(),
      isComponent: z.boolean(),
      action: z.enum([...action.options, "none"]),
      stateful: z.boolean(),
      classes: z.array(text),
      kind: text,
      role: text.optional(),
      size: text.optional(),
    }),
  ),
  links: z.array(z.strictObject({ from: text, to: text, what: text, presence })),
  passages: z
    .array(z.strictObject({ from: text, to: text, ports: text, why: text, presence }))
    .optional()
    .describe("Who may talk to whom inside"),
  flows: z.array(
    z.strictObject({
      from: text,
      host: text,
      port: z.number().optional(),
      form: text,
      vendor: text.optional(),
      jurisdiction: text.optional(),
      standing,
      leaves: z.enum(["yes", "no", "unknown"]),
      classes: z.array(text),
      presence,
    }),
  ),
});

/** What `--format json` prints. */
export const reviewSchema = z.strictObject({
  version: z.literal(1).describe("Grows when something is renamed or taken away, not when something is added"),
  about: z.strictObject({
    title: text,
    source: z.enum(["events", "preview", "state", "manifests", "program", "policy-pack"]),
    name: text,
    stack: text.optional(),
    project: text.optional(),
    date: date.describe("The day that expiries were measured against"),
    firstDeployment: z.boolean(),
  }),
  verdict: z.strictObject({
    word: z.enum(["safe", "needs approval", "refused"]),
    code: z.literal([0, 10, 20]).describe("Exit code of the command"),
    reasons: z.array(
      z.strictObject({
        weight: z.enum(["refused", "needs approval", "note"]),
        kind: z.enum([
          "data loss",
          "protection",
          "unknown type",
          "policy",
          "downtime",
          "notice",
          "approvals",
          "preview failed",
          "cannot work",
          "approved",
        ]),
        text,
        resources: z.array(text),
      }),
    ),
  }),
  guard: z.array(guarded),
  approvals: z.array(
    z.strictObject({
      index: count,
      state: z.enum(["used", "unused", "expired", "ambiguous", "broken"]),
      approval: approval.optional(),
      text,
    }),
  ),
  changes: z.strictObject({
    counts,
    unchanged: count,
    read: count,
    components: z.array(z.strictObject({ urn: text, title: text, counts, resources: z.array(changed) })),
    aliases: z.array(alias),
  }),
  downtime: z.strictObject({
    moments: z.array(interruption),
    unknown: z.array(z.strictObject({ type: text, count })),
    steps: z.array(step),
    moreSteps: count,
    order: text,
  }),
  cost,
  sovereignty: z.strictObject({
    findings: z.array(findingSchema.extend({ since: z.enum(["new", "before"]) })),
    gone: z.array(findingSchema),
    notices: z.array(notice),
    score,
  }),
  policies: z.array(z.strictObject({ pack: text, policy: text, level: text, resource: ref.optional(), message: text })),
  messages: z.array(z.strictObject({ severity: z.enum(["warning", "error"]), text, resource: ref.optional() })),
  topology,
  limits: z.array(text),
});

export function renderJson(review: Review): string {
  return `${JSON.stringify({ version: 1, ...review }, undefined, 2)}\n`;
}

/** The published schema. */
export function reviewJsonSchema(): object {
  return z.toJSONSchema(reviewSchema, { target: "draft-2020-12" });
}
