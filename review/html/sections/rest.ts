import type { Review } from "../../model.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, reference, section } from "../words.ts";

/** What ran beside the review: policy packs of the preview, the engine's messages, and what the source does not tell. */
export function restSection({ policies, messages, limits }: Review, anchors: Anchors): Markup | undefined {
  if (policies.length + messages.length + limits.length === 0) return undefined;
  return section(
    "rest",
    "From the preview itself",
    html`${
      policies.length > 0 &&
      html`<details class="block" open><summary>Policy packs of the preview: ${policies.length}</summary>
<table><thead><tr><th scope="col">Policy</th><th scope="col">Level</th><th scope="col">Resource</th><th scope="col">Says</th></tr></thead><tbody>${policies.map(({ pack, policy, level, resource, message }) => html`<tr data-find><th scope="row">${policy} <span class="soft">${pack}</span></th><td data-title="Level">${level}</td><td data-title="Resource">${resource && reference(resource, anchors)}</td><td data-title="Says">${message}</td></tr>`)}</tbody></table></details>`
    }
${
  messages.length > 0 &&
  html`<details class="block" open><summary>Errors and warnings: ${messages.length}</summary>
<ul class="lines">${messages.map(({ severity, text, resource }) => html`<li data-find><span class="weight" data-level="${severity}">${severity}</span> ${resource && html`${reference(resource, anchors)}: `}<span class="text">${text}</span></li>`)}</ul></details>`
}
${limits.length > 0 && html`<h3>What this source does not tell</h3><ul class="plain">${limits.map((limit) => html`<li>${limit}</li>`)}</ul>`}`,
  );
}
