/** docs/load.md from the measurements. Pure. */
import { mix } from "./mix.ts";
import { drawLoad } from "./picture.ts";
import { warmSeconds } from "./plan.ts";
import { cells, heads, percent, renderAlert, renderErrors } from "./report.ts";
import {
  capacityOf,
  isFelt,
  type LoadRun,
  type MeasuredGroup,
  type Measurements,
  patience,
  type Series,
  seriesOf,
  usedUpIn,
  wallOf,
} from "./result.ts";

const plural = (count: number): string => `${count} app server${count === 1 ? "" : "s"}`;

/** The middle one. */
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function renderCapacity(all: readonly Series[]): string {
  const base = all[0]!;
  const own = (series: Series) => median(series.runs.map((run) => capacityOf(run.steps)));
  const rows = all.map((series) => {
    const wall = wallOf(series.steps);
    return [
      String(series.servers),
      String(series.runs.length),
      series.runs.map((run) => capacityOf(run.steps).toFixed(1)).join(", "),
      `${(own(series) / own(base)).toFixed(2)} ×`,
      wall ? String(wall.users) : "not reached",
      wall ? usedUpIn(wall).join(", ") || "nothing that was watched" : "-",
    ];
  });
  return table(
    [
      "app servers",
      "runs",
      "most requests/s before users notice, run by run",
      `to ${base.servers}`,
      "users notice at",
      "used up there",
    ],
    rows,
  );
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** Whether scale triggers came before users noticed, in one sentence for each run. */
function renderTriggers(run: LoadRun): string {
  const wall = run.steps.find(isFelt);
  const triggers = run.alerts.filter((alert) => alert.isScaleTrigger);
  const noticed = wall ? `users noticed at ${wall.users}` : "users noticed nothing";
  const told = triggers.length === 0 ? "no scale trigger's condition held" : triggers.map(renderAlert).join("; ");
  return `- ${plural(run.servers)} (${run.startedAt.slice(0, 16).replace("T", " ")} UTC): ${noticed}; ${told}.`;
}

/** Which of these it was, counted: what the rules are for. */
function renderVerdict(runs: readonly LoadRun[]): string {
  const met = runs.flatMap((run) => {
    const wall = wallOf(run.steps);
    return wall ? [{ run, wall }] : [];
  });
  const before = (pick: (alert: LoadRun["alerts"][number]) => number | null) =>
    met.filter(({ run, wall }) =>
      run.alerts.some((alert) => alert.isScaleTrigger && (pick(alert) ?? Number.POSITIVE_INFINITY) < wall.users),
    ).length;
  return `Of ${met.length} runs in which users noticed something, a scale trigger's condition held at fewer users than that in ${before((alert) => alert.pendingUsers)}, and had lasted for the rule's own time (1 to 3 minutes) in ${before((alert) => alert.firingUsers)}.`;
}

function renderPools(all: readonly Series[]): string {
  const rows = all.flatMap(({ servers, steps }) =>
    steps.map((step) => [
      String(servers),
      String(step.users),
      percent(step.pools.use),
      String(step.pools.waiting ?? "-"),
      percent(step.pools.shopUse),
      String(step.pools.shopWaiting ?? "-"),
      String(step.queue ?? "-"),
      Object.entries(step.throttled)
        .map(([role, share]) => `${role} ${percent(share)}`)
        .join(", ") || "-",
      percent(step.hostBusy),
    ]),
  );
  return table(
    [
      "servers",
      "users",
      "PgBouncer's fullest pool",
      "waiting there",
      "shop's fullest pool",
      "waiting there",
      "queue",
      "held back",
      "host busy",
    ],
    rows,
  );
}

function renderSteps(all: readonly Series[]): string {
  const wanted = heads.slice(0, 7);
  const rows = all.flatMap(({ servers, steps }) =>
    steps.map((step) => [...cells(servers, step).slice(0, 6), renderErrors(step), orders(step.p95ByKind)]),
  );
  return table([...wanted, "p95 of orders"], rows);
}

const orders = (byKind: Readonly<Record<string, number>>): string =>
  byKind.order === undefined ? "-" : String(Math.round(byKind.order));

/** Name of the picture of the group at a place. */
const pictureName = (place: number): string => `load-${place + 1}.svg`;

/** The pictures beside the page, by name. */
export const drawLoadPictures = (measured: Measurements): Record<string, string> =>
  Object.fromEntries(measured.map(({ runs }, place) => [pictureName(place), drawLoad(seriesOf(runs))]));

function renderGroup({ runs, note }: MeasuredGroup, place: number): string {
  const all = seriesOf(runs);
  const { settings, machine } = runs[0];
  const cpu = Object.entries(settings.cpu).map(
    ([role, cores]) => `${cores} of a core for each machine with the role ${role}`,
  );
  const days = [...new Set(runs.map((run) => run.startedAt.slice(0, 10)))].sort();
  const bounded =
    cpu.length > 0 ? `Processor time: ${cpu.join(", ")}; no bound for the others.` : "No bounds of processor time.";
  return `## Steps of ${settings.stepSeconds} s

Measured on ${days.join(", ")}: ${machine}, shared by all machines of the stack, the load balancer and k6. ${bounded}
**Ratios count here, not absolute figures.**

![Requests per second and p95 against users, for each number of app servers](${pictureName(place)})

${renderCapacity(all)}

${note === "" ? "" : `${note}\n\n`}### Scale triggers at steps of ${settings.stepSeconds} s

${renderVerdict(runs)}

${runs.map(renderTriggers).join("\n")}

### Latencies and errors at steps of ${settings.stepSeconds} s

${renderSteps(all)}

### Pools, queues, processors at steps of ${settings.stepSeconds} s

Highest value of each step; Prometheus looks every 15 s, so short peaks are missed.

${renderPools(all)}`;
}

export function renderLoadPage(measured: Measurements): string {
  const { least, most } = mix.thinkSeconds;
  const share = (part: number) => `${part * 100} %`;
  return `# Load

Made from \`docs/load.json\` by \`npm run generate\`.

\`\`\`sh
sudo npm run load                                            # a lab of its own, 1, 2 and 4 app servers
sudo npx sovereign load --servers 2 --users 50,100,200      # one measurement, in the lab that runs
sudo npx sovereign load --save docs/load.json && npm run generate
\`\`\`

The [example shop](shop.md) on a lab's machines, behind one, two and four app servers. Users come in steps; each step has ${warmSeconds} s to warm up, which do not count. k6 plays
them from the lab's own internet, through the load balancer's public address, over HTTPS. It is built from its Go module (AGPL-3.0; it is run, not linked).

- **A visit**: the first page, then the products, with ${least} to ${most} s between any two steps. ${share(mix.newVisitors)} of the visits are by new visitors, who fetch the files and get a new session;
  ${share(mix.baskets)} put something into the basket (Redis), ${share(mix.recent)} look at the last orders (a replica of Postgres), ${share(mix.orders)} order and look at their order (the primary, with a synchronous standby).
- **Users notice** when p95 is over ${patience.p95Ms / 1000} s or more than ${share(patience.errorShare)} of the requests fail. Times are from the first byte sent to the last one received.
- **Used up**: the machines of a role were held back in half of the scheduler's periods or more; 80 % of a pool's connections were at work, or queries waited for one; requests
  waited in front of the shop; 95 % of the host's processor time was taken.
- **Bounds of processor time**: on a host with few cores all machines take from the same ones, and one more app server adds nothing. So each machine of a role gets a bound
  (\`--cpu app=0.2\`), by the kernel's control groups, for as long as the measurement lasts. An app server here is a fraction of one that is rented; how they add up is what is measured.
- **Scale triggers** wait until their condition has held for 1 to 3 minutes, and ResponseTimeHigh looks at nginx's own times over one minute. With steps of less than that load grows
  far faster than it does for a shop: compare where the condition held. With longer ones, compare where the rule fired.
- **Load goes to the lab alone.** There is no option for another address; the load balancer's must be in the lab's own range; k6 runs in the lab's network, from which nothing else can be reached.

${measured.length === 0 ? "Nothing was measured yet." : measured.map(renderGroup).join("\n\n")}
`;
}
