import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Action, Flow, Topology } from "../model.ts";
import { drawTopology, layOut } from "./index.ts";
import { leak, sampleTopology } from "./sample.ts";
import { sceneOf } from "./scene.ts";

const mixed = (index: number): Action | "none" => (index % 5 === 0 ? "create" : index === 3 ? "replace" : "none");
const shop = (servers: number, flows: readonly Partial<Flow>[] = [leak]) =>
  sampleTopology({ servers, locations: servers > 40 ? 3 : 1, actionOf: mixed, flows });

describe("sceneOf", () => {
  it("folds servers of a role and place, and says what happens to them", () => {
    const { zones } = sceneOf(shop(15));
    const [zone, nowhere] = zones;
    expect(zone!.title).toBe("fsn1 · Falkenstein (DE)");
    expect(zone!.networks).toEqual(["shop"]);
    expect(zone!.boxes.map(({ title, marks }) => [title, marks])).toEqual([
      ["load balancer", {}],
      ["monitoring server", {}],
      ["9 app servers", { create: 3 }],
      ["3 postgres servers", { replace: 1 }],
      ["3 redis servers", {}],
    ]);
    expect(zone!.boxes[3]!.details).toEqual(["ccx23", "3 volumes (±1)"]);
    expect(zone!.boxes.every(({ inNetwork }) => inNetwork)).toBe(true);
    expect(nowhere!.others).toEqual(["1 DNS entry", "1 firewall", "1 SSH key", "1 network"]);
  });

  it("says who is talked to over what, and that it leaves the EU", () => {
    const { edges, outsiders, zones } = sceneOf(shop(15));
    const names = new Map([...zones.flatMap(({ boxes }) => boxes), ...outsiders].map(({ id, title }) => [id, title]));
    const lines = edges.map(({ from, to, label }) => `${names.get(from)} -> ${names.get(to)}: ${label}`);
    expect(lines.sort()).toEqual([
      "9 app servers -> 3 postgres servers: 5432",
      "9 app servers -> 3 redis servers: 6379",
      "9 app servers -> Sentry (US): 443 · personal",
      "Internet -> load balancer: 443",
      "Named addresses -> monitoring server: 22",
      "load balancer -> 9 app servers: 8080",
      // To all others: one line to the place.
      "monitoring server -> 3 redis servers: 9100",
    ]);
    expect(edges.filter(({ leaves }) => leaves).map(({ to }) => names.get(to))).toEqual(["Sentry (US)"]);
  });

  it("stays as small with 500 resources as with 50", () => {
    const large = sceneOf(shop(440));
    const boxes = large.zones.flatMap((zone) => zone.boxes);
    expect(boxes).toHaveLength(15);
    expect(large.edges.length).toBeLessThan(30);
    expect(boxes.map(({ title }) => title)).toContain("90 app servers");
  });

  it("draws a few of hundreds that have nothing in common, and counts the rest", () => {
    const topology = shop(5);
    const [server] = topology.nodes.filter(({ kind, role }) => kind === "server" && role === "app");
    const strangers = Array.from({ length: 300 }, (_, index) => {
      const name = String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26));
      const { role: _role, ...rest } = server!;
      return { ...rest, name, urn: `${server!.urn}-${name}` };
    });
    const { zones } = sceneOf({ ...topology, nodes: [...topology.nodes, ...strangers] });
    expect(zones[0]!.boxes.length).toBeLessThan(16);
    expect(zones[0]!.boxes.some(({ title }) => /^\d{3} other servers$/.test(title))).toBe(true);
  });

  it("never folds away that something new leaves the EU while what was there could be folded", () => {
    const old = Array.from({ length: 40 }, (_, i) => ({
      ...leak,
      host: `a${i}.example`,
      vendor: `A${i}`,
      presence: "kept" as const,
    }));
    const { outsiders } = sceneOf(shop(15, [...old, leak]));
    expect(outsiders.map(({ title }) => title)).toContain("Sentry (US)");
    expect(outsiders.some(({ title }) => title.startsWith("30 others"))).toBe(true);
  });

  it("marks what leads from the EU to a place elsewhere, and not what leads to where no place is known", () => {
    const topology = sampleTopology({ servers: 10, locations: 2 });
    const leaving = (standing: "outside" | "unknown") => {
      const places = topology.places.map((place) => (place.key === "hcloud:nbg1" ? { ...place, standing } : place));
      const nodes = topology.nodes.filter(({ place, kind }) => place !== "hcloud:nbg1" || kind !== "load balancer");
      return sceneOf({ ...topology, places, nodes }).edges.filter(({ leaves }) => leaves);
    };
    expect(leaving("outside").map(({ kind, label }) => [kind, label])).toEqual([
      ["internal", "8080"],
      ["between", expect.stringContaining("postgres 5432, 9100")],
    ]);
    expect(leaving("unknown")).toEqual([]);
  });

  it("says with one line for two places what their machines may say to one another", () => {
    const topology = sampleTopology({ servers: 15, locations: 3 });
    const postgres = topology.nodes.filter(({ role }) => role === "postgres");
    const app = topology.nodes.filter(({ role, place }) => role === "app" && place === "hcloud:fsn1");
    const to = (urn: string, from: string, ports: string) =>
      ({ from: `role:${from}`, to: urn, ports, why: "", presence: "kept" }) as const;
    const passages = postgres.flatMap(({ urn }) => [to(urn, "postgres", "2380"), to(urn, "app", "5432")]);
    const without = (place: string) => topology.nodes.filter((node) => node.role !== "app" || node.place !== place);
    const { edges, zones } = sceneOf({ ...topology, passages, nodes: without("hcloud:hel1") });
    const names = new Map(
      zones.flatMap(({ id, title, boxes }) => [
        [id, title.slice(0, 4)] as const,
        ...boxes.map((box) => [box.id, `${box.title} in ${title.slice(0, 4)}`] as const),
      ]),
    );
    const name = (end: string, zone?: string) => names.get(zone ?? end);
    const lines = edges.map(
      ({ kind, from, to, fromZone, toZone, label }) =>
        `${kind}: ${name(from, fromZone)} - ${name(to, toZone)}: ${label}`,
    );
    expect(app).not.toHaveLength(0);
    expect(lines.sort()).toEqual([
      "between: fsn1 - hel1: postgres 2380",
      "between: fsn1 - nbg1: postgres 2380, 5432",
      "between: hel1 - nbg1: postgres 2380",
      // Who has an app server beside it, and who has not.
      "internal: 3 app servers in fsn1 - postgres server in fsn1: 5432",
      "internal: 3 app servers in fsn1 - postgres server in hel1: 5432",
      "internal: 3 app servers in nbg1 - postgres server in hel1: 5432",
      "internal: 3 app servers in nbg1 - postgres server in nbg1: 5432",
    ]);
  });

  it("puts what is new and attached to a network that has no id yet into the only one that there is", () => {
    const topology = sampleTopology({ servers: 5, locations: 1 });
    const [app] = topology.nodes.filter(({ role }) => role === "app");
    const parent = { ...app!, urn: `${app!.urn}-host`, isComponent: true, kind: "other" };
    const fresh = { ...app!, urn: `${app!.urn}-new`, role: "fresh", parent: parent.urn };
    const attached = {
      ...fresh,
      urn: `${app!.urn}-attached`,
      kind: "attachment",
      type: "hcloud:index/serverNetwork:ServerNetwork",
    };
    const inNetwork = (nodes: typeof topology.nodes) =>
      sceneOf({ ...topology, nodes: [...topology.nodes, parent, fresh, ...nodes] })
        .zones.flatMap(({ boxes }) => boxes)
        .find(({ role }) => role === "fresh")!.inNetwork;
    expect(inNetwork([attached])).toBe(true);
    expect(inNetwork([])).toBe(false);
    const second = { ...topology.nodes.find(({ kind }) => kind === "network")!, urn: "urn:second", name: "second" };
    expect(inNetwork([attached, second])).toBe(false);
  });

  it("keeps what is deleted in its box, and says from where something moves", () => {
    const topology = sampleTopology({
      servers: 10,
      locations: 2,
      actionOf: (_, role) => (role === "redis" ? "delete" : "none"),
    });
    const nodes = topology.nodes.map((node) =>
      node.role === "postgres" && node.place === "hcloud:nbg1" ? { ...node, placeBefore: "hcloud:fsn1" } : node,
    );
    const { zones } = sceneOf({ ...topology, nodes });
    const boxes = zones.find(({ title }) => title.startsWith("nbg1"))!.boxes;
    expect(boxes.find(({ title }) => title === "redis server")!.marks).toEqual({ delete: 1 });
    expect(boxes.find(({ title }) => title === "postgres server")!.details).toContain("until now in Falkenstein (DE)");
  });
});

describe("drawTopology", () => {
  it("is the same for the same topology", async () => {
    const svg = await drawTopology(shop(15));
    expect(await drawTopology(shop(15))).toBe(svg);
    await expect(svg).toMatchFileSnapshot("__snapshots__/shop.svg");
  });

  it("has real text, a name for each thing, and no colour that a theme could not change", async () => {
    const svg = await layOut(shop(15));
    expect(svg).toContain(">9 app servers<");
    expect(svg).toContain("<title>9 app servers, cpx31, 3 created</title>");
    expect(svg).toContain("<title>9 app servers to Sentry (US), 443 · personal, leaves the EU, new</title>");
    expect(svg).not.toMatch(/(?:fill|stroke)="(?!none")|style=|xlink|<image/);
  });

  it("stands names of every kind, and lets none become markup", async () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom(
        "</text><script>alert(1)</script>",
        "\\N",
        "]]>",
        "&amp;",
        '"',
        "<BR/>",
        "digraph {",
        "\u202e",
        "\ud800",
      ),
    );
    await fc.assert(
      fc.asyncProperty(name, name, name, async (server, host, place) => {
        const topology = shop(5, [{ ...leak, host, vendor: server }]);
        const hostile: Topology = {
          ...topology,
          places: topology.places.map((some) => ({ ...some, title: place })),
          nodes: topology.nodes.map((node) => ({ ...node, name: server, role: host, size: place, classes: [host] })),
        };
        const svg = await layOut(hostile);
        expect(svg).not.toMatch(/<(?!\/?(?:svg|g|title|text|path|polygon|ellipse|polyline)\b)/);
        expect(svg).not.toMatch(/\son\w+=/);
      }),
      { numRuns: 40 },
    );
  });

  it("draws nothing at all without complaint", async () => {
    const svg = await layOut({ places: [], nodes: [], links: [], flows: [] });
    expect(svg).toContain("0 groups of resources in 0 places; nothing drawn leads out of the EU");
  });
});
