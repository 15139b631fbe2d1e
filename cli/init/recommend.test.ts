import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { dataClasses } from "../../catalogue/data-classes.ts";
import { euLocations } from "../../catalogue/hetzner/locations.ts";
import { parseStackConfig } from "../../stacks/config/parse.ts";
import { planStack } from "../../stacks/cost.ts";
import { customerKinds, type RawAnswers, teamHours } from "./answers.ts";
import { candidatesFor, unmetBy } from "./candidates.ts";
import { pricedOptions, type Recommendation, recommend } from "./recommend.ts";
import { answersOf, edgePublicKey, roughPlan } from "./testing.ts";

// What a plan of the stack has begun goes on behind it: it ends before this process does.
afterAll(() => pulumi.runtime.disconnect());

const recommendFor = async (change: RawAnswers): Promise<Recommendation> => {
  const answers = answersOf(change);
  return recommend(answers, await pricedOptions(answers, roughPlan), []);
};

const needsLocations = { locationRpo: 0, locationRto: 15 };

describe("the topology", () => {
  it.each<[string, RawAnswers, string, string]>([
    ["nothing lost with a machine", {}, "single-region", "one location, three machines with data"],
    ["nothing lost with a location", { locationRpo: 0 }, "multi-region-eu", "three locations"],
    [
      "back soon after the loss of a location",
      { locationRto: 15, rpo: 5, locationRpo: 5 },
      "multi-region-eu",
      "two locations, and a vote in a third",
    ],
    ["the same, and nothing lost with a machine", { locationRto: 15 }, "multi-region-eu", "three locations"],
    ["time and a backup", { rpo: 60, rto: 1440 }, "single-region", "one location, one machine of each kind"],
    [
      "a minute less than the archive takes",
      { rpo: 59, rto: 1440 },
      "single-region",
      "one location, three machines with data",
    ],
    ["people who are asleep", { team: "office-hours" }, "multi-region-eu", "three locations"],
    [
      "people who are asleep, and a week",
      { team: "office-hours", locationRto: 10_080 },
      "single-region",
      "one location, three machines with data",
    ],
    ["no backups", { backup: "none" }, "multi-region-eu", "three locations"],
    [
      "static files for America",
      { traffic: { DE: 80, US: 20 } },
      "hybrid",
      "one location, three machines with data; caches in ash",
    ],
    [
      "static files for America and Asia",
      { ...needsLocations, traffic: { DE: 60, US: 20, JP: 10, SG: 10 } },
      "hybrid",
      "three locations; caches in ash, sin",
    ],
    [
      "few visitors in America",
      { traffic: { DE: 91, US: 9 } },
      "single-region",
      "one location, three machines with data",
    ],
    [
      "nothing that may leave the EU",
      { data: ["personal"], traffic: { DE: 50, US: 50 } },
      "single-region",
      "one location, three machines with data",
    ],
    [
      "visitors outside the EU whom the EU is nearest to",
      { traffic: { CH: 50, GB: 50 } },
      "single-region",
      "one location, three machines with data",
    ],
  ])("%s", async (_, change, topology, title) => {
    expect(await recommendFor(change)).toMatchObject({ topology, title, givenUp: [], isWithinBudget: true });
  });

  it("says why it is not another one, with the price", async () => {
    const { alternatives } = await recommendFor({});
    expect(alternatives.map(({ title, whyNot }) => [title, whyNot])).toEqual([
      [
        "one location, one machine of each kind",
        "the loss of a machine may take the writes of 60 s; back after the loss of a machine in 4 h",
      ],
      ["two locations, and a vote in a third", "the loss of a machine may take the writes of 2 s"],
      ["three locations", expect.stringMatching(/^\d+\.00 EUR a month more, for more than was asked$/)],
    ]);
  });

  it("names the answer behind each reason", async () => {
    const because = async (change: RawAnswers) => (await recommendFor(change)).reasons.map((reason) => reason.because);
    expect(await because({})).toEqual(["rpo", "rto", "locationRpo", "locationRto", "team"]);
    expect(await because({ team: "office-hours" })).toContain("team");
    expect(await because({ traffic: { DE: 80, US: 20 } })).toContain("traffic");
    expect(await because({ data: ["personal"], traffic: { DE: 80, US: 20 } })).toContain("data");
    expect(await because({ backup: "none", locationRpo: 0 })).toContain("backup");
    expect(await because({ people: 1, locationRpo: 0 })).toContain("people");
  });

  it("quotes what drills measured, and says so where none did", async () => {
    const answers = answersOf({ locationRpo: 0, locationRto: 15 });
    const options = await pricedOptions(answers, roughPlan);
    const measured = (drill: string) => ({
      drill,
      date: "2026-11-22",
      machine: "",
      runs: 5,
      medianOutageSeconds: 22.33,
      worstOutageSeconds: 23.64,
      acknowledged: 4415,
      mostErrors: 1,
      lost: 0,
      duplicates: 0,
      disagreeing: 0,
      figures: {},
      violations: [],
    });
    const texts = (drills: string[]) =>
      recommend(answers, options, drills.map(measured))
        .reasons.map(({ text }) => text)
        .join("\n");
    expect(texts(["postgres-host-kill"])).toMatch(
      /by itself: 22\.3 s .* 23\.6 s at worst, 0 of 4415 acknowledged writes lost/,
    );
    expect(texts([])).toMatch(/no drill of it is on record yet/);
    expect(texts(["location-lost"])).not.toMatch(/no drill of it/);
  });
});

describe("a budget that does not reach", () => {
  it.each<[string, RawAnswers, string, string[]]>([
    [
      "gives up caches before what was asked",
      { traffic: { DE: 80, US: 20 }, budget: 300 },
      "one location, three machines with data",
      ["traffic"],
    ],
    [
      "gives up seconds before hours",
      { ...needsLocations, rpo: 5, budget: 420 },
      "two locations, and a vote in a third",
      ["locationRpo"],
    ],
    [
      "keeps what a lost machine may take, where as much is given up",
      { ...needsLocations, budget: 420 },
      "one location, three machines with data",
      ["locationRpo", "locationRto"],
    ],
    ["takes what there is", { budget: 200 }, "one location, one machine of each kind", ["rpo", "rto"]],
    ["says that nothing fits", { budget: 10 }, "one location, one machine of each kind", ["rpo", "rto", "budget"]],
  ])("%s", async (_, change, title, given) => {
    const found = await recommendFor(change);
    expect(found.title).toBe(title);
    expect(found.givenUp.map(({ because }) => because)).toEqual(given);
    expect(found.isWithinBudget).toBe(!given.includes("budget"));
    expect(found.alternatives.some(({ whyNot }) => whyNot.includes("over the budget by"))).toBe(true);
  });

  it("counts what has no known price with what it costs at least", async () => {
    const { cost, isWithinBudget, title } = await recommendFor({ traffic: { DE: 80, US: 20 }, budget: 290 });
    expect(title).not.toMatch(/caches/);
    expect(isWithinBudget).toBe(true);
    expect(cost.unpriced).toEqual([]);
  });
});

const shares = fc.constantFrom<Record<string, number>>(
  { DE: 100 },
  { FI: 60, DE: 40 },
  { DE: 50, US: 30, JP: 20 },
  { US: 100 },
  { GP: 50, BR: 50 },
  { GB: 60, CH: 40 },
);
const store = { endpoint: "fsn1.your-objectstorage.com", country: "DE", region: "fsn1", bucket: "backups" };

const anyAnswers = fc.record<RawAnswers>({
  domain: fc.constantFrom(
    "shop.example.eu",
    "ash.edge.example.eu",
    "example.eu",
    "a.b.example.co.uk",
    "www.shop.example.de",
  ),
  data: fc.subarray([...dataClasses], { minLength: 1 }),
  customers: fc.subarray([...customerKinds], { minLength: 1 }),
  rpo: fc.constantFrom(0, 1, 2, 59, 60, 604_800),
  rto: fc.constantFrom(1, 5, 240, 4080, 10_080),
  locationRpo: fc.constantFrom(0, 1, 2, 59, 60, 604_800),
  locationRto: fc.constantFrom(1, 15, 240, 4080, 10_080),
  traffic: shares,
  team: fc.constantFrom(...teamHours),
  people: fc.integer({ min: 1, max: 9 }),
  budget: fc.constantFrom(0, 200, 350, 500, 900, 5000),
  backup: fc.constantFrom<unknown>("hetzner", "none", store),
  zoneExists: fc.boolean(),
  edgeSshKeys: fc.constantFrom<string[]>([], [edgePublicKey]),
});

describe("whatever is answered", () => {
  it("leads to a configuration that the stack's program takes, within the budget or said not to be", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswers, async (change) => {
        const answers = answersOf(change);
        const found = await recommendFor(change);
        const parsed = parseStackConfig(found.config);
        expect(parsed.ok ? [] : parsed.problems).toEqual([]);
        expect(found.cost.monthlyNet).toBeGreaterThan(0);
        expect(found.cost.atLeast).toBeGreaterThanOrEqual(found.cost.monthlyNet);
        expect(found.isWithinBudget).toBe(found.cost.atLeast <= answers.budget);
        if (!found.isWithinBudget) expect(found.givenUp.map(({ because }) => because)).toContain("budget");
        for (const name of found.locations) expect(euLocations()).toContain(name);
        if (!answers.data.some((name) => name === "static" || name === "public")) expect(found.edges).toEqual([]);
        const candidate = candidatesFor(answers).find(({ title }) => found.title.startsWith(title))!;
        // Nothing that was asked is dropped in silence.
        const told = [...found.reasons, ...found.givenUp].map(({ because }) => because);
        for (const need of unmetBy(candidate, answers))
          expect(found.givenUp.map(({ because }) => because)).toContain(need);
        for (const need of ["rpo", "rto", "locationRpo", "locationRto"] as const) expect(told).toContain(need);
      }),
      { numRuns: 300 },
    );
  });

  it("with money enough a stricter wish never leads to something weaker", async () => {
    const order = candidatesFor(answersOf()).map(({ title }) => title);
    const rank = ({ title }: Recommendation) => order.indexOf(title.split(";")[0]!);
    const need = fc.constantFrom("rpo", "rto", "locationRpo", "locationRto");
    await fc.assert(
      fc.asyncProperty(anyAnswers, need, fc.nat(600_000), async (change, name, less) => {
        const loose = { ...change, budget: 100_000 };
        const least = name.toLowerCase().endsWith("rto") ? 1 : 0;
        const strict = { ...loose, [name]: Math.max(least, (loose[name as "rpo"] as number) - less) };
        expect(rank(await recommendFor(strict))).toBeGreaterThanOrEqual(rank(await recommendFor(loose)));
      }),
      { numRuns: 200 },
    );
  });
});

it("costs what the stack's own output says", async () => {
  const answers = answersOf({ ...needsLocations, traffic: { DE: 80, US: 20 } });
  const options = await pricedOptions(answers, planStack);
  const found = recommend(answers, options, []);
  const [single, , , , two, , three] = options;
  expect(single!.plan.cost.monthlyNet).toBeLessThan(two!.plan.cost.monthlyNet);
  expect(two!.plan.cost.monthlyNet).toBeLessThan(three!.plan.cost.monthlyNet);
  expect(two!.plan.machines.filter(({ role }) => role === "etcd")).toHaveLength(1);
  expect(found.cost.unpriced).toEqual(["production-edge-ash-1 (ccx13 with IPv4)"]);
  expect(found.cost.atLeast).toBeGreaterThan(found.cost.monthlyNet);
  expect(found.machines).toContainEqual({ role: "postgres", location: "hel1", serverType: "ccx13", count: 1 });
});
