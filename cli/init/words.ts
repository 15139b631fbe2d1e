/** Amounts as people say them. */
const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Seconds of writes. */
export function lossText(seconds: number): string {
  if (seconds === 0) return "no acknowledged write";
  if (seconds === Number.POSITIVE_INFINITY) return "everything";
  return `the writes of ${timeText(seconds)}`;
}

/** Seconds as the largest unit that reads well. */
export function timeText(seconds: number): string {
  if (seconds === Number.POSITIVE_INFINITY) return "never";
  if (seconds < 120) return `${rounded(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 120) return `${rounded(minutes)} min`;
  const hours = minutes / 60;
  return hours < 96 ? `${rounded(hours)} h` : plural(rounded(hours / 24), "day");
}

export const minutesText = (minutes: number): string => timeText(minutes * 60);

export const eurText = (eur: number): string => `${eur.toFixed(2)} EUR`;

/** `a, b and c` */
export function listText(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
