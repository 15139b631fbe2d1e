import { groupBy } from "../../group.ts";
import type { Notice, Review, ScoreCount, ScoreGroup } from "../../model.ts";
import { html, type Markup } from "../template.ts";
import { type Anchors, references, STANDINGS, section } from "../words.ts";
import { share } from "./verdict.ts";

type Finding = Review["sovereignty"]["gone"][number];

const WEIGHTS: Readonly<Record<Finding["severity"], number>> = { refuse: 0, warn: 1, notice: 2 };

/** Whether it stays sovereign: what this update brings and mends, what has to be announced, and the score. */
export function sovereigntySection({ sovereignty }: Review, anchors: Anchors): Markup {
  const { findings, gone, notices, score } = sovereignty;
  const brought = findings.filter(({ since }) => since === "new");
  const old = findings.filter(({ since }) => since === "before");
  return section(
    "sovereignty",
    "Sovereignty",
    html`${list("New with this update", brought, anchors, true)}
${brought.length === 0 && html`<p class="empty">This update brings no new finding.</p>`}
${notices.length > 0 && noticeTable(notices, anchors)}
${list("There before, and still", old, anchors, brought.length === 0 && old.length <= 10)}
${list("Mended by this update", gone, anchors, false)}
${scoreTable(score.groups, score.before, score.after)}`,
    { aside: html`${brought.length} new, ${old.length} as before, ${gone.length} mended` },
  );
}

function list(title: string, findings: readonly Finding[], anchors: Anchors, open: boolean): Markup | undefined {
  if (findings.length === 0) return undefined;
  const groups = [
    ...groupBy(findings, ({ rule, message, severity }) => `${severity}\u0000${rule}\u0000${message}`).values(),
  ];
  const sorted = groups.toSorted((a, b) => WEIGHTS[a[0]!.severity] - WEIGHTS[b[0]!.severity]);
  return html`<details class="block"${open && html` open`}><summary>${title}: ${findings.length.toLocaleString("en")}</summary>
<ul class="findings">${sorted.map((group) => item(group, anchors))}</ul></details>
`;
}

function item(group: readonly Finding[], anchors: Anchors): Markup {
  const [{ severity, rule, message, why, fix, alternatives, exemption, outcome }] = group as [Finding, ...Finding[]];
  const places = [...new Set(group.map(whereabouts))].filter(Boolean);
  const resources = [...new Map(group.map(({ resource }) => [resource.urn, resource])).values()];
  return html`<li data-find data-severity="${exemption ? "exempted" : severity}"><p><span class="weight">${exemption ? "exempted" : severity}</span> <b>${message}</b>${outcome === "not-established" && html` <span class="tag">not established</span>`}</p>
<p class="soft">${references(resources, anchors)}${places.length === 1 && html` · <span class="path">${places[0]!}</span>`} · ${rule}</p>
<p>${why} <span class="fix">${fix}</span>${alternatives && alternatives.length > 0 && ` Instead: ${alternatives.join(", ")}.`}</p>
${exemption && html`<p class="soft">Exempted until ${exemption.expiresAt} by ${exemption.approvedBy}: ${exemption.justification}</p>`}</li>
`;
}

const whereabouts = ({ property, place }: Finding): string => [property, ...(place ?? [])].filter(Boolean).join(" › ");

function noticeTable(notices: readonly Notice[], anchors: Anchors): Markup {
  const open = notices.filter(({ settled }) => !settled).length;
  return html`<details class="block"${open > 0 && html` open`}><summary>To be announced beforehand: ${notices.length}${open < notices.length && ` (${notices.length - open} settled)`}</summary>
<table><thead><tr><th scope="col">What</th><th scope="col">Change</th><th scope="col">Where</th><th scope="col">Brought by</th><th scope="col">Clause</th></tr></thead><tbody>
${notices.map(({ kind, subject, change, standing, text, clause, resources, settled }) => html`<tr data-find><th scope="row">${subject} <span class="soft">${kind}</span></th><td data-title="Change">${change}${settled && html` <span class="tag">settled</span>`}</td><td data-title="Where">${STANDINGS[standing]}</td><td data-title="Brought by">${references(resources, anchors)}</td><td data-title="Clause"><span title="${text}">${clause}</span></td></tr>`)}</tbody></table></details>
`;
}

function scoreTable(groups: readonly ScoreGroup[], before: ScoreCount, after: ScoreCount): Markup | undefined {
  if (groups.length === 0) return undefined;
  return html`<h3 id="score">Controls with nothing against them</h3>
<table class="table" aria-labelledby="score"><thead><tr><th scope="col">Framework</th><th scope="col" class="number">Before</th><th scope="col" class="number">After</th><th scope="col"><span class="unseen">As a bar</span></th><th scope="col">Against</th></tr></thead><tbody>
${groups.map((group) => scoreRow(group.framework, group.before, group.after, group.against.join(", ")))}</tbody>
<tfoot>${scoreRow("All", before, after)}</tfoot></table>
<p class="note">Of the controls that a rule looked at. No certificate: most of them ask for contracts and processes too, which no preview shows.</p>`;
}

function scoreRow(name: string, before: ScoreCount, after: ScoreCount, against?: string): Markup {
  return html`<tr><th scope="row">${name}</th><td class="number" data-title="Before">${share(before.share)} <span class="soft">${outOf(before)}</span></td><td class="number" data-title="After"><b>${share(after.share)}</b> <span class="soft">${outOf(after)}</span></td><td class="bars">${bar(after)}</td><td data-title="Against">${against === "" ? html`<span class="soft">none</span>` : against}</td></tr>
`;
}

const outOf = ({ clear, against }: ScoreCount): string =>
  clear + against === 0 ? "not looked at" : `${clear} of ${clear + against}`;

function bar({ share: part }: ScoreCount): Markup | undefined {
  if (part === undefined) return undefined;
  const width = Math.round(Math.min(1, Math.max(0, part)) * 100);
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="part" width="${width}" height="8"/></svg>`;
}
