import type { Lab } from "./core/lab.ts";
import type { LabView } from "./driver.ts";

/** What the driver sees of a lab. */
export function labView(lab: Lab): LabView {
  return {
    store: lab.store,
    reportServerStatus: () => undefined,
    reportTargetHealth: () => undefined,
  };
}
