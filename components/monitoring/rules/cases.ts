import { stringify } from "yaml";

/** An example of a rule: series as Prometheus would scrape them, and how many alerts they make. */
export interface RuleCase {
  readonly alert: string;
  readonly when: string;
  /** Series with promtool's notation of values, one for each `interval`: `0x10`, `1+2x20`, `_x5 1x5`. */
  readonly series: Readonly<Record<string, string>>;
  /** @default "1m" */
  readonly interval?: string;
  /** When to look, such as `5m`. */
  readonly at: string;
  /** Number of alerts that fire then. */
  readonly fires: number;
  /** Labels that an alert must have, as a selector such as `host="db-1"`. */
  readonly with?: string;
}

/** The input of `promtool test rules`. What fires is read from the series ALERTS, which leaves the texts out of it. */
export function renderRuleTests(rulesFile: string, cases: readonly RuleCase[]): string {
  return stringify({
    rule_files: [rulesFile],
    // As in Prometheus; days of it would take minutes.
    evaluation_interval: cases.some((example) => example.at.endsWith("d")) ? "10m" : "15s",
    tests: cases.map((example) => {
      const selector = [`alertname="${example.alert}"`, 'alertstate="firing"', ...(example.with ? [example.with] : [])];
      return {
        name: `${example.alert}: ${example.when}`,
        interval: example.interval ?? "1m",
        input_series: Object.entries(example.series).map(([series, values]) => ({ series, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{${selector.join(",")}})`,
            eval_time: example.at,
            exp_samples: example.fires === 0 ? [] : [{ labels: "{}", value: example.fires }],
          },
        ],
      };
    }),
  });
}
