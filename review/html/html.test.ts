import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { escapeMarkup } from "../markup.ts";
import { renderHtml } from "./index.ts";
import { sampleReview } from "./sample.ts";
import { html } from "./template.ts";

describe("html", () => {
  it("escapes every string, in elements and in attributes, and nothing of its own", () => {
    const evil = `"><img src=x onerror=alert(1)>'`;
    expect(html`<p title="${evil}">${[evil, html`<b>${1}</b>`]}</p>`.text).toBe(
      `<p title="${escapeMarkup(evil)}">${escapeMarkup(evil)}<b>1</b></p>`,
    );
    expect(escapeMarkup(evil)).toBe("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39;");
  });

  it("leaves out what is not there", () => {
    expect(html`<p>${false}${undefined}${[]}</p>`.text).toBe("<p></p>");
  });

  it("shows what cannot be printed", () => {
    expect(escapeMarkup("a\u202eb\u0000c\nd")).toBe("a\ufffdb\ufffdc d");
  });
});

describe("renderHtml", () => {
  it("says the verdict and its reasons before everything else", async () => {
    const review = sampleReview("refused", {
      servers: 5,
      locations: 1,
      actionOf: (_, role) => (role === "postgres" ? "replace" : "none"),
    });
    const text = await renderHtml(review);
    const main = text.slice(text.indexOf("<main"));
    const order = [
      "Refused",
      review.verdict.reasons[0]!.text,
      "Data at stake",
      '<h2 id="changes-title"',
      '<h2 id="cost-title"',
    ];
    const positions = order.map((part) => main.indexOf(part));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });

  it("names no address that a browser would fetch", async () => {
    const text = await renderHtml(sampleReview("safe", { servers: 5, locations: 1 }));
    expect(text).not.toMatch(/\s(?:src|srcset|action|poster|background)=|url\(|@import|<link/i);
    expect([...text.matchAll(/href="([^"]*)"/g)].filter(([, href]) => !href!.startsWith("#"))).toEqual([]);
  });
});

describe("the page's script", () => {
  it("puts no markup together from text", () => {
    const script = readFileSync(new URL("client/page.js", import.meta.url), "utf8");
    expect(script).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|<\/script/,
    );
  });

  it("passes the compiler", async () => {
    const config = fileURLToPath(new URL("client/tsconfig.json", import.meta.url));
    const { stdout } = await execa("tsc", ["--noEmit", "--project", config], { reject: false, preferLocal: true });
    expect(stdout).toBe("");
  });
});
