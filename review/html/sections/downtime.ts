import type { Interruption, Review, StepShown } from "../../model.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, EFFECTS, reference, section } from "../words.ts";

/** Interruptions that stand open. */
const MOMENTS = 20;

/** In which order it happens, and what is interrupted meanwhile. */
export function downtimeSection({ downtime }: Review, anchors: Anchors): Markup {
  const { moments, unknown, steps, moreSteps, order } = downtime;
  const first = moments.length > MOMENTS + 3 ? moments.slice(0, MOMENTS) : moments;
  const rest = moments.slice(first.length);
  return section(
    "order",
    "Order and interruptions",
    html`${
      moments.length === 0
        ? html`<p class="empty">${unknown.length === 0 ? "No step interrupts anything that is known to serve." : "No interruption is known."}</p>`
        : html`<ol class="moments">${first.map((moment) => momentItem(moment, anchors))}</ol>`
    }
${rest.length > 0 && html`<details class="block"><summary>${rest.length} further interruptions</summary><ol class="moments" start="${first.length + 1}">${rest.map((moment) => momentItem(moment, anchors))}</ol></details>`}
${
  unknown.length > 0 &&
  html`<p class="note">What a change of these does to who uses them is not known: ${unknown.map(({ type, count }, index) => html`${index > 0 && ", "}<code>${type}</code> (${count})`)}.</p>`
}
${
  steps.length > 0 &&
  html`<details class="block"><summary>All steps in order: ${(steps.length + moreSteps).toLocaleString("en")}</summary>
<table><thead><tr><th scope="col" class="number">Step</th><th scope="col">What</th><th scope="col">Resource</th><th scope="col">Interruption</th></tr></thead><tbody>${steps.map((step) => stepRow(step, anchors))}</tbody></table>
${moreSteps > 0 && html`<p class="note">${moreSteps.toLocaleString("en")} further steps are not listed.</p>`}</details>`
}
<p class="note">${order}</p>`,
  );
}

function momentItem(
  { resource, effect, text, property, serious, source, approval }: Interruption,
  anchors: Anchors,
): Markup {
  return html`<li data-find${serious && html` class="serious"`}>${reference(resource, anchors)} <span class="weight">${EFFECTS[effect]}</span>${serious && !approval && html` <span class="tag">needs approval</span>`}${approval && html` <span class="tag">approved by ${approval.approvedBy} until ${approval.expiresAt}</span>`}
<p>${text}${property !== undefined && html` <span class="soft">because of <span class="path">${property}</span></span>`} <span class="soft">(${source})</span></p></li>`;
}

function stepRow({ number, resource, what, effect }: StepShown, anchors: Anchors): Markup {
  return html`<tr data-find><td class="number" data-title="Step">${number}</td><td data-title="What">${what}</td><th scope="row">${reference(resource, anchors)}</th><td data-title="Interruption">${effect === "none" ? html`<span class="soft">none</span>` : EFFECTS[effect]}</td></tr>`;
}
