import { clip, escapeMarkup } from "../markup.ts";
import type { Action, Presence } from "../model.ts";
import { SIGNS } from "./boxes.ts";
import type { Box, Edge, Marks, Outsider, Scene, Zone } from "./scene.ts";

/**
 * Colours that no theme has: each stands for a class that the style sheet colours, since the layout engine can give single words of a label
 * no class. {@link classOfColor} reads them back.
 */
const COLORS: Readonly<Record<string, string>> = Object.fromEntries(
  ["soft", "create", "update", "replace", "delete", "rename", "move", "import", "forget", "leaves"].map(
    (name, index) => [name, `#0000${(index + 1).toString(16).padStart(2, "0")}`],
  ),
);

const NAMES = new Map(Object.entries(COLORS).map(([name, color]) => [color, name]));

/** The class that a colour of a label stands for. */
export const classOfColor = (color: string): string | undefined => NAMES.get(color);

/** The heaviest action of a box gives its outline. */
const WEIGHT: readonly Action[] = ["delete", "replace", "create", "update", "forget", "import", "move", "rename"];

export const heaviest = (marks: Marks): Action | undefined => WEIGHT.find((action) => marks[action]);

/** Characters of a line in a box. */
const LINE = 42;

const small = (text: string, color = "soft"): string =>
  `<FONT POINT-SIZE="10" COLOR="${COLORS[color]}">${escapeMarkup(clip(text, LINE))}</FONT>`;
const strong = (text: string): string => `<B>${escapeMarkup(clip(text, LINE))}</B>`;

/** Lines of a label, ranged left. Rows, so that small lines have room below large ones. Empty texts would be errors of the layout engine. */
const label = (lines: readonly string[]): string =>
  `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">${lines.map((line) => `<TR><TD ALIGN="LEFT">${line}</TD></TR>`).join("")}</TABLE>>`;

function signLine(marks: Marks): string[] {
  const parts = (Object.keys(SIGNS) as Action[]).flatMap((action) =>
    marks[action]
      ? [`<FONT COLOR="${COLORS[action]}"><B>${escapeMarkup(SIGNS[action])}${marks[action]}</B></FONT>`]
      : [],
  );
  return parts.length > 0 ? [parts.join("  ")] : [];
}

function boxNode({ id, title, details, marks, classes }: Box): string {
  const lines = [
    strong(title),
    ...details.map((text) => small(text)),
    ...(classes.length > 0 ? [small(`data: ${classes.join(", ")}`)] : []),
    ...signLine(marks),
  ];
  return `${id} [id=${id}, class="box ${heaviest(marks) ?? "none"}", label=${label(lines)}]`;
}

const PRESENCE_SIGNS: Readonly<Record<Presence, string>> = {
  added: "+ new",
  removed: "− gone",
  changed: "~",
  kept: "",
};
const PRESENCE_COLORS: Readonly<Record<Presence, string>> = {
  added: "create",
  removed: "delete",
  changed: "update",
  kept: "soft",
};

function outsiderNode({ id, title, details, side, presence }: Outsider): string {
  const shape = side === "around" ? "ellipse" : "box";
  const sign = presence === "changed" ? "" : PRESENCE_SIGNS[presence];
  const lines = [
    strong(title),
    ...details.map((text) => small(text)),
    ...(sign ? [`<FONT COLOR="${COLORS[PRESENCE_COLORS[presence]]}"><B>${escapeMarkup(sign)}</B></FONT>`] : []),
  ];
  return `${id} [id=${id}, shape=${shape}, class="outsider ${side} ${presence}", label=${label(lines)}]`;
}

function edgeLine(
  { from, to, fromZone, toZone, label, short = label, kind, leaves, presence }: Edge,
  index: number,
): string {
  const sign = PRESENCE_SIGNS[presence].slice(0, 1);
  const words = [sign, short].filter(Boolean).join(" ");
  const attributes = [
    `id=e${index}`,
    `class="flow ${kind} ${leaves ? "leaves" : "stays"} ${presence}"`,
    ...(words ? [`label=<${small(` ${words} `, leaves ? "leaves" : PRESENCE_COLORS[presence])}>`] : []),
    ...(fromZone ? [`ltail=cluster_${fromZone}`] : []),
    ...(toZone ? [`lhead=cluster_${toZone}`] : []),
    // Without a say in who stands where: lines between all places would put each into a column of its own.
    ...(kind === "between" ? ["dir=both", "constraint=false"] : []),
  ];
  return `${from} -> ${to} [${attributes.join(", ")}]`;
}

/** Things of a zone that its heading names on one line. */
const PER_LINE = 4;
const MOST_OTHERS = 8;

function othersLines(others: readonly string[], perLine: number): string[] {
  const shown = others.slice(0, MOST_OTHERS);
  const all = others.length > MOST_OTHERS ? [...shown, `${others.length - MOST_OTHERS} more kinds`] : shown;
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += perLine)
    lines.push(
      `<FONT POINT-SIZE="10" COLOR="${COLORS.soft}">${escapeMarkup(clip(all.slice(at, at + perLine).join(", "), 90))}</FONT>`,
    );
  return lines;
}

function zoneCluster(zone: Zone, joined: ReadonlySet<string>): string {
  const { id, title, standing, boxes, others, networks } = zone;
  const inside = boxes.filter(({ inNetwork }) => inNetwork);
  const side = standing === "eu" ? "eu" : standing === "unknown" ? "unknown" : "foreign";
  const perLine = boxes.length > 3 ? PER_LINE : 2;
  const heading = label([strong(title), ...(boxes.length > 0 ? othersLines(others, perLine) : [])]);
  const networkTitle = networks.length === 1 ? `private network ${networks[0]}` : counted(networks.length);
  return `subgraph cluster_${id} {
id=${id}; class="zone ${side}"; label=${heading}; labeljust=l; style=rounded; margin=14
${boxes
  .filter(({ inNetwork }) => !inNetwork)
  .map(boxNode)
  .join("\n")}
${
  inside.length > 0
    ? `subgraph cluster_${id}_net {
id=${id}_net; class=network; label=${label([small(networkTitle)])}; labeljust=l; style="rounded,dashed"; margin=12
${inside.map(boxNode).join("\n")}
}`
    : ""
}
${boxes.length === 0 && others.length > 0 ? `${id}_rest [id=${id}_rest, class=rest, shape=plaintext, label=${label(othersLines(others, 1))}]` : ""}
${rows(boxes, joined)}
}`;
}

const counted = (networks: number): string => `${networks} private networks`;

/** Boxes that no line leads to would all stand in one column: three in a row instead. */
function rows(boxes: readonly Box[], joined: ReadonlySet<string>): string {
  const loose = boxes.filter(({ id }) => !joined.has(id));
  return loose
    .flatMap(({ id }, index) =>
      index % 3 === 2 || index === loose.length - 1 ? [] : [`${id} -> ${loose[index + 1]!.id} [style=invis, minlen=1]`],
    )
    .join("\n");
}

/** The scene as a Graphviz graph. Every name in it is ours; texts stand in labels alone, escaped. */
export function renderDot({ zones, outsiders, edges }: Scene): string {
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const inEu = zones.filter(({ standing }) => standing === "eu");
  const elsewhere = zones.filter(({ standing }) => standing !== "eu");
  const beside = (side: Outsider["side"]) => outsiders.filter((outsider) => outsider.side === side).map(outsiderNode);
  return `digraph {
graph [rankdir=LR, compound=true, newrank=false, fontname="Verdana", fontsize=12, nodesep=0.28, ranksep=0.85, pad=0.15, bgcolor=transparent]
node [shape=box, style="rounded,filled", fillcolor=white, fontname="Verdana", fontsize=12, margin="0.12,0.05", height=0.4]
edge [fontname="Verdana", fontsize=10, arrowsize=0.65]
${beside("around").join("\n")}
subgraph cluster_eu {
id=eu; class=union; label=${label([strong("European Union")])}; labeljust=l; style=rounded; margin=16
${inEu.map((zone) => zoneCluster(zone, joined)).join("\n")}
${beside("inside").join("\n")}
}
${elsewhere.map((zone) => zoneCluster(zone, joined)).join("\n")}
${beside("outside").join("\n")}
${beside("unknown").join("\n")}
${edges.map(edgeLine).join("\n")}
}
`;
}
