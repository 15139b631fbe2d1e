/** Texts of programs that may not be friendly, in somebody's Markdown. */

const BREAKS = /[\s\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/** No markup, mention or link of theirs may work in somebody's merge request. */
export function inert(text: string): string {
  return text
    .replace(BREAKS, " ")
    .replace(/[\\`*_{}[\]<>|#~]/g, "\\$&")
    .replace(/@(?=\w)/g, "@\u200b")
    .replace(/:\/\//g, ":\u200b//");
}

/** The same as code. */
export function code(text: string): string {
  const plain = text.replace(BREAKS, " ").replaceAll("`", "'").replaceAll("|", "\\|");
  return `\`${plain}\``;
}
