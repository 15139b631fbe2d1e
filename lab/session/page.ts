/** How somebody gets to see the lab's page. */
import { z } from "zod";
import { callLab } from "./client.ts";
import type { RunningLab } from "./session.ts";

const issued = z.object({ code: z.string() });

/**
 * An address that opens the lab's page in one browser tab: good once, for ten minutes. Its code stands behind the `#`, which browsers
 * send to nobody.
 */
export async function pageAddress(lab: RunningLab): Promise<string> {
  const { code } = issued.parse(await callLab(lab, "POST", "/page/codes"));
  return `${new URL(lab.endpoint).origin}/#code=${code}`;
}
