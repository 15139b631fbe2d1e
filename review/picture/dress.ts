import { counted, escapeMarkup } from "../markup.ts";
import type { Action } from "../model.ts";
import { actionInWords } from "../report/words.ts";
import { SIGNS } from "./boxes.ts";
import { classOfColor } from "./dot.ts";
import type { Edge, Marks, Scene } from "./scene.ts";

/** Makes the layout engine's SVG one of ours: classes instead of colours, words for screen readers instead of its own names. */
export function dress(svg: string, scene: Scene): string {
  const words = wordsOf(scene);
  const [width, height] = sizeOf(svg);
  return svg
    .slice(svg.indexOf("<svg"))
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/<svg[^>]*>/, () => head(width, height, scene))
    .replace(/<g id="([\w-]+)" class="(node|edge|cluster)([^"]*)">\n<title>[^<]*<\/title>/g, (_, id, kind, rest) => {
      const text = words.get(id);
      const name = text === undefined ? "" : `\n<title>${escapeMarkup(text)}</title>`;
      return `<g id="picture-${id}" class="${kind}${rest}"${text === undefined ? "" : ' role="img"'}>${name}`;
    })
    .replace(/ fill="(#[0-9a-f]{6})"/g, (whole, color) => {
      const name = classOfColor(color);
      return name === undefined ? whole : ` class="${name}"`;
    })
    .replace(/ (?:font-family|fill|stroke)="[^"]*"/g, (whole) => (whole.startsWith(' fill="none"') ? whole : ""))
    .replace(/\n+$/, "\n");
}

/** Pixels. */
function sizeOf(svg: string): [number, number] {
  const [, , width, height] = /viewBox="([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)"/.exec(svg)?.slice(1).map(Number) ?? [];
  return [Math.ceil(width ?? 0), Math.ceil(height ?? 0)];
}

function head(width: number, height: number, scene: Scene): string {
  const leaving = scene.outsiders.filter(({ side }) => side === "outside").length;
  const boxes = scene.zones.reduce((sum, zone) => sum + zone.boxes.length, 0);
  const about = `${counted(boxes, "group")} of resources in ${counted(scene.zones.length, "place")}; ${leaving === 0 ? "nothing drawn leads out of the EU" : `${counted(leaving, "recipient")} outside the EU`}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="graphics-document" aria-labelledby="picture-title" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title id="picture-title">${escapeMarkup(about)}</title>`;
}

const marksInWords = (marks: Marks): string[] =>
  (Object.keys(SIGNS) as Action[]).flatMap((action) =>
    marks[action] ? [`${marks[action]} ${actionInWords(action)}`] : [],
  );

const SIDES = {
  inside: "in the EU",
  outside: "outside the EU",
  unknown: "owner not known",
  around: "outside the deployment",
} as const;

/** What each group says, by id. */
function wordsOf({ zones, outsiders, edges }: Scene): Map<string, string> {
  const words = new Map<string, string>([["eu", "European Union"]]);
  const titles = new Map<string, string>([["eu", "everything in the EU"]]);
  const say = (id: string, title: string, more: readonly string[]) => {
    titles.set(id, title);
    words.set(id, [title, ...more].join(", "));
  };
  for (const zone of zones) {
    say(zone.id, zone.title, zone.others);
    words.set(`${zone.id}_net`, `private network in ${zone.title}`);
    words.set(`${zone.id}_rest`, zone.others.join(", "));
    titles.set(`${zone.id}_rest`, zone.title);
    for (const { id, title, details, marks, classes } of zone.boxes)
      say(id, title, [
        ...details,
        ...(classes.length > 0 ? [`holds ${classes.join(", ")} data`] : []),
        ...marksInWords(marks),
      ]);
  }
  for (const { id, title, details, side } of outsiders) say(id, title, [...details, SIDES[side]]);
  const inWords = ({ from, to, fromZone, toZone, label, kind, leaves, presence }: Edge) =>
    [
      `${titles.get(fromZone ?? from)} ${kind === "between" ? "and" : "to"} ${titles.get(toZone ?? to)}`,
      ...(label ? [label] : []),
      ...(leaves ? ["leaves the EU"] : []),
      ...(presence === "added" ? ["new"] : presence === "removed" ? ["gone afterwards"] : []),
    ].join(", ");
  for (const [index, edge] of edges.entries()) words.set(`e${index}`, inWords(edge));
  return words;
}
