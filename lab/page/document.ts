import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The client's modules, each after those that it imports. */
const MODULES = ["dom.js", "table.js", "tables.js", "overview.js", "connection.js", "main.js"];

const STYLES = ["../../../page/base.css", "base.css", "content.css", "media.css"];

export interface PageDocument {
  readonly html: string;
  /** Value of `Content-Security-Policy`: this very script and style, requests to the page's own origin, nothing else. */
  readonly policy: string;
}

let made: PageDocument | undefined;

/** The page as one file. It is the same for everybody and holds nothing of any lab. */
export function pageDocument(): PageDocument {
  made ??= makeDocument();
  return made;
}

function makeDocument(): PageDocument {
  const style = STYLES.map(read).join("\n");
  const script = MODULES.map((name) => withoutModules(read(name))).join("\n");
  const html = read("page.html")
    .replace("/* style */", () => style)
    .replace("/* script */", () => script);
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  return { html, policy };
}

function read(name: string): string {
  return readFileSync(new URL(`client/${name}`, import.meta.url), "utf8");
}

/** The modules stand in one script: what they import is above them already, so no bundler is needed. */
function withoutModules(source: string): string {
  return source.replace(/^import\s[^;]*;\n/gm, "").replace(/^export (?=(async )?(function|const|class)\s)/gm, "");
}

const hash = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;
