/** Controls of frameworks that a rule gives evidence for. `CONTROLS` is the one list: rules and reports use its keys. */
export interface Control {
  readonly framework: "SecNumCloud" | "C5" | "C3A" | "CSF" | "Gaia-X" | "DORA" | "GDPR" | "WAF-SOV";
  /** As the framework writes it: `§19.2 b`, `Art. 28`. */
  readonly clause: string;
  readonly title: string;
}

export const CONTROLS = {
  "secnumcloud-19.6-ab": {
    framework: "SecNumCloud",
    clause: "3.2 §19.6 a-b",
    title: "Owners of providers have their seat in the EU; non-EU capital at most 24 % each and 39 % together",
  },
} as const satisfies Record<string, Control>;

export type ControlId = keyof typeof CONTROLS;
