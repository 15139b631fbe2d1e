import { afterEach, beforeEach, expect, test } from "vitest";
import { locations } from "../../../catalogue/hetzner/locations.ts";
import { serverTypes } from "../../../catalogue/hetzner/server-types.ts";
import { openTestLab, type TestLab } from "../testing.ts";

let lab: TestLab;
beforeEach(() => {
  lab = openTestLab();
});
afterEach(() => lab.close());

test("locations and server types are those of the catalogue, found by id and by name", async () => {
  const listed = (await lab.get("/locations?sort=name:desc")).body.locations;
  expect(listed).toHaveLength(locations.length);
  expect(listed[0].name).toBe(
    locations
      .map(({ name }) => name as string)
      .sort()
      .at(-1),
  );
  const [type] = (await lab.get("/server_types?name=cpx22")).body.server_types;
  expect((await lab.get(`/server_types/${type.id}`)).body.server_type).toEqual(type);
  expect(type).toMatchObject({ name: "cpx22", cores: 2, memory: 4, architecture: "x86", deprecated: false });
  expect(type.prices[0]).toMatchObject({ location: "fsn1", price_monthly: { net: "19.4900000000" } });
  expect((await lab.get("/server_types/99999")).status).toBe(404);
});

test("availability is told per location, and a fault takes it away", async () => {
  const available = async (name: string) => {
    const [type] = (await lab.get(`/server_types?name=${name}`)).body.server_types;
    return type.locations
      .filter((one: { available: boolean }) => one.available)
      .map((one: { name: string }) => one.name);
  };
  expect(await available("cx23")).toEqual([]);
  expect(await available("cpx22")).toContain("fsn1");
  const fault = { type: "resource_unavailable", server_type: "cpx22", location: "fsn1" };
  await lab.post("/_lab/faults", fault);
  expect(await available("cpx22")).not.toContain("fsn1");
  const server = { name: "a", server_type: "cpx22", image: "debian-13" };
  expect((await lab.post("/servers", { ...server, location: "fsn1" })).body.error.code).toBe("resource_unavailable");
  expect((await lab.post("/servers", { ...server, location: "nbg1" })).status).toBe(201);
});

test("images are found by name and architecture; those of the system cannot be changed", async () => {
  const { images } = (await lab.get("/images?name=debian-13&architecture=x86")).body;
  expect(images).toMatchObject([{ name: "debian-13", architecture: "x86", type: "system", status: "available" }]);
  expect((await lab.get("/images?name=debian-13")).body.images).toHaveLength(2);
  expect((await lab.get("/images?include_deprecated=false&name=debian-11")).body.images).toEqual([]);
  expect((await lab.get("/images?include_deprecated=true&name=debian-11")).body.images).toHaveLength(2);
  expect((await lab.put(`/images/${images[0].id}`, { description: "x" })).status).toBe(422);
  expect((await lab.delete(`/images/${images[0].id}`)).status).toBe(422);
});

test("there are no ISOs, and prices for every server type", async () => {
  expect((await lab.get("/isos")).body.isos).toEqual([]);
  expect((await lab.get("/isos/1")).status).toBe(404);
  const { pricing } = (await lab.get("/pricing")).body;
  expect(pricing.server_types).toHaveLength(serverTypes.length);
  expect(pricing.volume.price_per_gb_month.net).toBe("0.0572000000");
});
