/** Texts of a review come from programs that may not be friendly; what is written into markup goes through here. */

// Control characters, and those that turn the direction of what follows: they could make a name look like another.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The text on one line, with a mark where something could not be printed. */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ").replace(UNPRINTABLE, "\ufffd");
}

/** For the content of elements and for quoted attributes of HTML and SVG. */
export function escapeMarkup(text: string): string {
  return printable(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

/** At most so many characters, the last an ellipsis where there were more. */
export function clip(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** `1 server`, `2 servers`, `3 policies`, `4 switches`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : pluralOf(noun)}`;
}

function pluralOf(noun: string): string {
  if (/(?:s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
