/** A panel: PromQL by legend. */
export interface Panel {
  readonly title: string;
  /** @default "timeseries" */
  readonly type?: "timeseries" | "stat" | "table";
  /** Grafana's unit: `percentunit`, `s`, `bytes`, `reqps`, `short`. @default "short" */
  readonly unit?: string;
  /** Columns of 24. @default 8 */
  readonly width?: 4 | 6 | 8 | 12 | 24;
  /** Legend -> PromQL. */
  readonly queries: Readonly<Record<string, string>>;
}

export interface Dashboard {
  /** Also the file's name; a-z and "-". */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const height = 7;

/** A dashboard as Grafana provisions it: only what differs from Grafana's defaults, since user data is small. */
export function renderDashboard(dashboard: Dashboard): string {
  let x = 0;
  let y = 0;
  const panels = dashboard.panels.map((panel, i) => {
    const w = panel.width ?? 8;
    if (x + w > 24) {
      x = 0;
      y += height;
    }
    const gridPos = { x, y, w, h: height };
    x += w;
    return {
      id: i + 1,
      type: panel.type ?? "timeseries",
      title: panel.title,
      gridPos,
      fieldConfig: { defaults: { unit: panel.unit ?? "short" }, overrides: [] },
      targets: Object.entries(panel.queries).map(([legend, expr], n) => ({
        refId: String.fromCharCode(65 + n),
        expr,
        legendFormat: legend,
        ...(panel.type === "stat" || panel.type === "table" ? { instant: true } : {}),
        ...(panel.type === "table" ? { format: "table" } : {}),
      })),
    };
  });
  return `${JSON.stringify({
    uid: dashboard.uid,
    title: dashboard.title,
    schemaVersion: 39,
    time: { from: "now-6h", to: "now" },
    refresh: "30s",
    editable: false,
    panels,
  })}\n`;
}
