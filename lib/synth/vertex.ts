import { ApiObject, type App, Chart } from "cdk8s";
import type { IConstruct } from "constructs";

/** A construct in the order of the tree. Everything below it has the indices from its own up to `stop`. */
export interface Vertex {
  readonly construct: IConstruct;
  readonly index: number;
  readonly stop: number;
  readonly above: Vertex | undefined;
  /** The nearest chart, which for a chart is itself. */
  readonly chart: Vertex | undefined;
  /** The objects whose nearest chart this is. */
  readonly objects: readonly Vertex[];
  readonly kind: "chart" | "object" | "other";
}

interface OpenVertex extends Vertex {
  stop: number;
  chart: OpenVertex | undefined;
  readonly objects: Vertex[];
}

/** What waits for what, as cdk8s has it before it spreads a dependency over the objects below both ends. */
export interface Dependencies {
  readonly of: ReadonlyMap<Vertex, ReadonlySet<Vertex>>;
  /** Whether a chart waits for another, so that cdk8s numbers their files. */
  readonly betweenCharts: boolean;
}

/** Every construct of an app, parents first. */
export function verticesOf(app: App): readonly Vertex[] {
  const vertices: Vertex[] = [];
  const add = (construct: IConstruct, above: OpenVertex | undefined): void => {
    const vertex = openVertex(construct, vertices.length, above);
    vertices.push(vertex);
    for (const child of construct.node.children) add(child, vertex);
    vertex.stop = vertices.length;
  };
  add(app, undefined);
  return vertices;
}

/** The vertices from one index up to another, of a list in the order of the tree. */
export function between(sorted: readonly Vertex[], from: number, stop: number): readonly Vertex[] {
  return sorted.slice(firstFrom(sorted, from), firstFrom(sorted, stop));
}

/** The dependencies of an app: those that were declared, those of a chart on the charts in it, and those of charts on charts. */
export function dependenciesOf(vertices: readonly Vertex[]): Dependencies {
  const nested = vertices.filter(({ kind, above }) => kind === "chart" && above?.kind === "chart");
  const declared = vertices.filter(({ construct }) => construct.node.dependencies.length > 0);
  const dependencies = new Map<Vertex, Set<Vertex>>();
  if (declared.length + nested.length === 0) return { of: dependencies, betweenCharts: false };
  const byConstruct = new Map(vertices.map((vertex) => [vertex.construct, vertex]));
  const add = (source: Vertex, target: Vertex | undefined): void => {
    if (target !== undefined) dependencies.set(source, (dependencies.get(source) ?? new Set()).add(target));
  };
  for (const source of declared) for (const target of source.construct.node.dependencies) add(source, byConstruct.get(target));
  for (const chart of nested) if (chart.above !== undefined) add(chart.above, chart);
  const between = chartPairs(declared);
  for (const [source, target] of between) add(byConstruct.get(source) as Vertex, byConstruct.get(target));
  return { of: dependencies, betweenCharts: nested.length + between.length > 0 };
}

/** The charts at both ends of each declared dependency that leads from one chart to another. */
function chartPairs(declared: readonly Vertex[]): readonly (readonly [Chart, Chart])[] {
  return declared.flatMap(({ construct }) =>
    construct.node.dependencies
      .map((target) => [Chart.of(construct), Chart.of(target)] as const)
      .filter(([source, target]) => source !== target),
  );
}

const none: Vertex[] = [];

function openVertex(construct: IConstruct, index: number, above: OpenVertex | undefined): OpenVertex {
  const kind = Chart.isChart(construct) ? "chart" : ApiObject.isApiObject(construct) ? "object" : "other";
  const vertex: OpenVertex = { construct, index, stop: index, above, chart: above?.chart, objects: kind === "chart" ? [] : none, kind };
  if (kind === "chart") vertex.chart = vertex;
  else if (kind === "object") vertex.chart?.objects.push(vertex);
  return vertex;
}

function firstFrom(sorted: readonly Vertex[], index: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.index ?? index) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
