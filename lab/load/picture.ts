/** The picture of a measurement: requests per second and p95 against users, a line for each number of servers. Pure. */
import { type LoadStep, patience, type Series, wallOf } from "./result.ts";
import { type Axis, linearAxis, logAxis, spread } from "./scale.ts";

const width = 960;
const left = 76;
const right = 812;
/** Colours that are told apart with any kind of sight, and by their lightness (Okabe and Ito). */
const colours = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#6B5B00"];
const ink = { text: "#1f2328", quiet: "#59636e", grid: "#e4e7eb", limit: "#8c6d1f" };
const panels = { requests: { top: 122, bottom: 362 }, latency: { top: 452, bottom: 722 } };
const height = 780;

/** Milliseconds of p95 from which the scale trigger ResponseTimeHigh counts. */
export const triggerMs = 400;

const n = (value: number): string => String(Math.round(value * 10) / 10);
const escapeText = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

interface TextStyle {
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly fill?: string;
  readonly bold?: boolean;
}

function label(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 13, anchor = "start", fill = ink.text, bold = false } = style;
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${weight}>${escapeText(text)}</text>`;
}

const line = (x1: number, y1: number, x2: number, y2: number, attributes: string): string =>
  `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" ${attributes}/>`;

const ring = (x: number, y: number, colour: string): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="9" fill="none" stroke="${colour}" stroke-width="2.5"/>`;

const triangle = (x: number, y: number, colour: string): string =>
  `<path d="M${n(x)} ${n(y - 25)}l6.5 11h-13z" fill="${colour}"/>`;

const servers = (count: number): string => `${count} server${count === 1 ? "" : "s"}`;

interface Panel {
  readonly title: string;
  readonly top: number;
  readonly bottom: number;
  readonly y: Axis;
  readonly value: (step: LoadStep) => number;
  readonly tick: (value: number) => string;
  /** Drawn between the grid and the lines. */
  readonly behind?: readonly string[];
}

/** Users at which the first scale trigger began to hold, the middle of the runs. */
function triggeredAt({ runs }: Series): number | undefined {
  const firsts = runs.flatMap(({ alerts }) => {
    const users = alerts.filter((alert) => alert.isScaleTrigger).map((alert) => alert.pendingUsers);
    return users.length > 0 ? [Math.min(...users)] : [];
  });
  return firsts.sort((a, b) => a - b)[Math.floor(firsts.length / 2)];
}

/** Heights of the names at the ends of lines: those that end at the same number of users are kept apart. */
function endLabels(ends: readonly { readonly x: number; readonly y: number }[]): number[] {
  const heights = ends.map((end) => end.y);
  for (const x of new Set(ends.map((end) => end.x))) {
    const own = ends.flatMap((end, index) => (end.x === x ? [index] : []));
    const moved = spread(
      own.map((index) => ends[index]!.y),
      18,
    );
    for (const [rank, index] of own.entries()) heights[index] = moved[rank]!;
  }
  return heights;
}

function drawPanel(panel: Panel, x: Axis, all: readonly Series[]): string[] {
  const { top, bottom, y } = panel;
  const grid = y.ticks.flatMap((tick) => [
    line(left, y.place(tick), right, y.place(tick), `stroke="${ink.grid}"`),
    label(left - 10, y.place(tick) + 4.5, panel.tick(tick), { anchor: "end", fill: ink.quiet, size: 12 }),
  ]);
  const below = x.ticks.flatMap((tick) => [
    line(x.place(tick), bottom, x.place(tick), bottom + 5, `stroke="${ink.quiet}"`),
    label(x.place(tick), bottom + 20, String(tick), { anchor: "middle", fill: ink.quiet, size: 12 }),
  ]);
  const ends = endLabels(all.map(({ steps }) => ({ x: steps.at(-1)!.users, y: y.place(panel.value(steps.at(-1)!)) })));
  const lines = all.flatMap((series, index) => {
    const colour = colours[index % colours.length]!;
    const points = series.steps.map((step) => [x.place(step.users), y.place(panel.value(step))] as const);
    const path = points.map(([px, py], i) => `${i === 0 ? "M" : "L"}${n(px)} ${n(py)}`).join("");
    const [lastX] = points.at(-1)!;
    const wall = wallOf(series.steps);
    const trigger = series.steps.find((step) => step.users === triggeredAt(series));
    return [
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-linejoin="round"/>`,
      ...points.map(([px, py]) => `<circle cx="${n(px)}" cy="${n(py)}" r="3.5" fill="${colour}"/>`),
      ...(wall ? [ring(x.place(wall.users), y.place(panel.value(wall)), colour)] : []),
      ...(trigger ? [triangle(x.place(trigger.users), y.place(panel.value(trigger)), colour)] : []),
      label(lastX + 14, ends[index]! + 4.5, servers(series.servers), { fill: colour, bold: true }),
    ];
  });
  return [
    label(left - 56, top - 18, panel.title, { bold: true, size: 14 }),
    ...grid,
    line(left, bottom, right, bottom, `stroke="${ink.quiet}"`),
    ...below,
    label(right, bottom + 38, "users at the same time", { anchor: "end", fill: ink.quiet, size: 12 }),
    ...(panel.behind ?? []),
    ...lines,
  ];
}

function drawLimits(y: Axis): string[] {
  const limits: readonly (readonly [number, string])[] = [
    [patience.p95Ms, "users notice: 1 s"],
    [triggerMs, "scale trigger: 400 ms"],
  ];
  return limits.flatMap(([ms, text]) => [
    line(left, y.place(ms), right, y.place(ms), `stroke="${ink.limit}" stroke-dasharray="5 4"`),
    label(left + 8, y.place(ms) - 6, text, { fill: ink.limit, size: 12 }),
  ]);
}

function drawLegend(): string[] {
  const y = 64;
  return [
    ring(left - 46, y - 4.5, ink.quiet),
    label(
      left - 30,
      y,
      `users notice: p95 over ${patience.p95Ms / 1000} s, or errors over ${patience.errorShare * 100} %`,
      {
        fill: ink.quiet,
      },
    ),
    triangle(left + 306, y + 14, ink.quiet),
    label(left + 320, y, "a scale trigger's condition holds for the first time", { fill: ink.quiet }),
  ];
}

/** SVG, on white, for light and dark pages. */
export function drawLoad(all: readonly Series[]): string {
  const steps = all.flatMap((series) => series.steps);
  const highest = (value: (step: LoadStep) => number) => Math.max(...steps.map(value));
  const { requests, latency } = panels;
  const x = linearAxis(
    highest((step) => step.users),
    left,
    right,
    8,
  );
  const top = linearAxis(
    highest((step) => step.requestsPerSecond),
    requests.bottom,
    requests.top,
  );
  const lowestMs = Math.min(...steps.map((step) => step.p95Ms));
  const highestMs = Math.max(
    patience.p95Ms,
    highest((step) => step.p95Ms),
  );
  const bottom = logAxis(lowestMs, highestMs, latency.bottom, latency.top);
  const runs = all.map((series) => series.runs.length);
  const [fewest, most] = [Math.min(...runs), Math.max(...runs)];
  const times =
    most === 1 ? "1 run each" : `${fewest === most ? fewest : `${fewest} to ${most}`} runs each, the middle one`;
  const content = [
    label(left - 56, 36, `The shop under load, behind ${all.map((series) => series.servers).join(", ")} app servers`, {
      size: 18,
      bold: true,
    }),
    label(width - 24, 36, times, { anchor: "end", fill: ink.quiet }),
    ...drawLegend(),
    ...drawPanel(
      { ...requests, title: "Requests per second", y: top, value: (step) => step.requestsPerSecond, tick: String },
      x,
      all,
    ),
    ...drawPanel(
      {
        ...latency,
        title: "p95 of all requests",
        y: bottom,
        value: (step) => step.p95Ms,
        behind: drawLimits(bottom),
        tick: (ms) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`),
      },
      x,
      all,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" role="img" aria-label="Requests per second and response times against users">
<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>
${content.join("\n")}
</svg>
`;
}
