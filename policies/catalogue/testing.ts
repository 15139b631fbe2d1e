import { loadCatalogue } from "./load.ts";

/** The project's catalogue, for tests of what asks it: read once. */
export const catalogue = loadCatalogue({ today: "2026-11-22" });
