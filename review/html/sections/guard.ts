import type { ApprovalResult, Guarded, Review } from "../../model.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, property, reference, references, section } from "../words.ts";

const FATES: Readonly<Record<Guarded["fate"], string>> = {
  replaced: "is replaced",
  deleted: "is deleted",
  "left behind": "is left behind",
  "without backups": "loses its backups",
  unprotected: "loses its protection",
};

const BECAUSE: Readonly<Record<Guarded["because"], string>> = {
  type: "",
  label: "its labels say that it holds data",
  volume: "a volume hangs on it",
  backups: "it is backed up",
  protection: "it was protected",
  "unknown type": "whether it holds data is not known",
};

/** What holds data and would be lost. */
export function guardSection({ guard, approvals }: Review, anchors: Anchors): Markup {
  return section(
    "guard",
    "Data at stake",
    html`${
      guard.length === 0
        ? html`<p class="empty">Nothing that is known to hold data is replaced, deleted or left unprotected.</p>`
        : html`<ul class="cards">${guard.map((entry) => guarded(entry, anchors))}</ul>`
    }${approvals.length > 0 && approvalList(approvals)}`,
  );
}

function guarded(entry: Guarded, anchors: Anchors): Markup {
  const { resource, fate, because, holds, classes, forcedBy, takesAlong, approval, alias, advice } = entry;
  const rows: [string, Markup | undefined][] = [
    ["Lost", fate === "unprotected" || fate === "left behind" ? undefined : html`${holds}`],
    ["At stake", fate === "unprotected" || fate === "left behind" ? html`${holds}` : undefined],
    ["Data", classes.length > 0 ? html`${classes.join(", ")}` : undefined],
    ["Known by", BECAUSE[because] ? html`${BECAUSE[because]}` : undefined],
    ["Forced by", forcedBy.length > 0 ? html`<ul class="properties">${forcedBy.map(property)}</ul>` : undefined],
    ["Goes with it", takesAlong.length > 0 ? references(takesAlong, anchors) : undefined],
    [
      "Renamed?",
      alias && html`${alias.to.name} looks like it under another name; then it takes <code>${alias.option}</code>`,
    ],
    ["Instead", html`${advice}`],
    ["Approved", approval && html`${approval.reason} (${approval.approvedBy}, until ${approval.expiresAt})`],
  ];
  return html`<li class="card ${approval ? "settled" : "stake"}" data-find>
<h3>${reference(resource, anchors)} <span class="fate ${fate === "unprotected" ? "update" : "delete"}">${FATES[fate]}</span></h3>
<dl>${rows.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</li>`;
}

function approvalList(approvals: readonly ApprovalResult[]): Markup {
  const idle = approvals.filter(({ state }) => state !== "used").length;
  return html`<details class="block"${idle > 0 && html` open`}><summary>Approvals: ${approvals.length - idle} used, ${idle} approve nothing</summary>
<table><thead><tr><th scope="col">Entry</th><th scope="col">State</th><th scope="col">Says</th></tr></thead><tbody>
${approvals.map(({ index, state, text, approval }) => html`<tr><th scope="row" data-title="Entry">${index + 1}${approval && ` ${approval.resource}`}</th><td data-title="State">${state}</td><td data-title="Says">${text}</td></tr>`)}
</tbody></table></details>`;
}
