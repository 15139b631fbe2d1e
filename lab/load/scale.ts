/** Axes of a picture. Pure. */

export interface Axis {
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** The next larger of 1, 2, 5 times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10);
}

/** From nothing to a bit above the highest value. */
export function linearAxis(highest: number, from: number, to: number, most = 5): Axis {
  const step = roundUp(Math.max(highest, 1e-6) / most);
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, i) => i * step);
  return { ticks, place: (value) => from + (value / (count * step)) * (to - from) };
}

/** By powers; ticks at 1 and 3 of each. */
export function logAxis(lowest: number, highest: number, from: number, to: number): Axis {
  const all = Array.from({ length: 20 }, (_, i) => (i % 2 ? 3 : 1) * 10 ** Math.floor(i / 2));
  const first = Math.max(
    0,
    all.findLastIndex((tick) => tick <= lowest),
  );
  const above = all.findIndex((tick) => tick >= highest);
  const last = Math.max(first + 1, above === -1 ? all.length - 1 : above);
  const ticks = all.slice(first, last + 1);
  const [low, high] = [Math.log(all[first]!), Math.log(all[last]!)];
  return {
    ticks,
    place: (value) => from + ((Math.log(Math.max(value, all[first]!)) - low) / (high - low)) * (to - from),
  };
}

/** Moves places apart so that text at them does not overlap; the order stays. */
export function spread(places: readonly number[], gap: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  const moved = order.map(({ place }) => place);
  for (let round = 0; round < 50; round++) {
    for (let i = 1; i < moved.length; i++) {
      const missing = gap - (moved[i]! - moved[i - 1]!);
      if (missing <= 0) continue;
      moved[i - 1]! -= missing / 2;
      moved[i]! += missing / 2;
    }
  }
  const result: number[] = [];
  for (const [rank, { index }] of order.entries()) result[index] = moved[rank]!;
  return result;
}
