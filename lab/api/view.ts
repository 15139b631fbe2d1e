import type { Lab } from "./core/lab.ts";
import type { LabView } from "./driver.ts";
import { reportTargetHealth } from "./kinds/load-balancers/health.ts";

/** What the driver sees of a lab. */
export function labView(lab: Lab): LabView {
  return {
    store: lab.store,
    reportServerStatus: () => undefined,
    reportTargetHealth: (report) => reportTargetHealth(lab, report),
  };
}
