import { counted } from "../../markup.ts";
import type { Reason, Review } from "../../model.ts";
import { moreByOlderPrices } from "../../report/words.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, countMarks, euros, eurosMoreOrLess, section } from "../words.ts";

const MEANING = {
  safe: "Nothing in this update needs anybody's approval.",
  "needs approval": "Somebody has to approve this update by name before it is deployed.",
  refused: "This update must not be deployed as it is.",
} as const;

/** What stands first: whether it may be deployed, and why. */
export function verdictSection({ verdict, changes, cost, sovereignty, downtime }: Review, anchors: Anchors): Markup {
  const { before, after } = sovereignty.score;
  const brought = sovereignty.findings.filter(({ since }) => since === "new").length;
  const more = moreByOlderPrices(cost);
  const hasPrices = cost.before !== 0 || cost.after !== 0 || cost.unpriced.length === 0;
  return section(
    "verdict",
    "Verdict",
    html`<div class="verdict" data-word="${verdict.word}">
<p class="word">${verdict.word[0]!.toUpperCase()}${verdict.word.slice(1)}</p>
<p>${MEANING[verdict.word]}</p>
${verdict.reasons.length > 0 && html`<ol class="reasons">${verdict.reasons.map((reason) => reasonItem(reason, anchors))}</ol>`}
</div>
<dl class="facts">
<div><dt>Resources</dt><dd>${Object.keys(changes.counts).length > 0 ? countMarks(changes.counts) : "nothing changes"}<span class="soft">${changes.unchanged.toLocaleString("en")} unchanged</span></dd></div>
<div><dt>Cost a month, net</dt><dd>${hasPrices ? html`<b>${eurosMoreOrLess(cost.delta)}</b>` : html`<b>not known</b>`}${cost.unpriced.length > 0 && html`<span class="soft">${cost.unpriced.length} unpriced</span>`}${more !== undefined && html`<span class="soft">up to ${euros(more)} more where servers have kept an older price</span>`}</dd></div>
<div><dt>Sovereignty</dt><dd><b>${share(after.share)}</b><span class="soft">${before.share === undefined ? "of the controls clear" : `was ${share(before.share)}`}; ${counted(brought, "new finding")}</span></dd></div>
<div><dt>Interruptions</dt><dd><b>${downtime.moments.length}</b>${downtime.unknown.length > 0 && html`<span class="soft">${downtime.unknown.reduce((sum, { count }) => sum + count, 0)} not known</span>`}</dd></div>
</dl>`,
  );
}

export const share = (part: number | undefined): string => (part === undefined ? "–" : `${Math.round(part * 100)} %`);

const WEIGHTS = { refused: "refused", "needs approval": "needs approval", note: "note" } as const;

/** Resources of a reason that are linked; a list of all of them would hide the next reason. */
const LINKED = 3;

function reasonItem({ weight, text, resources }: Reason, anchors: Anchors): Markup {
  const links = resources.flatMap((urn) => anchors.get(urn) ?? []).slice(0, LINKED);
  return html`<li data-weight="${weight}"><span class="weight">${WEIGHTS[weight]}</span> <span>${text}${links.map((anchor, index) => html` <a href="#${anchor}">${links.length === 1 ? "show" : `show ${index + 1}`}</a>`)}</span></li>`;
}
