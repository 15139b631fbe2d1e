/**
 * Data classes: what a workload, store, bucket, queue or endpoint handles, and whether that may leave the EU. The one list for components,
 * configuration and policies.
 */

/** Have to stay in the EU, under its law alone. */
export const sovereignClasses = ["personal", "financial", "business-critical"] as const;

/** May stand outside: what everybody may read, and tools that report nothing. */
export const flexibleClasses = ["public", "static", "telemetry-free-tooling"] as const;

export const dataClasses = [...sovereignClasses, ...flexibleClasses] as const;

export type SovereignClass = (typeof sovereignClasses)[number];
export type FlexibleClass = (typeof flexibleClasses)[number];
export type DataClass = SovereignClass | FlexibleClass;

/** At least one: what states no class has not been thought about. */
export type Classes<Class extends DataClass = DataClass> = readonly [Class, ...Class[]];

export function isSovereignClass(name: string): name is SovereignClass {
  return (sovereignClasses as readonly string[]).includes(name);
}

export function isFlexibleClass(name: string): name is FlexibleClass {
  return (flexibleClasses as readonly string[]).includes(name);
}

export function isDataClass(name: string): name is DataClass {
  return isSovereignClass(name) || isFlexibleClass(name);
}

/** The label that states a resource's classes. */
export const dataClassLabel = "data-class";
/** Takes what does not fit into the first one. */
export const moreDataClassesLabel = "data-classes";

/** The most that the provider takes as a label's value. https://docs.hetzner.cloud, read 2026-10. */
const labelLength = 63;

const join = (names: readonly string[]): string => names.join(".");

/** Labels that state these classes, the same for any order. A label's value takes no commas: dots stand between them. */
export function dataClassLabels(classes: readonly DataClass[]): Record<string, string> {
  const stated = dataClasses.filter((name) => classes.includes(name));
  if (join(stated).length <= labelLength) return { [dataClassLabel]: join(stated) };
  return {
    [dataClassLabel]: join(stated.filter(isSovereignClass)),
    [moreDataClassesLabel]: join(stated.filter(isFlexibleClass)),
  };
}

/** The classes that labels state, as written; empty where they state none. */
export function dataClassesOf(labels: Readonly<Record<string, unknown>>): string[] {
  return [dataClassLabel, moreDataClassesLabel]
    .flatMap((label) => (Object.hasOwn(labels, label) ? [labels[label]] : []))
    .flatMap((value) => (typeof value === "string" ? value.split(".") : []))
    .filter(Boolean);
}
