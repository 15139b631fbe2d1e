/** What drills measured, in words. */
import type { MeasuredDrill } from "../../lab/drills/docs.ts";

const oneDecimal = (seconds: number): string => (Math.round(seconds * 10) / 10).toFixed(1);

/** `median 22.3 s, 23.6 s at worst (5 runs, 0 of 4415 acknowledged writes lost)`; undefined where nothing was measured. */
export function outageOf(figures: readonly MeasuredDrill[], drill: string): string | undefined {
  const found = figures.find((series) => series.drill === drill);
  if (!found || found.runs === 0 || found.medianOutageSeconds === null || found.worstOutageSeconds === null)
    return undefined;
  const { runs, medianOutageSeconds, worstOutageSeconds, lost, acknowledged } = found;
  const time =
    runs === 1
      ? `${oneDecimal(worstOutageSeconds)} s without a write`
      : `${oneDecimal(medianOutageSeconds)} s without a write (median), ${oneDecimal(worstOutageSeconds)} s at worst`;
  return `${time}, ${lost} of ${acknowledged} acknowledged writes lost (drill ${drill}, ${runs === 1 ? "1 run" : `${runs} runs`} on the lab's machines)`;
}

/** A drill's own figure, such as the seconds of a restore; the worst of its runs. */
export function worstFigure(figures: readonly MeasuredDrill[], drill: string, name: string): number | undefined {
  const values = figures.find((series) => series.drill === drill)?.figures[name];
  return values?.length ? Math.max(...values) : undefined;
}
