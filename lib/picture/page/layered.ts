import { Graph, layout } from "@dagrejs/dagre";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width and height. Unit: CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle by its upper left corner. */
export interface Rectangle extends Point, Size {}

/** Boxes in layers from left to right, with the way of each line. */
export interface Layered extends Size {
  readonly boxes: ReadonlyMap<string, Rectangle>;
  /** By `lineKey`. */
  readonly lines: ReadonlyMap<string, Line>;
}

/** The points that a line goes by, and the middle of its words. */
export interface Line {
  readonly points: readonly Point[];
  readonly words: Point | undefined;
}

/** Two boxes with a line from the one to the other. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  /** Room for words on the line. @default - it has none */
  readonly words?: Size;
}

/** What is to be laid out. */
export interface Plan {
  readonly sizes: ReadonlyMap<string, Size>;
  readonly pairs: readonly Pair[];
  /** Space between boxes of one layer, and between layers. Unit: CSS pixels. */
  readonly gap: Size;
}

/** Beyond so many boxes layers take seconds, and nobody follows the lines anyway. */
const mostLayered = 260;

export function lineKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

/** Lays out what is connected in layers, and the rest in rows below. */
export function layered({ sizes, pairs, gap }: Plan): Layered {
  const connected = new Set(pairs.flatMap(({ from, to }) => [from, to]));
  const linked = [...sizes].filter(([id]) => connected.has(id));
  const inLayers = linked.length > 0 && linked.length <= mostLayered;
  const upper = inLayers ? inLayersOf(linked, pairs, gap) : empty;
  const rest = inLayers ? [...sizes].filter(([id]) => !connected.has(id)) : [...sizes];
  const below = rows(rest, gap, { x: 0, y: upper.height === 0 ? 0 : upper.height + gap.height }, upper.width);
  return {
    boxes: new Map([...upper.boxes, ...below.boxes]),
    lines: upper.lines,
    width: Math.max(upper.width, below.width),
    height: below.boxes.size === 0 ? upper.height : below.height,
  };
}

const empty: Layered = { boxes: new Map(), lines: new Map(), width: 0, height: 0 };

function inLayersOf(linked: readonly (readonly [string, Size])[], pairs: Plan["pairs"], gap: Size): Layered {
  const graph = new Graph();
  const ranker = linked.length > 80 ? "longest-path" : "network-simplex";
  graph.setGraph({ rankdir: "LR", nodesep: gap.height, ranksep: gap.width, edgesep: 18, acyclicer: "greedy", ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [id, size] of linked) graph.setNode(id, { ...size });
  for (const { from, to, words } of pairs) graph.setEdge(from, to, words === undefined ? {} : { ...words, labelpos: "c" });
  layout(graph);
  const boxes = new Map(
    linked.map(([id, { width, height }]) => {
      const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
      return [id, { x: x - width / 2, y: y - height / 2, width, height }] as const;
    }),
  );
  const lines = new Map(
    (graph.edges() as readonly LaidEdge[]).map(({ v, w }) => [lineKey(v, w), lineOf(graph.edge(v, w) as LaidLabel)] as const),
  );
  return { boxes, lines, width: extent(boxes, "x", "width"), height: extent(boxes, "y", "height") };
}

interface LaidEdge {
  readonly v: string;
  readonly w: string;
}

/** What a layout adds to an edge: its points, and the middle of its words where it has some. */
interface LaidLabel extends Partial<Point> {
  readonly points?: readonly Point[];
}

function lineOf({ points = [], x, y }: LaidLabel): Line {
  return { points, words: x === undefined || y === undefined ? undefined : { x, y } };
}

/** Rows that are about as wide as what stands above them, or half as wide again as they are high. */
function rows(boxes: readonly (readonly [string, Size])[], gap: Size, from: Point, above: number): Layered {
  const spare = gap.height * 1.5;
  const area = boxes.reduce((sum, [, { width, height }]) => sum + (width + spare) * (height + gap.height), 0);
  const widest = Math.max(above, Math.sqrt(area * 1.6));
  const placed = new Map<string, Rectangle>();
  let [x, y, height] = [from.x, from.y, 0];
  for (const [id, size] of boxes) {
    if (x > from.x && x + size.width > widest) {
      [x, y, height] = [from.x, y + height + gap.height, 0];
    }
    placed.set(id, { x, y, ...size });
    x += size.width + spare;
    height = Math.max(height, size.height);
  }
  return { boxes: placed, lines: new Map(), width: extent(placed, "x", "width"), height: extent(placed, "y", "height") };
}

function extent(boxes: ReadonlyMap<string, Rectangle>, at: "x" | "y", size: "width" | "height"): number {
  let most = 0;
  for (const box of boxes.values()) most = Math.max(most, box[at] + box[size]);
  return most;
}
