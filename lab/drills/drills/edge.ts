/** Drills of a stack with an edge site: the site is lost, or the core is away from it. */
import type { Drill, DrillContext } from "../drill.ts";
import { copiesProblem, type EdgeSite, findSite } from "../edge-site.ts";
import {
  coreVisitor,
  described,
  edgeVisitor,
  keepVisiting,
  leak,
  privateVisits,
  unserved,
  unservedSeconds,
  type Visit,
  type Visitor,
  type Visits,
} from "../edge-visitors.ts";
import { DrillError } from "../errors.ts";
import { type Patience, untilFine } from "../patience.ts";
import { paths } from "../platform.ts";
import { crashed } from "../run.ts";
import { dropPackets, mustRun } from "./steps.ts";

interface Stand {
  readonly site: EdgeSite;
  readonly visit: Visitor;
  /** Path of which the site has a copy. */
  readonly cached: string;
}

/** An asset of the core's storefront that the site has a copy of. */
async function warmSite(context: DrillContext): Promise<Stand> {
  const site = await findSite(context.world);
  const home = await coreVisitor(await context.shop())({ path: "/" });
  const body = home.answer?.body ?? "";
  const cached = [...body.matchAll(/(?:href|src)="(\/[^"]+)"/g)]
    .map((match) => match[1]!)
    .find((path) => path.startsWith(site.path));
  if (cached === undefined)
    throw new DrillError(`the storefront of ${site.core} names nothing below ${site.path}: ${described(home)}`);
  const visit = edgeVisitor(site);
  await untilFine(
    `${site.domain} serves ${cached} from a copy`,
    async () => {
      const visited = await visit({ path: cached });
      const copy = visited.answer?.headers["x-cache"];
      return visited.answer?.status === 200 && copy === "HIT"
        ? undefined
        : `${described(visited)}, ${copy ?? "no copy"}`;
    },
    { seconds: 60, everyMs: 500, signal: context.signal },
  );
  return { site, visit, cached };
}

/** Goes on with the work while a visitor asks for what the site has a copy of. */
async function whileVisited(context: DrillContext, { visit, cached }: Stand, work: (visits: Visits) => Promise<void>) {
  const visits = keepVisiting(visit, { path: cached, timeoutMs: 3000 });
  try {
    await context.pause(2);
    await work(visits);
    await context.pause(2);
  } finally {
    await visits.stop();
  }
  return visits.all;
}

interface ServedAgain {
  readonly what: string;
  readonly patience: Pick<Patience, "seconds" | "everyMs">;
  /** Seconds that it took, and how many it may take. */
  readonly figure: string;
  readonly limit: number;
}

/** Mends what is broken, and measures how long a visitor waits from then on. */
async function healUntilServed(
  context: DrillContext,
  ask: () => Promise<Visit>,
  { what, patience, figure, limit }: ServedAgain,
): Promise<void> {
  const begin = Date.now();
  await context.heal();
  await untilFine(what, async () => unserved([await ask()]).map(described)[0], { ...patience, signal: context.signal });
  context.figure(figure, (Date.now() - begin) / 1000, limit);
}

const siteLost: Drill = {
  name: "edge-site-lost",
  family: "edge",
  edge: true,
  title: "Every machine of an edge site is lost at once for 20 s, and comes back",
  proves:
    "Nothing in the core waits for the edge: orders go on without an error or a pause. Whoever asks the site's own name gets no answer until it is back; then it serves again, by itself.",
  writer: "shop",
  limits: { outage: 3, errors: 0 },
  async break(context) {
    const stand = await warmSite(context);
    const { site } = stand;
    const all = await whileVisited(context, stand, async () => {
      await Promise.all(site.machines.map((machine) => crashed(context, machine)));
      await context.pause(20);
      await healUntilServed(context, () => stand.visit({ path: stand.cached, timeoutMs: 3000 }), {
        what: `${site.domain} serves again`,
        patience: { seconds: 90 },
        figure: "seconds from power-on until the site served again",
        limit: 60,
      });
    });
    const seconds = unservedSeconds(all);
    if (seconds !== undefined) context.figure("seconds in which the site's own visitors got no answer", seconds);
    context.say(
      `the site's visitors meanwhile: ${[...new Set(unserved(all).map(described))].join("; ") || "all served"}`,
    );
    context.check(
      "visitors of the lost site noticed",
      seconds === 0 ? "all of them were served: the site was not lost" : undefined,
    );
  },
};

/** Seconds in which somebody has to be told that the core is not there. */
const refusedWithin = 10;

async function refuses(context: DrillContext, { visit, cached }: Stand): Promise<void> {
  const visited = await visit({ path: `${cached}?never=${context.run}`, timeoutMs: 30_000 });
  context.figure("seconds until a path without a copy was refused", visited.took / 1000, refusedWithin);
  const { status = 0, headers = {} } = visited.answer ?? {};
  context.check(
    "a path without a copy gets a clear error",
    status >= 502 && status <= 504 ? undefined : `${described(visited)}`,
  );
  context.check(
    "the error is kept by nobody",
    headers["cache-control"] === "no-store" ? undefined : `Cache-Control: ${headers["cache-control"] ?? "none"}`,
  );
}

/** Asks for what may never come out of a copy. */
async function staysPrivate(context: DrillContext, { site, visit, cached }: Stand, when: string): Promise<void> {
  for (const rule of privateVisits(cached))
    context.check(`nothing of the core's own passes the edge ${when}`, leak(rule, await visit(rule.asked), site.core));
}

/** Copies that have something of a visitor's in them: headers of the core's answers are kept with them. */
async function personalCopies(context: DrillContext, { site }: Stand): Promise<string | undefined> {
  const find = `find ${paths.edgeCache}* -type f -exec grep -laiE "$1" {} + | wc -l; find ${paths.edgeCache}* -type f | wc -l`;
  const pattern = `set-cookie:|authorization:|idempotency-key|"order"|${context.run}-`;
  const counted = site.machines.map(async (machine) => {
    const [personal = 0, all = 0] = (await mustRun(context, machine, ["sh", "-ec", find, "sh", pattern]))
      .trim()
      .split("\n")
      .map(Number);
    return { name: machine.name, personal, all };
  });
  return copiesProblem(await Promise.all(counted));
}

const coreAway: Drill = {
  name: "edge-core-away",
  family: "edge",
  edge: true,
  title: "The edge reaches the core no longer for 60 s, then again",
  proves:
    "What a site has copies of is served on without an error; a path without a copy gets a clear error and no hang; when the core is back everything is served. What is for one visitor comes out of no copy: not before, not meanwhile, not after.",
  writer: "shop",
  limits: { outage: 3, errors: 0 },
  async break(context) {
    const stand = await warmSite(context);
    await staysPrivate(context, stand, "before");
    const all = await whileVisited(context, stand, async (visits) => {
      const before = visits.all.length;
      for (const machine of stand.site.machines)
        await dropPackets(
          context,
          machine,
          `${machine.name} reaches the core no longer`,
          "output",
          'oifname != "lo" tcp dport { 80, 443 }',
        );
      await Promise.all([context.pause(60), refuses(context, stand), staysPrivate(context, stand, "meanwhile")]);
      context.figure(
        "visits served from copies while the core was away",
        visits.all.length - before - unserved(visits.all.slice(before)).length,
      );
      await healUntilServed(context, () => stand.visit({ path: `${stand.cached}?again=${context.run}` }), {
        what: "what has no copy is served again",
        patience: { seconds: 60, everyMs: 200 },
        figure: "seconds until a path without a copy was served again",
        limit: 15,
      });
      await staysPrivate(context, stand, "after");
    });
    const failed = unserved(all);
    context.check(
      "every visit to a path with a copy was served",
      failed.length === 0
        ? undefined
        : `${failed.length} of ${all.length} were not: ${[...new Set(failed.map(described))].join("; ")}`,
    );
    const slowest = Math.max(...all.map(({ took }) => took));
    context.figure("longest that a visitor waited for a copy, ms", slowest, 2000);
    context.check("no copy holds anything of a visitor's", await personalCopies(context, stand));
  },
};

export const edgeDrills: readonly Drill[] = [siteLost, coreAway];
