/** Locations where the provider has object storage (its product page, read 2026-10). */
export const storeLocations = ["fsn1", "nbg1", "hel1"] as const;

export type StoreLocation = (typeof storeLocations)[number];

/** The name under which a location's store is reached. */
export const storeHost = (location: StoreLocation): string => `${location}.your-objectstorage.com`;
