/** Shows how far things are: one line that changes on a terminal, plain lines now and then elsewhere. */
import type { Progress, Step } from "./progress.ts";

/** Milliseconds between two plain lines, and between two looks of the line on a terminal. */
const PLAIN_MS = 2000;
const LIVE_MS = 120;

export interface Display {
  /** Says something that stays. */
  say(line: string): void;
  /** Shows what `line` gives, again and again, until the work has ended. */
  during<T>(line: () => string, work: () => Promise<T>): Promise<T>;
}

/** @param stream where it is shown; whether it is a terminal decides how */
export function createDisplay(stream: NodeJS.WriteStream = process.stderr): Display {
  const live = stream.isTTY === true && process.env.TERM !== "dumb";
  const erase = live ? "\r\u001b[2K" : "";
  let shown = false;
  const show = (line: string) => {
    if (live) stream.write(`${erase}${clip(line, (stream.columns ?? 80) - 1)}`);
    else stream.write(`  ${line}\n`);
    shown = live;
  };
  const say = (line: string) => {
    stream.write(`${shown ? erase : ""}${line}\n`);
    shown = false;
  };
  return {
    say,
    during: async (line, work) => {
      const timer = setInterval(() => show(line()), live ? LIVE_MS : PLAIN_MS);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        if (shown) stream.write(erase);
        shown = false;
      }
    },
  };
}

function clip(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line;
}

/** The time since a moment: `8 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** One line on a run: `12 s · 38 created · creating server shop-app-1 and 2 more`. The end may be clipped. */
export function progressLine(progress: Progress & { total(change: string): number }, sinceMs: number): string {
  const done = (["created", "updated", "replaced", "deleted", "unchanged"] as const)
    .map((change) => [progress.total(change), change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change}`);
  const under = describeRunning(progress.running);
  return [duration(sinceMs), done.join(", ") || "reading the program", ...(under ? [under] : [])].join(" · ");
}

/** Names that are shown of the steps under way. */
const NAMED = 2;

function describeRunning(steps: readonly Step[]): string {
  if (steps.length === 0) return "";
  const named = steps.slice(0, NAMED).map(({ doing, kind, name }) => `${doing} ${kind} ${name}`);
  const more = steps.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
