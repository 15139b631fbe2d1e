/** Every drill there is, in the order in which `drill all` runs them. */
import type { Drill } from "./drill.ts";
import { appDrills } from "./drills/app.ts";
import { backupDrills } from "./drills/backup.ts";
import { controlDrills } from "./drills/controls.ts";
import { edgeDrills } from "./drills/edge.ts";
import { locationDrills } from "./drills/locations.ts";
import { monitoringDrills } from "./drills/monitoring.ts";
import { moveDrills } from "./drills/moves.ts";
import { postgresDrills } from "./drills/postgres.ts";
import { postgresGroundDrills } from "./drills/postgres-ground.ts";
import { postgresMemberDrills } from "./drills/postgres-members.ts";
import { redisDrills } from "./drills/redis.ts";
import { restoreDrills } from "./drills/restore.ts";
import { rolloutDrill } from "./drills/rollout.ts";
import { watcherDrill } from "./drills/watcher.ts";

export const allDrills: readonly Drill[] = [
  ...postgresDrills,
  ...postgresGroundDrills,
  ...postgresMemberDrills,
  ...locationDrills,
  ...edgeDrills,
  ...moveDrills,
  rolloutDrill,
  ...redisDrills,
  ...appDrills,
  ...backupDrills,
  ...restoreDrills,
  ...monitoringDrills,
  watcherDrill,
  ...controlDrills,
];
