/** A headless Chromium for the page's tests: Debian's own. */
import { type Browser, chromium } from "playwright-core";
import { ensurePrograms } from "../debian/apt.ts";
import { DebianUnavailable } from "../debian/build.ts";

const PROGRAM = "/usr/bin/chromium";
/** Without a font of their own the letters would be boxes. */
const WANTED = [{ program: "chromium", packages: ["chromium", "fonts-dejavu-core"] }];

/** Starts Chromium and installs it by apt where it is missing; or says why that cannot be. */
export async function openBrowser(onProgress: (line: string) => void): Promise<Browser | { unavailable: string }> {
  try {
    if (process.platform !== "linux") throw new DebianUnavailable(`it needs Linux, this is ${process.platform}`);
    await ensurePrograms(WANTED, { onProgress: (line) => onProgress(`Chromium: ${line}`) });
    return await chromium.launch({ executablePath: PROGRAM });
  } catch (error) {
    if (error instanceof DebianUnavailable) return { unavailable: error.message };
    throw error;
  }
}
