import { join } from "node:path";
import { type Measure, median } from "./measure.ts";
import { program, ratio, withLab } from "./preview.ts";

const root = join(import.meta.dirname, "..");

/** Preview of servers with both packs and with one that has no policies, taking turns. The limit is what the packs may cost. */
export function run(servers = 1000, pairs = 3): Promise<Measure[]> {
  return withLab(async (folder, env) => {
    const components = await program(folder, "components", env);
    const packs = ["sovereignty", "operations"].map((name) => join(root, "policies", name));
    const empty = [join(root, "bench/programs/empty-pack")];
    const own = { BENCH_SERVERS: String(servers) };
    const both: number[] = [];
    const none: number[] = [];
    for (let turn = 0; turn < pairs; turn++) {
      process.stderr.write(`preview of ${servers} servers with packs: turn ${turn + 1} of ${pairs}\n`);
      both.push(await components.time(own, packs));
      none.push(await components.time(own, empty));
    }
    const note = `median of ${pairs}`;
    return [
      { name: `preview of ${servers} servers, both packs`, value: median(both), unit: "s", note },
      { name: `preview of ${servers} servers, an empty pack`, value: median(none), unit: "s", note },
      { ...ratio(both, none), name: `preview of ${servers} servers, both packs to an empty one`, limit: 1.25 },
    ];
  });
}
