/** What `sovereign init` writes is what the real engine takes: one case for each topology. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RawAnswers } from "../../cli/init/answers.ts";
import { renderFile } from "../../cli/init/file.ts";
import { pricedOptions, recommend } from "../../cli/init/recommend.ts";
import { answersOf } from "../../cli/init/testing.ts";
import { planStack } from "../../stacks/cost.ts";
import { LONG, STACK, World } from "./harness.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
}, LONG);
afterAll(() => world?.close(), LONG);

it.each<[string, RawAnswers]>([
  ["single-region", {}],
  ["multi-region-eu", { locationRpo: 0, locationRto: 15 }],
  ["hybrid", { traffic: { DE: 80, US: 20 } }],
])(
  "%s is previewed as it was written, and costs what was said",
  async (topology, change) => {
    const answers = answersOf({ stack: STACK, ...change });
    const found = recommend(answers, await pricedOptions(answers, planStack), []);
    expect(found.topology).toBe(topology);
    writeFileSync(world.configFile, renderFile(found));
    const { ok, messages, progress } = await world.preview();
    expect(ok, messages).toBe(true);
    const { atLeast: _, ...cost } = found.cost;
    expect(progress.outputs.monthlyCost).toEqual(cost);
  },
  LONG,
);
