/** What several sections write alike. */
import type { Standing } from "../../catalogue/countries.ts";
import { counted } from "../markup.ts";
import type { Action, Effect, PropertyShown, Ref } from "../model.ts";
import { SIGNS } from "../picture/boxes.ts";
import { actionInWords } from "../report/words.ts";
import { html, type Markup, type Part } from "./template.ts";

/** In the order in which counts are named: what can lose something first. */
export const ACTIONS = Object.keys(SIGNS) as readonly Action[];

export const EFFECTS: Readonly<Record<Effect, string>> = {
  none: "no interruption",
  "power-off": "power-off",
  restart: "restart",
  disconnect: "disconnects",
  outage: "outage",
  unknown: "not known",
};

export const STANDINGS: Readonly<Record<Standing, string>> = {
  eu: "in the EU",
  eea: "in the EEA",
  adequate: "adequacy decision",
  outside: "outside the EU",
  unknown: "owner not known",
};

/** The sign and the word of an action: no colour alone. */
export const actionMark = (action: Action): Markup =>
  html`<span class="mark ${action}"><span class="sign" aria-hidden="true">${SIGNS[action]}</span>${actionInWords(action)}</span>`;

/** `+ 4 created` for each action that there is. */
export const countMarks = (counts: Readonly<Partial<Record<Action, number>>>): Markup[] =>
  ACTIONS.flatMap((action) =>
    counts[action]
      ? [
          html`<span class="mark ${action}"><span class="sign" aria-hidden="true">${SIGNS[action]}</span>${counts[action].toLocaleString("en")} ${actionInWords(action)}</span> `,
        ]
      : [],
  );

const money = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const change = new Intl.NumberFormat("en", { style: "currency", currency: "EUR", signDisplay: "exceptZero" });

export const euros = (amount: number): string => money.format(amount);
export const eurosMoreOrLess = (amount: number): string => change.format(amount).replace("-", "−");

/** The last two parts of a type, which is what people know it by: `hcloud Server`. The whole is its tooltip. */
export function typeName(type: string): Markup {
  const [head = "", ...rest] = type.split(":");
  const last = rest.at(-1);
  return html`<span class="type" title="${type}">${last === undefined ? type : `${head} ${last}`}</span>`;
}

/** Anchors of the resources that the page lists, by URN. */
export type Anchors = ReadonlyMap<string, string>;

export function reference({ urn, name, type }: Ref, anchors: Anchors): Markup {
  const anchor = anchors.get(urn);
  const shown = anchor === undefined ? html`<b>${name}</b>` : html`<a href="#${anchor}">${name}</a>`;
  return html`${shown} ${typeName(type)}`;
}

/** References that stand open; more of them are folded. */
const NAMED = 6;

/** Names in a row, those beyond the first few folded. */
export function references(refs: readonly Ref[], anchors: Anchors): Markup {
  const names = (some: readonly Ref[]) =>
    some.map((ref, index) => {
      const anchor = anchors.get(ref.urn);
      const name = anchor === undefined ? html`${ref.name}` : html`<a href="#${anchor}">${ref.name}</a>`;
      return index === 0 ? name : html`, ${name}`;
    });
  if (refs.length <= NAMED + 1) return html`${names(refs)}`;
  return html`${names(refs.slice(0, NAMED))}
<details class="more"><summary>and ${counted(refs.length - NAMED, "other")}</summary>${names(refs.slice(NAMED))}</details>`;
}

/** `serverType: cpx21 → cpx31`. */
export function property({ path, before, after, forcesReplacement }: PropertyShown): Markup {
  const value = (text: string | undefined, none: string): Part =>
    text === undefined ? html`<span class="soft">${none}</span>` : html`<code>${text}</code>`;
  return html`<li><span class="path">${path}</span>${forcesReplacement && html` <span class="forces">forces the replacement</span>`}: ${value(before, "none")} <span aria-label="becomes">→</span> ${value(after, "none")}</li>`;
}

export interface SectionOptions {
  /** Behind the heading: counts and the like. */
  readonly aside?: Part;
}

export function section(id: string, title: string, content: Part, { aside }: SectionOptions = {}): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<div class="heading"><h2 id="${id}-title">${title}</h2>${aside !== undefined && html`<p class="aside">${aside}</p>`}</div>
${content}
</section>
`;
}
