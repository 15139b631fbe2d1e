/** What a run says at its end. */
import pc from "picocolors";
import { z } from "zod";
import { nameFlag } from "../../lab/session/files.ts";
import { duration } from "../lab/display.ts";
import type { Change, Diagnostic, Progress } from "../lab/progress.ts";

const CHANGES: readonly Change[] = ["created", "updated", "replaced", "deleted", "unchanged"];

/** One row a kind, one column a change that occurred. */
export function renderKinds(kinds: Progress["kinds"]): string[] {
  const shown = CHANGES.filter((change) => [...kinds.values()].some((changes) => changes.has(change)));
  const rows = [...kinds.entries()].sort(([a], [b]) => a.localeCompare(b));
  const width = Math.max(8, ...rows.map(([kind]) => kind.length));
  const cell = (text: string | number) => String(text).padStart(10);
  const line = (name: string, cells: readonly (string | number)[]) =>
    `  ${name.padEnd(width)}${cells.map(cell).join("")}`;
  const sums = shown.map((change) => rows.reduce((sum, [, changes]) => sum + (changes.get(change) ?? 0), 0));
  return [
    pc.dim(line("resource", shown)),
    ...rows.map(([kind, changes]) =>
      line(
        kind,
        shown.map((change) => changes.get(change) ?? ""),
      ),
    ),
    line("total", sums),
  ];
}

/** What the summary reads of a stack's outputs; other outputs are the user's own affair. */
const outputsSchema = z.object({
  url: z.string().optional().catch(undefined),
  loadBalancer: z.object({ ipv4: z.string(), ipv6: z.string().optional() }).optional().catch(undefined),
  hosts: z
    .array(
      z.object({
        name: z.string(),
        serverType: z.string(),
        privateAddress: z.string(),
        publicAddress: z.string().optional(),
      }),
    )
    .optional()
    .catch(undefined),
  monthlyCost: z
    .object({ monthlyNet: z.number(), unpriced: z.array(z.string()), pricesOf: z.string() })
    .optional()
    .catch(undefined),
  pendingRollouts: z.array(z.string()).optional().catch(undefined),
});

export function renderOutputs(outputs: Progress["outputs"]): string[] {
  const { url, loadBalancer, hosts, monthlyCost: cost, pendingRollouts } = outputsSchema.parse(outputs);
  const width = Math.max(0, ...(hosts ?? []).map((host) => host.name.length));
  return [
    ...(loadBalancer ? [`  load balancer ${loadBalancer.ipv4}${url ? `  for ${url}` : ""}`] : []),
    ...(hosts ?? []).map(
      (host) =>
        `  ${host.name.padEnd(width)}  ${host.privateAddress.padEnd(15)}  ${host.serverType.padEnd(7)}${host.publicAddress ? pc.dim(`  ${host.publicAddress}`) : ""}`,
    ),
    ...(cost
      ? [
          `  ${pc.bold(`${cost.monthlyNet.toFixed(2)} EUR`)} a month on the real cloud, net, at the prices of ${cost.pricesOf}`,
          ...cost.unpriced.map((name) => `  not in the sum, no price known: ${name}`),
        ]
      : []),
    ...(pendingRollouts?.length
      ? [`  the configuration is ahead of ${pendingRollouts.join(", ")}: raise their generation to roll it out`]
      : []),
  ];
}

/** Errors first and in full, each once; warnings after them. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string[] {
  const render = ({ severity, message, resource }: Diagnostic) => {
    const label = severity === "error" ? pc.red("error") : pc.yellow("warning");
    const [first = "", ...rest] = message.split("\n");
    return [`${label}${resource ? ` ${resource}` : ""}: ${first}`, ...rest.map((line) => `  ${line}`)].join("\n");
  };
  const order = ["error", "warning"];
  return diagnostics.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)).map(render);
}

export interface UpReport {
  readonly stack: string;
  /** Name of the lab. */
  readonly name: string;
  readonly progress: Progress;
  readonly elapsedMs: number;
  /** With machines: how long it took until all of them did their work. */
  readonly healthyMs?: number | undefined;
}

/** Whether a run left everything as it was. */
export function isUnchanged(progress: Progress): boolean {
  return [...progress.kinds.values()].every((changes) => [...changes.keys()].every((change) => change === "unchanged"));
}

export function renderUp({ stack, name, progress, elapsedMs, healthyMs }: UpReport): string {
  const state = isUnchanged(progress) ? `${pc.bold(stack)}: nothing changed` : `${pc.bold(stack)} is up`;
  return [
    `${pc.green("✓")} ${state} (${duration(elapsedMs)})`,
    ...(healthyMs === undefined ? [] : [`${pc.green("✓")} every machine is healthy (${duration(healthyMs)} of it)`]),
    "",
    ...renderKinds(progress.kinds),
    "",
    ...renderOutputs(progress.outputs),
    "",
    "How to go on:",
    ...renderSteps([
      ...(healthyMs === undefined ? [] : machineSteps(progress.outputs, nameFlag(name))),
      ...nextSteps(stack, nameFlag(name)),
    ]),
  ].join("\n");
}

type Step = readonly [command: string, what: string];

function nextSteps(stack: string, flag: string): Step[] {
  return [
    [`eval "$(npx sovereign lab env${flag})"`, "then plain Pulumi works on this lab"],
    [`npx pulumi preview -s ${stack}`, "shows no change"],
    [`edit stacks/config/Pulumi.${stack}.yaml`, "then the same command again"],
    [`npm run demo -- --down${flag}`, "removes everything"],
  ];
}

function machineSteps(outputs: Progress["outputs"], flag: string): Step[] {
  const { loadBalancer, hosts } = outputsSchema.parse(outputs);
  return [
    ...(loadBalancer ? [[`curl -k https://${loadBalancer.ipv4}/`, "what a visitor gets"] as const] : []),
    ...(hosts?.[0] ? [[`npx sovereign lab shell ${hosts[0].name}${flag}`, "a shell in a machine"] as const] : []),
    [`npx sovereign drill list${flag}`, "what can be broken, and what is measured then"],
  ];
}

function renderSteps(steps: readonly Step[]): string[] {
  const width = Math.max(...steps.map(([step]) => step.length));
  return steps.map(([step, what]) => `  ${step.padEnd(width)}  ${pc.dim(what)}`);
}
