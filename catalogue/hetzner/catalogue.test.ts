import { describe, expect, test } from "vitest";
import { isEuCountry } from "../countries.ts";
import { limits } from "./limits.ts";
import { findLoadBalancerType, loadBalancerTypes } from "./load-balancer-types.ts";
import { euLocations, findLocation, isLocationName, locations, networkZones } from "./locations.ts";
import { gross, prices } from "./prices.ts";
import { findServerType, isServerTypeName, serverTypes } from "./server-types.ts";

const unique = (values: readonly unknown[]) => new Set(values).size === values.length;

describe("each list", () => {
  test.each([
    ["locations", locations],
    ["server types", serverTypes],
    ["load balancer types", loadBalancerTypes],
  ])("%s: ids and names are unique, names lower-case", (_, list) => {
    expect(unique(list.map((item) => item.id))).toBe(true);
    expect(unique(list.map((item) => item.name))).toBe(true);
    expect(list.every((item) => item.name === item.name.toLowerCase())).toBe(true);
  });
});

describe("locations", () => {
  test("a location is EU exactly when its country is a member", () => {
    for (const location of locations)
      expect([location.name, location.eu]).toEqual([location.name, isEuCountry(location.country)]);
  });
  test("EU locations share one network zone that no other location is in", () => {
    const zones = new Set(locations.filter((location) => location.eu).map((location) => location.networkZone));
    expect(zones.size).toBe(1);
    expect(locations.some((location) => !location.eu && zones.has(location.networkZone as never))).toBe(false);
    expect(unique(networkZones)).toBe(true);
  });
  test("coordinates put EU locations in Europe", () => {
    for (const name of euLocations()) {
      const { latitude, longitude } = findLocation(name)!;
      expect(latitude).toBeGreaterThan(35);
      expect(longitude).toBeGreaterThan(-10);
      expect(longitude).toBeLessThan(32);
    }
  });
  test("lookups refuse what is not there", () => {
    expect(isLocationName("fsn1")).toBe(true);
    expect(isLocationName("fsn1-dc14")).toBe(false);
    expect(findLocation("toString")).toBeUndefined();
  });
});

describe("server types", () => {
  test("what can be ordered somewhere is offered there", () => {
    for (const type of serverTypes)
      for (const location of type.availableIn) expect([...type.locations]).toContain(location);
  });
  test("within a family more memory costs more, and has no fewer cores and disk", () => {
    for (const family of ["cx", "cax", "cpx", "ccx"]) {
      const members = serverTypes.filter((type) => type.name.replace(/\d+$/, "") === family);
      expect(members.length).toBeGreaterThan(3);
      for (const [index, type] of members.slice(1).entries()) {
        const smaller = members[index]!;
        expect(type.memoryGb).toBeGreaterThan(smaller.memoryGb);
        expect(type.monthlyEurNet).toBeGreaterThan(smaller.monthlyEurNet);
        expect(type.cores).toBeGreaterThanOrEqual(smaller.cores);
        expect(type.diskGb).toBeGreaterThan(smaller.diskGb);
      }
    }
  });
  test("every EU location can host both shared and dedicated machines", () => {
    for (const location of euLocations())
      for (const cpuType of ["shared", "dedicated"])
        expect(serverTypes.some((type) => type.cpuType === cpuType && type.availableIn.includes(location))).toBe(true);
  });
  test("lookups", () => {
    expect(findServerType("CPX22")?.cores).toBe(2);
    expect(isServerTypeName("cx22")).toBe(false);
  });
});

describe("load balancer types", () => {
  test("limits grow; an unknown price is null, never zero", () => {
    for (const [index, type] of loadBalancerTypes.slice(1).entries()) {
      expect(type.maxTargets).toBeGreaterThan(loadBalancerTypes[index]!.maxTargets);
      expect(type.maxServices).toBeGreaterThan(loadBalancerTypes[index]!.maxServices);
    }
    expect(loadBalancerTypes.some((type) => (type.monthlyEurNet as number | null) === 0)).toBe(false);
    expect(findLoadBalancerType("LB31")?.monthlyEurNet).toBeNull();
  });
});

describe("prices and limits", () => {
  test("gross adds VAT, and unknown stays unknown", () => {
    expect(gross(100)).toBe(119);
    expect(gross(7.49)).toBe(8.91);
    expect(gross(null)).toBeNull();
    expect(Date.parse(prices.validFrom)).not.toBeNaN();
  });
  test("limits are positive whole numbers", () => {
    for (const value of Object.values(limits)) expect(Number.isInteger(value) && value > 0).toBe(true);
  });
});
