type Labels = Readonly<Record<string, string>>;

/** Upper ends of the histogram's buckets, s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const escapeLabel = (value: string) => value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`));

const series = (name: string, labels: Labels) => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length ? `${name}{${pairs.join(",")}}` : name;
};

interface Histogram {
  readonly labels: Labels;
  readonly counts: number[];
  count: number;
  sum: number;
}

interface Gauge {
  readonly help: string;
  readonly read: () => readonly (readonly [labels: Labels, value: number])[];
}

/** Counters, histograms and gauges in Prometheus' text format. Labels come from the code, never from visitors. */
export class Metrics {
  readonly #counters = new Map<string, { help: string; values: Map<string, number> }>();
  readonly #histograms = new Map<string, { help: string; values: Map<string, Histogram> }>();
  readonly #gauges = new Map<string, Gauge>();

  counter(name: string, help: string): (labels?: Labels) => void {
    const values = new Map<string, number>();
    this.#counters.set(name, { help, values });
    return (labels = {}) => {
      const key = series(name, labels);
      values.set(key, (values.get(key) ?? 0) + 1);
    };
  }

  /** In seconds. */
  histogram(name: string, help: string): (labels: Labels, seconds: number) => void {
    const values = new Map<string, Histogram>();
    this.#histograms.set(name, { help, values });
    return (labels, seconds) => {
      const key = series(name, labels);
      const found = values.get(key) ?? { labels, counts: buckets.map(() => 0), count: 0, sum: 0 };
      values.set(key, found);
      for (const [index, end] of buckets.entries()) if (seconds <= end) found.counts[index]! += 1;
      found.count += 1;
      found.sum += seconds;
    };
  }

  /** Read each time that somebody asks. */
  gauge(name: string, help: string, read: Gauge["read"]): void {
    this.#gauges.set(name, { help, read });
  }

  render(): string {
    const lines: string[] = [];
    const head = (name: string, help: string, type: string) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [name, { help, values }] of this.#counters) {
      head(name, help, "counter");
      for (const [key, value] of values) lines.push(`${key} ${value}`);
    }
    for (const [name, { help, values }] of this.#histograms) {
      head(name, help, "histogram");
      for (const { labels, counts, count, sum } of values.values()) {
        const bucket = (le: string, value: number) => `${series(`${name}_bucket`, { ...labels, le })} ${value}`;
        lines.push(...buckets.map((end, index) => bucket(String(end), counts[index]!)), bucket("+Inf", count));
        lines.push(`${series(`${name}_sum`, labels)} ${sum}`, `${series(`${name}_count`, labels)} ${count}`);
      }
    }
    for (const [name, { help, read }] of this.#gauges) {
      head(name, help, "gauge");
      for (const [labels, value] of read()) lines.push(`${series(name, labels)} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
