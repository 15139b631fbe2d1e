import type { Resource } from "../../graph/model.ts";
import type { Vendor } from "../catalogue/types.ts";
import type { Context } from "../core/types.ts";
import { dataClasses } from "./resource.ts";

/**
 * Whether the settings rely on the EU-US Data Privacy Framework for this: only until the day that they name, only with a vendor on the
 * Framework's list, and only where the resource states classes that are all allowed. A resource that states none relies on nothing.
 */
export function frameworkAllows(resource: Resource, vendor: Vendor, { settings, today }: Context): boolean {
  const framework = settings.dataPrivacyFramework;
  if (!framework || today > framework.until || vendor.dpf !== true) return false;
  const classes = dataClasses(resource, settings);
  return classes.length > 0 && classes.every((name) => framework.classes.includes(name));
}
