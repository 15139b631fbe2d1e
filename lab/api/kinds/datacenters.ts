import { ApiError } from "../core/errors.ts";
import type { Kind } from "../core/kind.ts";
import type { BaseRecord } from "../core/store.ts";

/** Gone from the API since October 2026: both endpoints answer 410, as Hetzner's do. */
export const datacenters: Kind<BaseRecord> = {
  path: "datacenters",
  singular: "datacenter",
  routes: (router) => {
    const gone = (): never => {
      throw new ApiError("deprecated_api_endpoint", "datacenters were removed from the API: use locations");
    };
    router.get("/datacenters", gone);
    router.get("/datacenters/:id", gone);
  },
  render: (_, datacenter) => datacenter,
};
