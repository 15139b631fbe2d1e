import type { ImageRecord } from "./model.ts";

/** Flavor, version, display name, whether a successor replaced it. */
const SYSTEMS = [
  ["debian", "13", "Debian 13"],
  ["debian", "12", "Debian 12"],
  ["debian", "11", "Debian 11"],
  ["ubuntu", "24.04", "Ubuntu 24.04"],
  ["ubuntu", "22.04", "Ubuntu 22.04"],
  ["rocky", "10", "Rocky Linux 10"],
  ["rocky", "9", "Rocky Linux 9"],
  ["alma", "10", "AlmaLinux 10"],
  ["alma", "9", "AlmaLinux 9"],
  ["fedora", "43", "Fedora 43"],
] as const;

/** The ids are the lab's own: select system images by name and architecture, as one should at Hetzner. */
const FIRST_ID = 100;

/** The images that the provider makes. Debian 11's end of life made Hetzner deprecate it (date weak). */
export const systemImages: readonly ImageRecord[] = SYSTEMS.flatMap(([os_flavor, os_version, description], i) =>
  (["x86", "arm"] as const).map((architecture, j) => ({
    id: FIRST_ID + 2 * i + j,
    type: "system" as const,
    status: "available" as const,
    name: `${os_flavor}-${os_version}`,
    description,
    disk_size: 5,
    image_size: null,
    created: "2025-08-19T08:00:00Z",
    created_from: null,
    bound_to: null,
    os_flavor,
    os_version,
    architecture,
    deprecated: os_flavor === "debian" && os_version === "11" ? "2026-08-31T00:00:00Z" : null,
    labels: {},
    protection: { delete: false },
  })),
);
