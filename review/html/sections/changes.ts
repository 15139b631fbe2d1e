import { counted } from "../../markup.ts";
import type { ChangedResource, ComponentChanges, Review } from "../../model.ts";
import { actionInWords } from "../../report/words.ts";
import { html, type Markup } from "../template.ts";
import { ACTIONS, type Anchors, actionMark, countMarks, EFFECTS, property, section, typeName } from "../words.ts";

/** Changed resources up to which all components stand open. */
const OPEN = 30;
/** Properties of a resource that stand open. */
const PROPERTIES = 4;

/** All that changes, by component. */
export function changesSection({ changes }: Review, anchors: Anchors): Markup {
  const total = changes.components.reduce((sum, { resources }) => sum + resources.length, 0);
  const present = ACTIONS.filter((action) => changes.counts[action]);
  const others = [
    `${changes.unchanged.toLocaleString("en")} unchanged`,
    ...(changes.read > 0 ? [`${changes.read.toLocaleString("en")} only read`] : []),
  ];
  return section(
    "changes",
    "Changes",
    html`${
      total === 0
        ? html`<p class="empty">Nothing changes.</p>`
        : html`<div class="controls" hidden>
${present.length > 1 && html`<label>Show <select data-action-filter><option value="">all actions</option>${present.map((action) => html`<option value="${action}">${actionInWords(action)}</option>`)}</select></label>`}
<button type="button" data-unfold>Unfold all</button><button type="button" data-fold>Fold all</button>
</div>
${changes.components.map((component) => componentBlock(component, total <= OPEN, anchors))}`
    }${changes.aliases.length > 0 && aliasList(changes.aliases)}`,
    { aside: html`${countMarks(changes.counts)}<span class="soft">${others.join(", ")}</span>` },
  );
}

function componentBlock({ title, counts, resources }: ComponentChanges, open: boolean, anchors: Anchors): Markup {
  return html`<details class="block component"${open && html` open`}><summary><span class="name">${title}</span> <span class="counts">${countMarks(counts)}</span></summary>
<table class="changes"><thead><tr><th scope="col">Action</th><th scope="col">Resource</th><th scope="col">What differs</th><th scope="col">Interruption</th></tr></thead><tbody>
${resources.map((resource) => row(resource, anchors))}</tbody></table></details>
`;
}

function row(resource: ChangedResource, anchors: Anchors): Markup {
  const { urn, name, type, action, effect, stateful, previously } = resource;
  const isQuiet = effect === "none" || action === "create";
  return html`<tr id="${anchors.get(urn) ?? ""}" data-find data-action="${action}"><td data-title="Action">${actionMark(action)}</td><th scope="row">${name} ${typeName(type)}${stateful && html` <span class="tag">holds data</span>`}</th><td data-title="What differs">${previously !== undefined && html`<p class="soft">was ${previously}</p>`}${properties(resource)}</td><td data-title="Interruption"${isQuiet && html` class="soft"`}>${action === "create" ? "none: it is new" : EFFECTS[effect]}</td></tr>
`;
}

function properties({ properties: all, more }: ChangedResource): Markup | undefined {
  if (all.length === 0) return undefined;
  const hidden = all.length - PROPERTIES;
  const open = hidden > 1 ? all.slice(0, PROPERTIES) : all;
  const rest = hidden > 1 ? all.slice(PROPERTIES) : [];
  const beyond = more > 0 ? html`<p class="soft">${counted(more, "more property")} not listed</p>` : undefined;
  return html`<ul class="properties">${open.map(property)}</ul>${
    rest.length > 0
      ? html`<details class="more"><summary>${counted(rest.length + more, "more property")}</summary><ul class="properties">${rest.map(property)}</ul>${beyond}</details>`
      : beyond
  }`;
}

function aliasList(aliases: Review["changes"]["aliases"]): Markup {
  return html`<h3>Looks like a rename</h3>
<ul class="cards">${aliases.map(({ from, to, covers, option }) => html`<li class="card" data-find><p><b>${from.name}</b> is deleted and <b>${to.name}</b> created, which looks like one ${typeName(to.type)} under two names. As an option of the new one this keeps it${covers > 0 && ` and ${counted(covers, "resource")} below it`}:</p><pre><code>${option}</code></pre></li>`)}</ul>`;
}
