/** One figure of a benchmark. Ratios are of runs that took turns on the same machine. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** s, ms, MB, x (a ratio), ... */
  readonly unit: string;
  /** What it may be at most, where the project promises something. */
  readonly limit?: number;
  /** How it came about: number of runs, spread. */
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Figures as a table for people. */
export function renderTable(measures: readonly Measure[]): string {
  const rows = measures.map((m) => [
    m.name,
    `${m.value.toFixed(m.value < 10 ? 2 : 0)} ${m.unit}`,
    m.limit === undefined ? "" : `at most ${m.limit} ${m.unit}${m.value > m.limit ? "  EXCEEDED" : ""}`,
    m.note ?? "",
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
