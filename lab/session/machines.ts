/** The machines behind a lab's servers. */
import { z } from "zod";
import { callLab } from "./client.ts";
import type { RunningLab } from "./session.ts";

const schema = z.object({
  machines: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      status: z.string(),
      /** Its first process, as the lab's process sees it; null while it does not run. */
      leader: z.int().nullable(),
      /** Whether it has run its user data. */
      booted: z.boolean(),
      /** Why its first boot failed. */
      failed: z.string().nullable(),
      /** Units of systemd that have failed. */
      failedUnits: z.array(z.string()),
      /** Public addresses, then private ones. */
      addresses: z.array(z.string()),
    }),
  ),
});

export type Machine = z.infer<typeof schema>["machines"][number];

/** @throws LabError when the lab has no machines */
export async function listMachines(lab: RunningLab): Promise<Machine[]> {
  return schema.parse(await callLab(lab, "GET", "/machines")).machines;
}
