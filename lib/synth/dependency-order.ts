import type { ApiObject, App, Chart } from "cdk8s";
import { between, type Dependencies, dependenciesOf, type Vertex, verticesOf } from "./vertex";

/** The charts of an app and the objects of each, in the order in which cdk8s writes them. */
export interface OrderedTree {
  readonly charts: readonly Chart[];
  /** Whether a chart waits for another one, so that cdk8s numbers the names of their files. */
  readonly numbered: boolean;
  readonly objects: (chart: Chart) => readonly ApiObject[];
}

/**
 * The order of cdk8s, in time that grows with the tree and its dependencies.
 *
 * cdk8s turns a dependency between two constructs into one for each pair of objects below them, and builds the graph of the whole app
 * once more for each chart. Here the objects below a construct are visited as a group, once.
 *
 * @throws Error in cdk8s's words when dependencies run in a circle.
 */
export function orderedTree(app: App): OrderedTree {
  const vertices = verticesOf(app);
  const dependencies = dependenciesOf(vertices);
  const visits = new Visits(vertices, dependencies.of);
  const charts = visits.below(vertices[0] as Vertex).filter(({ kind }) => kind === "chart");
  const byConstruct = new Map(charts.map((chart) => [chart.construct, chart]));
  const objects = (chart: Chart): readonly ApiObject[] => {
    const vertex = byConstruct.get(chart);
    return vertex === undefined ? [] : visits.objects(vertex).map(({ construct }) => construct as ApiObject);
  };
  return { charts: charts.map(({ construct }) => construct as Chart), numbered: dependencies.betweenCharts, objects };
}

/** A vertex that is being visited, and what it still waits for. */
interface Open {
  readonly vertex: Vertex;
  readonly rest: Iterator<Vertex>;
}

/** Visits parts of a tree, what is waited for before what waits. */
class Visits {
  readonly #vertices: readonly Vertex[];
  readonly #waits: Dependencies["of"];
  readonly #waiting: readonly Vertex[];
  #scope: Vertex;
  /** What was seen in the visit of the present scope, by the index of the vertex. Even: begun, odd: done. */
  #round = 0;
  readonly #visited: Int32Array;
  readonly #awaited: Int32Array;
  readonly #groupVisited: Int32Array;
  readonly #groupAwaited: Int32Array;

  constructor(vertices: readonly Vertex[], waits: Dependencies["of"]) {
    this.#vertices = vertices;
    this.#waits = waits;
    this.#waiting = [...waits.keys()].sort((a, b) => a.index - b.index);
    this.#scope = vertices[0] as Vertex;
    const stamps = (): Int32Array => new Int32Array(waits.size === 0 ? 0 : vertices.length);
    [this.#visited, this.#awaited, this.#groupVisited, this.#groupAwaited] = [stamps(), stamps(), stamps(), stamps()];
  }

  /** The objects of a chart. */
  objects(chart: Vertex): readonly Vertex[] {
    if (between(this.#waiting, chart.index, chart.stop).length === 0) return chart.objects;
    return this.below(chart).filter((vertex) => vertex.kind === "object" && vertex.chart === chart);
  }

  /** All vertices below one, itself included. */
  below(scope: Vertex): readonly Vertex[] {
    const all = wholeNumbersFirst(this.#vertices.slice(scope.index, scope.stop));
    if (this.#waiting.length === 0) return all;
    this.#scope = scope;
    this.#round += 2;
    for (const vertex of between(this.#waiting, scope.index, scope.stop)) this.#awaitTargets(vertex);
    const order: Vertex[] = [];
    for (const vertex of all) if (this.#awaited[vertex.index] !== this.#round) this.#visit(vertex, order);
    // What is left waits for itself: the visit says how.
    for (const vertex of all) this.#visit(vertex, order);
    return order;
  }

  #visit(start: Vertex, order: Vertex[]): void {
    const stack = this.#isDone(start) ? [] : [this.#open(start)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.next();
      if (next.done) {
        this.#visited[top.vertex.index] = this.#round + 1;
        order.push(top.vertex);
        stack.pop();
      } else if (!this.#isDone(next.value)) {
        if (this.#visited[next.value.index] === this.#round) throw circle(stack, next.value);
        stack.push(this.#open(next.value));
      }
    }
  }

  #open(vertex: Vertex): Open {
    this.#visited[vertex.index] = this.#round;
    return { vertex, rest: this.#targets(vertex) };
  }

  /** What a vertex waits for: what it was told, then, for an object, the objects below what the constructs above it were told. */
  *#targets(vertex: Vertex): Generator<Vertex, void> {
    for (const target of this.#waits.get(vertex) ?? []) if (this.#isInScope(target)) yield target;
    if (vertex.kind !== "object") return;
    for (const source of lineage(vertex)) {
      for (const target of this.#waits.get(source) ?? []) if (this.#isInScope(target)) yield* this.#group(target, vertex);
    }
  }

  /** The objects below a target, unless all of them were visited before. An object does not wait for itself. */
  *#group(target: Vertex, vertex: Vertex): Generator<Vertex, void> {
    if (this.#groupVisited[target.index] === this.#round) return;
    const group = objectsBelow(target);
    for (const object of group) if (object !== vertex) yield object;
    if (!group.includes(vertex)) this.#groupVisited[target.index] = this.#round;
  }

  #awaitTargets(source: Vertex): void {
    const sources = objectsBelow(source);
    for (const target of this.#waits.get(source) ?? []) {
      if (!this.#isInScope(target)) continue;
      this.#awaited[target.index] = this.#round;
      if (sources.length > 0) this.#awaitGroup(target, sources);
    }
  }

  #awaitGroup(target: Vertex, sources: readonly Vertex[]): void {
    if (this.#groupAwaited[target.index] === this.#round) return;
    const only = sources.length === 1 ? sources[0] : undefined;
    const group = objectsBelow(target);
    for (const object of group) if (object !== only) this.#awaited[object.index] = this.#round;
    if (only === undefined || !group.includes(only)) this.#groupAwaited[target.index] = this.#round;
  }

  #isDone(vertex: Vertex): boolean {
    return this.#visited[vertex.index] === this.#round + 1;
  }

  #isInScope({ index }: Vertex): boolean {
    return index >= this.#scope.index && index < this.#scope.stop;
  }
}

/** The objects below a construct that belong to its own chart. */
function objectsBelow({ chart, index, stop }: Vertex): readonly Vertex[] {
  return chart === undefined ? [] : between(chart.objects, index, stop);
}

/** A construct and all above it up to its chart, which comes first. */
function lineage(vertex: Vertex): readonly Vertex[] {
  const line: Vertex[] = [];
  for (let at: Vertex | undefined = vertex; at !== undefined && at.chart === vertex.chart; at = at.above) line.unshift(at);
  return line;
}

/** cdk8s keeps constructs in an object by their path, and JavaScript puts the keys that are whole numbers first. */
function wholeNumbersFirst(vertices: readonly Vertex[]): readonly Vertex[] {
  if (!vertices.some(isWholeNumber)) return vertices;
  return [...vertices.filter(isWholeNumber), ...vertices.filter((vertex) => !isWholeNumber(vertex))];
}

function isWholeNumber({ construct, above }: Vertex): boolean {
  // Deeper paths have a slash.
  if (above === undefined || above.above !== undefined) return false;
  return /^(?:0|[1-9]\d{0,9})$/.test(construct.node.id) && Number(construct.node.id) < 2 ** 32 - 1;
}

function circle(stack: readonly Open[], again: Vertex): Error {
  const from = stack.findIndex(({ vertex }) => vertex === again);
  const path = [...stack.slice(from).map(({ vertex }) => vertex), again].map(({ construct }) => construct.node.path);
  return new Error(`Dependency cycle detected: ${path.join(" => ")}`);
}
