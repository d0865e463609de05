import { type Layered, type Line, layered, lineKey, type Pair, type Plan, type Point, type Rectangle, type Size } from "./layered";
import type { Box, Link, Scene } from "./scene";

/** A scene with its places. Unit: CSS pixels. */
export interface Layout extends Size {
  readonly boxes: ReadonlyMap<string, Rectangle>;
  readonly ways: readonly Way[];
}

/** A link, the points that its line goes by, and the middle of its words. */
export interface Way {
  readonly link: Link;
  readonly points: readonly Point[];
  readonly words: Point | undefined;
}

const padding = { side: 18, top: 46, bottom: 18 } as const;
const innerGap: Size = { width: 48, height: 16 };
const outerGap: Size = { width: 64, height: 24 };
const sizes: Readonly<Record<string, Size>> = {
  service: { width: 186, height: 60 },
  namespace: { width: 206, height: 76 },
  gateway: { width: 214, height: 70 },
  external: { width: 200, height: 52 },
  outside: { width: 168, height: 52 },
};
const fallback: Size = { width: 186, height: 60 };

/** Where lines come in to an open namespace, and where they leave it. No id is like these. */
const doors = { entry: "entry", exit: "exit" } as const;

/** Words of a link that is drawn with some. */
export type WordsOf = (link: Link) => string;

/** Lays out each open namespace by itself, then all boxes; lines between namespaces go together from border to border. */
export function layoutOf(scene: Scene, wordsOf: WordsOf): Layout {
  return new Arrangement(scene, wordsOf).layout();
}

class Arrangement {
  readonly #scene: Scene;
  readonly #wordsOf: WordsOf;
  /** The box that stands by itself around each box. */
  readonly #topOf: ReadonlyMap<string, string>;
  readonly #insides: ReadonlyMap<string, Layered>;
  readonly #outer: Layered;
  readonly #boxes: Map<string, Rectangle>;

  constructor(scene: Scene, wordsOf: WordsOf) {
    this.#scene = scene;
    this.#wordsOf = wordsOf;
    this.#topOf = new Map(scene.top.flatMap((box) => [box, ...box.inner].map(({ thing }) => [thing.id, box.thing.id] as const)));
    const open = scene.top.filter(({ inner }) => inner.length > 0);
    const pairs = this.#insidePairs();
    this.#insides = new Map(open.map((box) => [box.thing.id, layered(insidePlan(box, pairs.get(box.thing.id) ?? []))]));
    this.#outer = layered(this.#outerPlan());
    this.#boxes = new Map(this.#outer.boxes);
    for (const [id, inside] of this.#insides) {
      for (const [inner, box] of inside.boxes) this.#boxes.set(inner, { ...box, ...this.#moved(id, box) });
    }
  }

  layout(): Layout {
    const { width, height } = this.#outer;
    return { boxes: this.#boxes, ways: this.#scene.links.map((link) => this.#way(link)), width, height };
  }

  /** Lines within each open namespace: between its services, and from and to its doors. */
  #insidePairs(): ReadonlyMap<string, readonly Pair[]> {
    const pairs = new Map<string, Pair[]>();
    const add = (id: string, pair: Pair): void => {
      pairs.set(id, [...(pairs.get(id) ?? []), pair]);
    };
    for (const link of this.#scene.links) {
      const { from, to } = link;
      const [above, below] = [this.#top(from), this.#top(to)];
      if (above === below) add(above, { from, to, ...this.#room(link) });
      else {
        if (above !== from) add(above, { from, to: doors.exit });
        if (below !== to) add(below, { from: doors.entry, to });
      }
    }
    return pairs;
  }

  #outerPlan(): Plan {
    const pairs = new Map<string, Pair>();
    for (const link of this.#scene.links) {
      const [from, to] = [this.#top(link.from), this.#top(link.to)];
      if (from !== to) pairs.set(lineKey(from, to), { from, to, ...this.#room(link) });
    }
    const top = this.#scene.top.map(({ thing }) => [thing.id, outerSize(thing.kind, this.#insides.get(thing.id))] as const);
    return { sizes: new Map(top), pairs: [...pairs.values()], gap: outerGap };
  }

  #top(id: string): string {
    return this.#topOf.get(id) ?? id;
  }

  #room(link: Link): Pick<Pair, "words"> {
    const words = this.#wordsOf(link);
    return words === "" ? {} : { words: { width: words.length * 7.2 + 8, height: 16 } };
  }

  #way(link: Link): Way {
    const [from, to] = [this.#top(link.from), this.#top(link.to)];
    const line = from === to ? this.#inside(from, link.from, link.to) : this.#outer.lines.get(lineKey(from, to));
    const points = line?.points ?? [];
    const leaving = from === to || from === link.from ? [] : this.#leaving(from, link.from, points[0]);
    const coming = from === to || to === link.to ? [] : this.#coming(to, link.to, points.at(-1));
    const whole = [...leaving, ...points, ...coming];
    return { link, points: attached(whole, this.#boxes.get(link.from), this.#boxes.get(link.to)), words: line?.words };
  }

  /** The way from a service to the exit of its namespace: where the line goes on to the right. */
  #leaving(id: string, from: string, border: Point | undefined): readonly Point[] {
    return this.#isRight(id, border) ? (this.#inside(id, from, doors.exit)?.points.slice(0, -1) ?? []) : [];
  }

  /** The way from the entry of a namespace to a service: where the line comes from the left. */
  #coming(id: string, to: string, border: Point | undefined): readonly Point[] {
    return this.#isRight(id, border) ? [] : (this.#inside(id, doors.entry, to)?.points.slice(1) ?? []);
  }

  #isRight(id: string, border: Point | undefined): boolean {
    const box = this.#boxes.get(id);
    return box !== undefined && border !== undefined && border.x > box.x + box.width / 2;
  }

  /** A line within a namespace, at its place in the whole. */
  #inside(id: string, from: string, to: string): Line | undefined {
    const line = this.#insides.get(id)?.lines.get(lineKey(from, to));
    if (line === undefined) return undefined;
    return { points: line.points.map((point) => this.#moved(id, point)), words: line.words && this.#moved(id, line.words) };
  }

  /** A place within a namespace as a place in the whole. */
  #moved(id: string, { x, y }: Point): Point {
    const { x: left = 0, y: top = 0 } = this.#outer.boxes.get(id) ?? {};
    return { x: x + left + padding.side, y: y + top + padding.top };
  }
}

function insidePlan({ inner }: Box, pairs: readonly Pair[]): Plan {
  const services = inner.map(({ thing }) => [thing.id, sizes.service ?? fallback] as const);
  const used = Object.values(doors).filter((door) => pairs.some(({ from, to }) => from === door || to === door));
  return { sizes: new Map([...services, ...used.map((door) => [door, { width: 1, height: 1 }] as const)]), pairs, gap: innerGap };
}

function outerSize(kind: string, inside: Size | undefined): Size {
  if (inside === undefined) return sizes[kind] ?? fallback;
  return { width: Math.max(230, inside.width + 2 * padding.side), height: inside.height + padding.top + padding.bottom };
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
