import type { Review } from "../../model.ts";
import { olderPriceLines, pricesInWords } from "../../report/words.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, euros, eurosMoreOrLess, reference, section } from "../words.ts";

/** Rows of components that stand open. */
const ROWS = 12;

/** What it costs each month, before and after. */
export function costSection({ cost }: Review, anchors: Anchors): Markup {
  const { components, unpriced, olderPrices, prices } = cost;
  const row = ({ title, before, after, delta }: Review["cost"]["components"][number]) =>
    html`<tr><th scope="row">${title}</th>${amounts(before, after, delta)}</tr>`;
  const isEmpty = components.length === 0;
  const changed = components.filter(({ delta }) => delta !== 0);
  const first = components.length <= ROWS ? components : changed.slice(0, ROWS);
  const rest = components.filter((component) => !first.includes(component));
  const folded = rest.reduce(
    (sum, { before, after, delta }) => ({
      before: sum.before + before,
      after: sum.after + after,
      delta: sum.delta + delta,
    }),
    { before: 0, after: 0, delta: 0 },
  );
  const table = (rows: readonly Markup[], foot: boolean) =>
    html`<table class="table"><thead><tr><th scope="col">Component</th><th scope="col" class="number">Before</th><th scope="col" class="number">After</th><th scope="col" class="number">Difference</th></tr></thead><tbody>${rows}</tbody>${foot && html`<tfoot><tr><th scope="row">Sum of what has a price</th>${amounts(cost.before, cost.after, cost.delta)}</tr></tfoot>`}</table>`;
  return section(
    "cost",
    "Cost",
    html`${isEmpty ? html`<p class="empty">Nothing here has a price that is known.</p>` : table([...first.map(row), ...(rest.length > 0 ? [row({ title: `${rest.length} others, listed below`, ...folded })] : [])], true)}
${rest.length > 0 && html`<details class="block"><summary>${rest.length} other components</summary>${table(rest.map(row), false)}</details>`}
${
  unpriced.length > 0 &&
  html`<details class="block"${unpriced.length <= ROWS && html` open`}><summary>Unpriced: ${unpriced.length} in none of the sums</summary>
<table><thead><tr><th scope="col">Resource</th><th scope="col">There</th><th scope="col">Why</th></tr></thead><tbody>${unpriced.map(({ resource, why, when }) => html`<tr data-find><th scope="row">${reference(resource, anchors)}</th><td data-title="There">${when === "both" ? "before and after" : when}</td><td data-title="Why">${why}</td></tr>`)}</tbody></table></details>`
}
${
  olderPrices.length > 0 &&
  html`<details class="block" open><summary>Older prices that end: ${olderPrices.length}</summary>
<ul class="lines">${olderPriceLines(cost).map((text) => html`<li>${text}</li>`)}</ul></details>`
}`,
    { aside: html`EUR a month, net; ${pricesInWords(prices)}` },
  );
}

const amounts = (before: number, after: number, delta: number): Markup =>
  html`<td class="number" data-title="Before">${euros(before)}</td><td class="number" data-title="After">${euros(after)}</td><td class="number" data-title="Difference">${delta === 0 ? html`<span class="soft">0</span>` : html`<b>${eurosMoreOrLess(delta)}</b>`}</td>`;
