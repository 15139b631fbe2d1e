import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { withBrowser } from "../../test/browser.ts";
import type { Action, Flow, Review } from "../model.ts";
import { leak } from "../picture/sample.ts";
import { renderHtml } from "./index.ts";
import { sampleReview } from "./sample.ts";

const tab = withBrowser("reviews", { width: 1280, height: 900 });

const FLOWS: readonly Partial<Flow>[] = [
  leak,
  { host: "mirror.example-packages.org", standing: "unknown", leaves: "unknown" },
  { host: "fsn1.your-objectstorage.com", vendor: "Hetzner", jurisdiction: "DE", port: 443 },
];
const mixed = (index: number, role: string): Action | "none" => {
  if (index % 13 === 0) return "create";
  return index % 29 === 3 ? "replace" : role === "redis" && index > 5 ? "update" : "none";
};
const small = () => sampleReview("refused", { servers: 15, locations: 1, flows: FLOWS, actionOf: mixed });
const large = () =>
  sampleReview("needs approval", {
    servers: 420,
    flows: FLOWS,
    actionOf: (index, role) => (index % 3 === 0 ? "update" : mixed(index, role)),
  });

/** Opens a review as people do: from a file. Everything but that file is refused, and noted. */
async function open(review: Review): Promise<Page> {
  const file = join(tab.folder, "review.html");
  writeFileSync(file, await renderHtml(review));
  const own = pathToFileURL(file).href;
  const page = await tab.newPage();
  page.on("dialog", async (dialog) => {
    tab.complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url === own) return route.continue();
    tab.complaints.push(`request: ${url}`);
    return route.abort();
  });
  await page.goto(own);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  const bytes = await tab.picture(page, `review-${name}`, { fullPage: true });
  // All of one colour it would be smaller.
  expect(bytes.length).toBeGreaterThan(20_000);
}

const overflow = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

describe("a review in a browser", { timeout: 120_000 }, () => {
  test("asks nothing of anybody; light, dark and on a phone", async () => {
    const page = await open(small());
    expect(await page.title()).toBe("refused: review of prod");
    await picture(page, "20-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "20-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await overflow(page)).toBe(0);
    await picture(page, "20-phone");
    expect(tab.complaints).toEqual([]);
  });

  test("is readable with 500 resources: folded, and the filter finds each", async () => {
    const page = await open(large());
    await picture(page, "500-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "500-dark");
    const rows = page.locator("#changes tbody tr:visible");
    expect(await rows.count()).toBe(0);
    await page.keyboard.press("/");
    await page.keyboard.type("shop-redis-hel1-150 ");
    await page
      .getByRole("status")
      .filter({ hasText: /^\d+ of \d[\d,]* entries$/ })
      .waitFor();
    expect(await rows.allTextContents()).toEqual([expect.stringContaining("shop-redis-hel1-150")]);
    await page.keyboard.press("Escape");
    expect(await rows.count()).toBe(0);
    await page.getByLabel("Show").selectOption("replace");
    await rows.first().waitFor();
    const actions = new Set(await rows.locator("td:first-child").allTextContents());
    expect([...actions]).toEqual(["±replaced"]);
    expect(tab.complaints).toEqual([]);
  });

  test("a link from a reason unfolds what it is about", async () => {
    const page = await open(large());
    await page.getByRole("link", { name: "show" }).first().click();
    const target = page.locator("tr:target");
    await target.waitFor();
    expect(await target.isVisible()).toBe(true);
    await page.getByRole("button", { name: "Fold all", exact: true }).click();
    expect(await target.isVisible()).toBe(false);
    await page.getByRole("link", { name: "show" }).first().click();
    await target.waitFor();
    expect(tab.complaints).toEqual([]);
  });

  test("has landmarks, headings in order, named tables and pictures, and a visible focus", async () => {
    const page = await open(small());
    for (const role of ["banner", "navigation", "main", "contentinfo", "search"] as const)
      expect(await page.getByRole(role).count()).toBe(1);
    const levels = await page.evaluate(
      '[...document.querySelectorAll("h1, h2, h3")].map((heading) => Number(heading.tagName[1]))',
    );
    expect((levels as number[]).every((level, i, all) => i === 0 || level <= all[i - 1]! + 1)).toBe(true);
    expect(await page.getByRole("region").count()).toBe(await page.locator("main > section").count());
    expect(await page.locator("table:not(:has(thead th[scope=col]))").count()).toBe(0);
    await page.getByRole("img", { name: "9 app servers to Sentry (US)" }).waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the review");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  });

  test("prints everything, unfolded, without controls", async () => {
    const page = await open(large());
    await page.emulateMedia({ media: "print" });
    await page.evaluate('window.dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator("details:not([open])").count()).toBe(0);
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    expect(await page.locator("#changes tbody tr:visible").count()).toBe(
      large().changes.components.reduce((sum, { resources }) => sum + resources.length, 0),
    );
    await page.evaluate('window.dispatchEvent(new Event("afterprint"))');
    expect(await page.locator("details:not([open])").count()).toBeGreaterThan(0);
  });

  test.each([
    `<script>alert("script")</script>`,
    `"><img src="https://evil.example/x.png" onerror="alert('attribute')">`,
    `' onmouseover='alert(1)' style='background:url(https://evil.example/css)`,
    `</style><style>@import "https://evil.example/a.css";body{display:none}</style>`,
    `</title></svg><iframe src="https://evil.example/"></iframe>`,
    `javascript:alert(1)`,
    `]]><!--<script>alert(2)</script>-->`,
  ])("nothing of %j runs, is fetched or becomes an element", async (evil) => {
    const clean = await open(small());
    const elements = (page: Page) => page.evaluate('document.querySelectorAll("*").length');
    const expected = await elements(clean);
    const page = await open(poisoned(small(), evil));
    expect(await elements(page)).toBe(expected);
    expect(await page.locator("body").isVisible()).toBe(true);
    expect(await page.locator("script").count()).toBe(1);
    expect(await page.locator("body").textContent()).toContain(evil.slice(0, 20));
    expect(tab.complaints).toEqual([]);
  });
});

/** Words that the page itself gives a meaning: no program chooses them. */
const OWN = new Set([
  "word",
  "weight",
  "kind",
  "action",
  "effect",
  "fate",
  "because",
  "what",
  "standing",
  "leaves",
  "presence",
  "severity",
  "since",
  "change",
  "outcome",
  "source",
  "state",
  "when",
  "pack",
]);

/** The review with every text that comes from a program, but for keys, ending in something hostile. */
function poisoned(review: Review, evil: string): Review {
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return OWN.has(name) || value === "internet" ? value : `${value}${evil}`;
    if (Array.isArray(value)) return value.map((item) => walk(item, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, key)]));
  };
  return walk(review, "") as Review;
}
