/** Drills of the backups. */
import type { Drill } from "../drill.ts";

export const backupDrills: readonly Drill[] = [];
