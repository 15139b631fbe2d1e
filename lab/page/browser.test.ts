import type { Page } from "playwright-core";
import { afterEach, describe, expect, test } from "vitest";
import { withBrowser } from "../../test/browser.ts";
import type { LabDriver, LabView } from "../api/driver.ts";
import { SERVERS } from "../api/model.ts";
import { type LabApi, startLabApi } from "../api/server.ts";
import { buildShop, createServer, type Post } from "./testing.ts";

const TOKEN = "browser-test".repeat(6).slice(0, 64);
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };

const tab = withBrowser("the page", { width: 1400, height: 900 });
let lab: LabApi | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

async function startLab(port = 0, driver?: LabDriver): Promise<LabApi> {
  const options = { name: "trial", dataDir: tab.folder, token: TOKEN, port, actionDuration: 0 };
  lab = await startLabApi(driver ? { ...options, driver } : options);
  return lab;
}

const post: Post = async (path, body) => {
  const response = await fetch(`${lab?.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text);
};

const home = () => `http://127.0.0.1:${lab?.port}/`;

async function address(): Promise<string> {
  const response = await fetch(`${home()}_lab/page/codes`, { method: "POST", headers });
  return `${home()}#code=${((await response.json()) as { code: string }).code}`;
}

/** A tab that notes whatever a good page causes none of. */
async function newTab(): Promise<Page> {
  const page = await tab.newPage();
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") tab.complaints.push(`request: ${request.url()}`);
  });
  return page;
}

async function openPage(): Promise<Page> {
  const page = await newTab();
  await page.goto(await address());
  await page.getByText("Live", { exact: true }).waitFor();
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  const bytes = await tab.picture(page, `lab-page-${name}`);
  // All of one colour it would be smaller.
  expect(bytes.length).toBeGreaterThan(20_000);
}

const overflow = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
const elements = (page: Page) => page.evaluate('document.querySelectorAll("*").length');
const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

describe("the page in a browser", { timeout: 120_000 }, () => {
  test("shows the lab, follows it live, and needs nothing from elsewhere", async () => {
    await startLab();
    await buildShop(post, 20);
    const page = await openPage();
    expect(new URL(page.url()).hash).toBe("");
    expect(await page.title()).toBe("Lab trial");
    await picture(page, "light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "dark");

    await createServer(post, 20, []);
    await row(page, "shop-app-hel1-21").getByText("running").waitFor();
    await page.getByRole("status").filter({ hasText: "Servers: 21, 21 running" }).waitFor();
    expect(await row(page, "/v1/servers").count()).toBeGreaterThan(0);
    expect(tab.complaints).toEqual([]);
  });

  test("says whether machines have booted, and which faults are in play", async () => {
    let view: LabView | undefined;
    const booted = new Set<number>();
    const driver: LabDriver = {
      name: "nspawn",
      start: (of) => {
        view = of;
      },
      machines: () => (view?.store.all(SERVERS) ?? []).map(({ id }) => ({ server: id, booted: booted.has(id) })),
    };
    await startLab(0, driver);
    await buildShop(post, 1);
    const page = await openPage();
    await row(page, "shop-app-fsn1-1").getByText("running · booting").waitFor();
    booted.add(view!.store.all(SERVERS)[0]!.id);
    await row(page, "shop-app-fsn1-1").getByText("running · booted").waitFor();
    const fault = { type: "latency", ms: 5, path: "/servers" };
    await fetch(`${home()}_lab/faults`, { method: "POST", headers, body: JSON.stringify(fault) });
    await row(page, "latency").getByText("ms=5, path=/servers").waitFor();
    expect(tab.complaints).toEqual([]);
  });

  test("stays small with a thousand servers; filter, pages and the roles lead to each of them", async () => {
    await startLab();
    await buildShop(post, 1000);
    const page = await openPage();
    const servers = page.getByRole("region", { name: "Servers" });
    await servers.getByText("1 to 50 of 1,000 rows").waitFor();
    expect(await elements(page)).toBeLessThan(4000);
    await picture(page, "thousand");

    await servers.getByRole("button", { name: "Next" }).click();
    await servers.getByText("51 to 100 of 1,000 rows").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("REDIS hel1-1000");
    await servers.getByText("0 of 1,000", { exact: true }).waitFor();
    await page.getByRole("searchbox").fill("redis shop-redis-nbg1-1000");
    await servers.getByText("Nothing here passes").waitFor();
    await page.getByRole("searchbox").fill("shop-redis-fsn1-1000");
    expect(await row(page, "shop-redis-fsn1-1000").count()).toBe(1);
    await page.getByRole("button", { name: "postgres" }).first().click();
    await servers.getByText("67 of 1,000", { exact: true }).waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByRole("checkbox").check();
    await servers.getByText("0 of 1,000", { exact: true }).waitFor();
    expect(tab.complaints).toEqual([]);
  });

  test("prints everything, unfolded", async () => {
    await startLab();
    await buildShop(post, 120);
    const page = await openPage();
    const inTable = () => page.locator("#servers tbody tr").count();
    await page.locator("#servers summary").first().click();
    expect(await inTable()).toBe(50);
    await page.evaluate('window.dispatchEvent(new Event("beforeprint"))');
    expect(await inTable()).toBe(120);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("#servers table").isVisible()).toBe(true);
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    await page.evaluate('window.dispatchEvent(new Event("afterprint"))');
    expect(await inTable()).toBe(50);
  });

  test("says that the lab is gone, and goes on by itself when it is back", async () => {
    const { port } = await startLab();
    await buildShop(post, 3);
    const page = await openPage();
    await lab?.close();
    await page.getByRole("alert").filter({ hasText: "has not answered since" }).waitFor();
    expect(await page.title()).toBe("Lab trial (no answer)");
    expect(await row(page, "shop-app-fsn1-1").first().isVisible()).toBe(true);
    await startLab(port);
    await createServer(post, 3, []);
    await row(page, "shop-postgres-fsn1-4").first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await page.getByRole("alert").isVisible()).toBe(false);
  });

  test("without a key it tells how to get in, and nothing else", async () => {
    await startLab();
    await buildShop(post, 1);
    const page = await newTab();
    await page.goto(home());
    await page.getByText("npx sovereign lab page").waitFor();
    expect(await page.locator("body").textContent()).not.toMatch(/shop|trial/);
    const used = await address();
    const other = await newTab();
    await other.goto(used);
    await other.getByText("Live", { exact: true }).waitFor();
    await other.reload();
    await other.getByText("Live", { exact: true }).waitFor();
    await page.goto(used);
    await page.getByText("was used already").waitFor();
    expect(page.url()).toBe(home());
    await page.goto(await address());
    await page.getByText("Live", { exact: true }).waitFor();
    // The browser itself notes the answer 401 to the used code.
    expect(tab.complaints).toEqual([expect.stringContaining("401")]);
  });

  test("text of the cloud stays text", async () => {
    await startLab();
    const value = '"<img src=x onerror=alert(1)><script>alert(2)</script>"';
    await post("/zones", { name: "a.eu", mode: "primary", rrsets: [{ name: "@", type: "TXT", records: [{ value }] }] });
    const page = await openPage();
    await row(page, "TXT").getByText(value).waitFor();
    expect(await page.locator("#content img, #content script").count()).toBe(0);
    expect(tab.complaints).toEqual([]);
  });

  test("is found through by keyboard and by screen reader", async () => {
    await startLab();
    await buildShop(post, 6);
    const page = await openPage();
    for (const role of ["banner", "main", "contentinfo", "search"] as const)
      expect([role, await page.getByRole(role).count()]).toEqual([role, 1]);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Lab trial");
    const headings = await page.getByRole("heading", { level: 2 }).allTextContents();
    for (const title of [
      "Locations",
      "Servers",
      "Load balancers",
      "Faults in play",
      "Networks",
      "Last API calls",
      "Lab",
    ])
      expect(headings).toContain(title);
    const servers = page.getByRole("table", { name: /^Servers with their state/ });
    expect(await servers.getByRole("columnheader", { name: "Private address" }).count()).toBe(1);
    expect(await servers.getByRole("rowheader", { name: "shop-app-fsn1-1", exact: true }).count()).toBe(1);

    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.keyboard.press("/");
    expect(await page.evaluate("document.activeElement.id")).toBe("filter");
    await page.locator("#servers summary").first().focus();
    await page.keyboard.press("Enter");
    expect(await servers.isVisible()).toBe(false);
    await page.keyboard.press("Enter");
    expect(await servers.isVisible()).toBe(true);
  });

  test.each([320, 390, 768, 1024])("fits %i pixels without scrolling sideways", async (width) => {
    await startLab();
    await buildShop(post, 12);
    const page = await openPage();
    await page.setViewportSize({ width, height: 844 });
    expect(await overflow(page)).toBe(0);
    expect(
      await page
        .getByRole("table", { name: /^Servers/ })
        .getByRole("rowheader")
        .count(),
    ).toBe(12);
    await picture(page, `${width}`);
  });
});
