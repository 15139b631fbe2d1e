import { escapeMarkup } from "../markup.ts";

/** Markup that is safe to put into a page: made by {@link html} alone, or by the layout engine. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Markup | false | undefined | readonly Part[];

/** A template whose strings are escaped, for elements and quoted attributes; `false` and `undefined` are nothing, lists are put one after another. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, index) => (index === 0 ? text : render(parts[index - 1]) + text)).join(""));
}

function render(part: Part): string {
  if (part === false || part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeMarkup(part);
  return typeof part === "number" ? String(part) : part.map(render).join("");
}
