import { layered, lineKey, type Plan, type Point, type Rectangle, type Size } from "./layered";
import type { Box, Link, Scene } from "./scene";

/** A scene with its places. Unit: CSS pixels. */
export interface Layout extends Size {
  readonly boxes: ReadonlyMap<string, Rectangle>;
  readonly ways: readonly Way[];
}

/** A link, and the points that its line goes by. */
export interface Way {
  readonly link: Link;
  readonly points: readonly Point[];
}

const padding = { side: 18, top: 46, bottom: 18 } as const;
const innerGap: Size = { width: 56, height: 16 };
const outerGap: Size = { width: 96, height: 30 };
const sizes: Readonly<Record<string, Size>> = {
  service: { width: 196, height: 58 },
  namespace: { width: 206, height: 76 },
  gateway: { width: 214, height: 62 },
  external: { width: 200, height: 48 },
  outside: { width: 168, height: 48 },
};
const fallback: Size = { width: 196, height: 58 };

/** Lays out each open namespace by itself, then all boxes; lines between namespaces go together from border to border. */
export function layoutOf({ top, links }: Scene): Layout {
  const topOf = new Map(top.flatMap((box) => [box, ...box.inner].map(({ thing }) => [thing.id, box.thing.id] as const)));
  const within = Map.groupBy(links, ({ from, to }) => (topOf.get(from) === topOf.get(to) ? (topOf.get(from) ?? "") : ""));
  const insides = new Map(
    top.filter(({ inner }) => inner.length > 0).map((box) => [box.thing.id, layered(insidePlan(box, within.get(box.thing.id) ?? []))]),
  );
  const outer = layered({
    sizes: new Map(top.map(({ thing }) => [thing.id, outerSize(thing.kind, insides.get(thing.id))])),
    pairs: distinctPairs((within.get("") ?? []).map(({ from, to }) => [topOf.get(from) ?? from, topOf.get(to) ?? to])),
    gap: outerGap,
  });
  const boxes = new Map(outer.boxes);
  for (const [id, inside] of insides) {
    const { x = 0, y = 0 } = outer.boxes.get(id) ?? {};
    for (const [inner, box] of inside.boxes) boxes.set(inner, { ...box, ...moved(box, x, y) });
  }
  const ways = links.map((link) => {
    const [from, to] = [topOf.get(link.from) ?? link.from, topOf.get(link.to) ?? link.to];
    const own = insides.get(from)?.lines.get(lineKey(link.from, link.to));
    const { x = 0, y = 0 } = outer.boxes.get(from) ?? {};
    const points = from === to ? (own ?? []).map((point) => moved(point, x, y)) : (outer.lines.get(lineKey(from, to)) ?? []);
    return { link, points: attached(points, boxes.get(link.from), boxes.get(link.to)) };
  });
  return { boxes, ways, width: outer.width, height: outer.height };
}

function insidePlan({ inner }: Box, links: readonly Link[]): Plan {
  return {
    sizes: new Map(inner.map(({ thing }) => [thing.id, sizes.service ?? fallback])),
    pairs: links.map(({ from, to }) => [from, to] as const),
    gap: innerGap,
  };
}

function outerSize(kind: string, inside: Size | undefined): Size {
  if (inside === undefined) return sizes[kind] ?? fallback;
  return { width: Math.max(230, inside.width + 2 * padding.side), height: inside.height + padding.top + padding.bottom };
}

function moved({ x, y }: Point, dx: number, dy: number): Point {
  return { x: x + dx + padding.side, y: y + dy + padding.top };
}

function distinctPairs(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return [...new Map(pairs.filter(([from, to]) => from !== to).map((pair) => [lineKey(...pair), pair])).values()];
}

/** The points between two boxes, from the side of the one to the side of the other. Without points, straight from one to the other. */
function attached(points: readonly Point[], from: Rectangle | undefined, to: Rectangle | undefined): readonly Point[] {
  if (from === undefined || to === undefined) return [];
  const [first = centre(to), last = centre(from)] = [points[0], points.at(-1)];
  return [...distinctPoints([sideTowards(from, first), ...points, sideTowards(to, last)])];
}

function distinctPoints(points: readonly Point[]): readonly Point[] {
  return points.filter(({ x, y }, index) => {
    const before = points[index - 1];
    return before === undefined || Math.abs(before.x - x) + Math.abs(before.y - y) > 1;
  });
}

function centre({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

/** The middle of the side that faces a point; the point itself where it lies on the border. */
function sideTowards(box: Rectangle, point: Point): Point {
  const middle = centre(box);
  const isOnBorder = Math.abs(Math.abs(point.x - middle.x) - box.width / 2) < 2 && Math.abs(point.y - middle.y) <= box.height / 2 + 2;
  if (isOnBorder) return point;
  return { x: point.x >= middle.x ? box.x + box.width : box.x, y: middle.y };
}

/** A smooth line through points, as the data of an SVG path. */
export function pathData(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const last = rest.at(-1);
  if (last === undefined) return "";
  const bends = rest.slice(0, -1).map((point, index) => `Q${at(point)} ${at(middle(point, rest[index + 1] ?? point))}`);
  return [`M${at(first)}`, ...(bends.length > 0 ? bends : []), `L${at(last)}`].join("");
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
