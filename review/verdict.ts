/** Safe, needs approval, or refused: and why. */
import { countsInWords, plural } from "../policies/index.ts";
import type {
  Approval,
  ApprovalResult,
  Guarded,
  Interruption,
  Notice,
  PackResult,
  Reason,
  Review,
  ReviewedFinding,
  Verdict,
} from "./model.ts";

export interface VerdictFacts {
  readonly guard: readonly (Guarded & { readonly urn: string })[];
  readonly moments: readonly (Interruption & { readonly urn: string })[];
  /** Resources whose update may interrupt them, for all that is known, and that hold data or serve. */
  readonly uncertain: readonly { readonly urn: string; readonly name: string; readonly approval?: Approval }[];
  readonly findings: readonly ReviewedFinding[];
  readonly notices: readonly Notice[];
  readonly policies: readonly PackResult[];
  readonly approvals: readonly ApprovalResult[];
  /** Updates that the provider refuses, and why. */
  readonly impossible: readonly { readonly urn: string; readonly name: string; readonly why: string }[];
  /** What the engine said when the preview failed; undefined where it did not. */
  readonly failure?: string;
}

const CODES = { safe: 0, "needs approval": 10, refused: 20 } as const satisfies Record<
  Verdict["word"],
  Verdict["code"]
>;

export function verdictOf(facts: VerdictFacts): Review["verdict"] {
  const reasons = [
    ...ofFailure(facts),
    ...facts.impossible.map(ofImpossible),
    ...facts.guard.flatMap(ofGuarded),
    ...ofFindings(facts.findings),
    ...facts.policies.flatMap(ofPack),
    ...ofMoments(facts.moments),
    ...facts.uncertain.map(ofUncertain),
    ...facts.notices.filter(({ change }) => change === "new").map(ofNotice),
    ...facts.approvals.flatMap(ofApproval),
  ].toSorted((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight));
  const word = reasons.some(({ weight }) => weight === "refused")
    ? "refused"
    : reasons.some(({ weight }) => weight === "needs approval")
      ? "needs approval"
      : "safe";
  return { word, code: CODES[word], reasons };
}

const WEIGHTS: readonly Reason["weight"][] = ["refused", "needs approval", "note"];

function ofFailure({ failure }: VerdictFacts): Reason[] {
  if (failure === undefined) return [];
  const said = failure === "" ? "" : `: ${failure}`;
  return [
    {
      weight: "refused",
      kind: "preview failed",
      text: `The preview failed, so this is not the whole plan${said}`,
      resources: [],
    },
  ];
}

/** No approval helps: it is not a question of who wants it. */
function ofImpossible({ urn, name, why }: VerdictFacts["impossible"][number]): Reason {
  return {
    weight: "refused",
    kind: "cannot work",
    text: `${name}: ${why}. The preview lets it pass, the provider does not: the update would fail half way.`,
    resources: [urn],
  };
}

function ofGuarded({
  urn,
  resource,
  fate,
  holds,
  because,
  forcedBy,
  approval,
  classes,
}: Guarded & { urn: string }): Reason[] {
  const data = classes.length > 0 ? ` (${classes.join(", ")} data)` : "";
  const by =
    forcedBy.length > 0
      ? `, because ${forcedBy
          .slice(0, 3)
          .map(({ path }) => path)
          .join(", ")} ${forcedBy.length > 1 ? "change" : "changes"}`
      : "";
  if (fate === "left behind")
    return [
      {
        weight: "note",
        kind: "data loss",
        text: `${resource.name} is forgotten, not deleted: it stays at the provider.`,
        resources: [urn],
      },
    ];
  const what =
    fate === "unprotected"
      ? `${resource.name} loses its protection; the next update can take with it: ${holds}${data}`
      : fate === "without backups"
        ? `${resource.name} loses ${holds}${data}`
        : because === "unknown type"
          ? `${resource.name} is ${fate}${by}, and whether a ${resource.type} holds data is not known`
          : `${resource.name} is ${fate}${by}; lost with it: ${holds}${data}`;
  if (approval) return [approved(what, urn, approval)];
  if (fate === "unprotected")
    return [{ weight: "needs approval", kind: "protection", text: `${what}.`, resources: [urn] }];
  if (because === "unknown type")
    return [{ weight: "needs approval", kind: "unknown type", text: `${what}.`, resources: [urn] }];
  return [{ weight: "refused", kind: "data loss", text: `${what}. Nobody has approved it.`, resources: [urn] }];
}

function approved(what: string, urn: string, { approvedBy, expiresAt, reason }: Approval): Reason {
  return {
    weight: "note",
    kind: "approved",
    text: `${what}. Approved by ${approvedBy} until ${expiresAt}: ${reason}`,
    resources: [urn],
  };
}

/** Names in one reason about many resources. */
const MOST_NAMED = 5;

/** What happens alike to many is one reason: forty servers that are powered off are one decision. */
function ofMoments(moments: VerdictFacts["moments"]): Reason[] {
  const serious = moments.filter(({ serious }) => serious);
  const open = serious.filter(({ approval }) => approval === undefined);
  const alike = new Map<string, (typeof open)[number][]>();
  for (const moment of open) alike.set(moment.text, [...(alike.get(moment.text) ?? []), moment]);
  return [
    ...[...alike.values()].map((group): Reason => {
      const names = group.slice(0, MOST_NAMED).map(({ resource }) => resource.name);
      const rest = group.length - names.length;
      return {
        weight: "needs approval",
        kind: "downtime",
        text: `${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: ${group[0]!.text}`,
        resources: group.map(({ urn }) => urn),
      };
    }),
    ...serious.flatMap(({ urn, resource, text, approval }) =>
      approval ? [approved(`${resource.name}: ${text.replace(/\.$/, "")}`, urn, approval)] : [],
    ),
  ];
}

function ofUncertain({ urn, name, approval }: VerdictFacts["uncertain"][number]): Reason {
  const what = `${name} is updated in place, and whether that interrupts it is not known`;
  if (approval) return approved(what, urn, approval);
  return { weight: "needs approval", kind: "downtime", text: `${what}.`, resources: [urn] };
}

/** One reason for all: the findings stand in a list of their own. */
function ofFindings(findings: readonly ReviewedFinding[]): Reason[] {
  const refusing = findings.filter(({ severity, exemption }) => severity === "refuse" && exemption === undefined);
  if (refusing.length === 0) return [];
  const fresh = refusing.filter(({ since }) => since === "new").length;
  const first = (refusing.find(({ since }) => since === "new") ?? refusing[0]!).message.replace(/\.$/, "");
  const counts = countsInWords({ refuse: refusing.length, warn: 0, notice: 0, exempted: 0 });
  const rest = refusing.length > 1 ? " (the first of them)" : "";
  const age =
    fresh === refusing.length
      ? "new with this update"
      : fresh === 0
        ? "as before this update"
        : `${fresh} of them new with this update`;
  return [
    {
      weight: "refused",
      kind: "policy",
      text: `${counts}, ${age}: ${first}${rest}.`,
      resources: [...new Set(refusing.map(({ resource }) => resource.urn))].slice(0, 50),
    },
  ];
}

function ofPack({ pack, policy, level, message, resource }: PackResult): Reason[] {
  if (level !== "mandatory") return [];
  return [
    {
      weight: "refused",
      kind: "policy",
      text: `${pack}, ${policy}: ${message}`,
      resources: resource ? [resource.urn] : [],
    },
  ];
}

function ofNotice({ text, settled, resources }: Notice): Reason {
  return {
    weight: settled ? "note" : "needs approval",
    kind: "notice",
    text,
    resources: resources.map(({ urn }) => urn),
  };
}

function ofApproval({ state, text }: ApprovalResult): Reason[] {
  return state === "used" ? [] : [{ weight: "note", kind: "approvals", text, resources: [] }];
}

/** `safe`, with what there is beside it: for one line. */
export function inOneLine({ verdict: { word, reasons } }: Pick<Review, "verdict">): string {
  const heavy = reasons.filter(({ weight }) => weight === (word === "safe" ? "note" : word)).length;
  return heavy === 0 ? word : `${word}, ${plural(heavy, word === "safe" ? "note" : "reason")}`;
}
