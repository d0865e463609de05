/** A dashboard as Grafana imports it: what this library uses of its JSON model, schema 39 (Grafana 11), which later releases migrate. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: 39;
  readonly editable: false;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: "now" };
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

/** What the reader chooses at the top. */
interface Variable {
  readonly name: string;
  readonly label: string;
  readonly type: "datasource" | "query";
  readonly query: string;
  readonly datasource?: DataSource;
  readonly refresh?: 2;
  readonly includeAll?: boolean;
  readonly multi?: boolean;
  readonly allValue?: string;
}

interface DataSource {
  readonly type: "prometheus";
  readonly uid: "$datasource";
}

/** A query of a panel. */
interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: true;
  readonly format?: "table";
}

/** One picture of a dashboard. */
interface Panel {
  readonly id: number;
  readonly type: "timeseries" | "table" | "text";
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: DataSource;
  readonly fieldConfig?: { readonly defaults: Readonly<Record<string, unknown>>; readonly overrides: readonly [] };
  readonly options?: Readonly<Record<string, unknown>>;
  readonly targets?: readonly Target[];
}

/** What a panel shows. */
type PanelProps =
  | {
      readonly title: string;
      /** What it means, and what to do when it looks wrong. */
      readonly description: string;
      /** Lines by their legend. */
      readonly lines: Readonly<Record<string, string>>;
      readonly unit: "reqps" | "percentunit" | "ms" | "s" | "short";
      /** Value from which the line is red. */
      readonly redFrom?: number;
    }
  | { readonly title: string; readonly description: string; readonly rows: string }
  | { readonly title: string; readonly text: string };

/** What a dashboard is made of. */
export interface DashboardProps {
  readonly uid: string;
  readonly title: string;
  /** Label values that the reader chooses from: name of the variable to the query. */
  readonly variables: readonly (readonly [name: string, query: string])[];
  readonly panels: readonly PanelProps[];
}

const datasource: DataSource = { type: "prometheus", uid: "$datasource" };

/** Two panels a row, in the order in which they are given. A text takes the whole row. */
export function dashboard({ uid, title, variables, panels }: DashboardProps): Dashboard {
  return {
    uid,
    title,
    tags: ["meshground"],
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" }, ...variables.map(variable)],
    },
    panels: placed(panels),
  };
}

/** The text of a dashboard's file. */
export function dashboardText(content: Dashboard): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

function variable([name, query]: readonly [string, string]): Variable {
  return { name, label: name, type: "query", query, datasource, refresh: 2, includeAll: true, multi: true, allValue: ".+" };
}

function placed(panels: readonly PanelProps[]): readonly Panel[] {
  let [x, y] = [0, 0];
  return panels.map((props, index) => {
    const wide = !("lines" in props);
    if (wide && x > 0) [x, y] = [0, y + 8];
    const gridPos = { x, y, w: wide ? 24 : 12, h: "text" in props ? 6 : 8 };
    [x, y] = wide || x > 0 ? [0, y + gridPos.h] : [12, y];
    return { id: index + 1, gridPos, ...content(props) };
  });
}

function content(props: PanelProps): Omit<Panel, "id" | "gridPos"> {
  if ("text" in props) {
    return { type: "text", title: props.title, description: "", options: { mode: "markdown", content: props.text } };
  }
  const { title, description } = props;
  if ("rows" in props) {
    return {
      type: "table",
      title,
      description,
      datasource,
      targets: [{ refId: "A", expr: props.rows, legendFormat: "", instant: true, format: "table" }],
    };
  }
  const red = props.redFrom === undefined ? [] : [{ color: "red", value: props.redFrom }];
  return {
    type: "timeseries",
    title,
    description,
    datasource,
    fieldConfig: {
      defaults: {
        unit: props.unit,
        min: 0,
        thresholds: { mode: "absolute", steps: [{ color: "green", value: null }, ...red] },
        ...(red.length > 0 && { custom: { thresholdsStyle: { mode: "line" } } }),
      },
      overrides: [],
    },
    targets: Object.entries(props.lines).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat,
    })),
  };
}
