import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Review } from "../model.ts";
import { layOut, pictureStyle } from "../picture/index.ts";
import { changesSection } from "./sections/changes.ts";
import { costSection } from "./sections/cost.ts";
import { downtimeSection } from "./sections/downtime.ts";
import { guardSection } from "./sections/guard.ts";
import { restSection } from "./sections/rest.ts";
import { sovereigntySection } from "./sections/sovereignty.ts";
import { topologySection } from "./sections/topology.ts";
import { verdictSection } from "./sections/verdict.ts";
import { html, Markup } from "./template.ts";
import type { Anchors } from "./words.ts";

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
const STYLES = ["../../page/base.css", "client/base.css", "client/content.css", "client/media.css"];
const style = `${STYLES.map(read).join("\n")}\n${pictureStyle}`;
const script = read("client/page.js");

/** This very script and style, and nothing from anywhere: what a hostile name could smuggle in would not run either. */
const policy = [
  "default-src 'none'",
  `script-src '${hash(script)}'`,
  `style-src '${hash(style)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** The review as one file that asks nothing of anybody: style, script and picture stand in it. Everything from programs is escaped. */
export async function renderHtml(review: Review): Promise<string> {
  const picture = await layOut(review.topology);
  return documentOf(review, picture).text;
}

const SECTIONS = [
  ["verdict", "Verdict"],
  ["guard", "Data"],
  ["changes", "Changes"],
  ["cost", "Cost"],
  ["sovereignty", "Sovereignty"],
  ["order", "Order"],
  ["picture", "Picture"],
] as const;

function documentOf(review: Review, picture: string): Markup {
  const { about, verdict } = review;
  const anchors = anchorsOf(review);
  const facts = [
    about.project !== undefined && `project ${about.project}`,
    about.stack !== undefined && about.stack !== about.title && `stack ${about.stack}`,
    about.name !== about.title && `read from ${about.name}`,
    about.firstDeployment && "first deployment",
    about.date,
  ].filter((fact) => fact !== false);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verdict.word}: review of ${about.title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the review</a>
<header class="top"><div class="headline">
<h1><span class="soft">Review of</span> ${about.title}</h1>
<p class="pill" data-word="${verdict.word}">${verdict.word}</p>
<div class="controls" hidden role="search"><label for="find">Filter</label><input id="find" type="search" autocomplete="off" spellcheck="false" placeholder="name, type, host …" aria-describedby="found"><span id="found" role="status" aria-live="polite"></span></div>
</div>
<nav aria-label="Sections"><ul>${SECTIONS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav></header>
<main id="main" tabindex="-1">
<p class="about">${facts.join(" · ")}</p>
${verdictSection(review, anchors)}
${guardSection(review, anchors)}
${changesSection(review, anchors)}
${costSection(review, anchors)}
${sovereigntySection(review, anchors)}
${downtimeSection(review, anchors)}
${topologySection(review, picture)}
${restSection(review, anchors)}
</main>
<footer class="foot"><p>A review tells what a preview shows. What could not be seen is said to be not established, never passed.</p></footer>
<script>${new Markup(script)}</script>
</body>
</html>
`;
}

function anchorsOf({ changes }: Review): Anchors {
  const urns = changes.components.flatMap(({ resources }) => resources.map(({ urn }) => urn));
  return new Map(urns.map((urn, index) => [urn, `r${index + 1}`]));
}
