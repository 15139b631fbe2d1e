/** A headless Chromium for the tests of pages: Debian's own, and what all of these tests do with it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { ensurePrograms } from "../lab/debian/apt.ts";
import { DebianUnavailable } from "../lab/debian/build.ts";
import { requireVariable } from "../lab/debian/testing.ts";

const PROGRAM = "/usr/bin/chromium";
/** Without a font of their own the letters would be boxes. */
const WANTED = [{ program: "chromium", packages: ["chromium", "fonts-dejavu-core"] }];
/** Milliseconds; for a first download of the browser on a slow line. */
const INSTALL_LIMIT = 10 * 60_000;
const print = (line: string) => process.stderr.write(`${line}\n`);

/** Starts Chromium and installs it by apt where it is missing; or says why that cannot be. */
async function openBrowser(): Promise<Browser | { readonly unavailable: string }> {
  try {
    if (process.platform !== "linux") throw new DebianUnavailable(`it needs Linux, this is ${process.platform}`);
    await ensurePrograms(WANTED, { onProgress: (line) => print(`Chromium: ${line}`) });
    return await chromium.launch({ executablePath: PROGRAM });
  } catch (error) {
    if (error instanceof DebianUnavailable) return { unavailable: error.message };
    throw error;
  }
}

/** What each test has anew. */
export interface BrowserUnderTest {
  readonly context: BrowserContext;
  /** An empty folder that goes with the test. */
  readonly folder: string;
  /** What a good page causes none of: errors, messages, and whatever else the test adds. */
  readonly complaints: string[];
  /** A tab that notes messages and errors. */
  newPage(): Promise<Page>;
  /** A picture of the page, which goes where the results of the tests are wanted, if they are. */
  picture(page: Page, name: string, options?: { readonly fullPage?: boolean }): Promise<Buffer>;
}

/**
 * Starts one browser for the file's tests, and a context of its own for each. Where there is no Chromium, the tests are reported as skipped
 * and the reason is printed; with {@link requireVariable} set they fail.
 */
export function withBrowser(name: string, viewport: { width: number; height: number }): BrowserUnderTest {
  let browser: Browser | { readonly unavailable: string } = { unavailable: "it was not started" };
  let context: BrowserContext | undefined;
  let folder = "";
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    if ("unavailable" in browser) print(`${name} in a browser: skipped, no Chromium: ${browser.unavailable}`);
  }, INSTALL_LIMIT);
  afterAll(async () => {
    if ("close" in browser) await browser.close();
  });
  beforeEach(async (test) => {
    if ("unavailable" in browser) {
      if (process.env[requireVariable]) throw new Error(`no Chromium: ${browser.unavailable}`);
      return test.skip(`no Chromium: ${browser.unavailable}`);
    }
    folder = mkdtempSync(join(tmpdir(), "sovereign-browser-"));
    complaints = [];
    context = await browser.newContext({ viewport });
    context.setDefaultTimeout(30_000);
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = "";
  });

  return {
    get context() {
      if (!context) throw new Error("there is a browser within tests alone");
      return context;
    },
    get folder() {
      return folder;
    },
    get complaints() {
      return complaints;
    },
    async newPage() {
      const page = await this.context.newPage();
      const noted = complaints;
      page.on("console", (message) => noted.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => noted.push(`error: ${error.message}`));
      return page;
    },
    async picture(page, file, { fullPage = false } = {}) {
      const bytes = await page.screenshot({ fullPage });
      const report = process.env.SOVEREIGN_TEST_REPORT;
      if (report !== undefined) {
        mkdirSync(report, { recursive: true });
        writeFileSync(join(report, `${file}.png`), bytes);
      }
      return bytes;
    },
  };
}
