import type { Lab } from "./core/lab.ts";
import type { LabView } from "./driver.ts";
import { reportTargetHealth } from "./kinds/load-balancers/health.ts";
import { SERVERS } from "./model.ts";

/** What the driver sees of a lab. */
export function labView(lab: Lab): LabView {
  return {
    store: lab.store,
    reportServerStatus: (id, status) =>
      lab.store.transaction(() => {
        // While an action runs its own status stands; a report of the same one would only be written again.
        const server = lab.store.get(SERVERS, id);
        if (!server || server.status === status || lab.isLocked("server", id)) return;
        lab.store.update(SERVERS, id, { status });
      }),
    reportTargetHealth: (report) => reportTargetHealth(lab, report),
  };
}
