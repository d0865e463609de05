import { list, record } from "../../fields";

/** Something that stands where one of the paths of a tree leads to. */
export interface Place<Item> {
  /** What the path is of. */
  readonly item: Item;
  /** `spec.http[0].fault.delay.percent`. */
  readonly field: string;
  readonly value: unknown;
}

/**
 * Many paths, such as `spec.http[].fault.delay.percent`, that are looked for in an object at once.
 *
 * What two paths share is walked once, and nothing below a step that is not there.
 */
export class PathTree<Item> {
  readonly #items: Item[] = [];
  readonly #children = new Map<string, PathTree<Item>>();

  constructor(paths: Iterable<readonly [path: string, item: Item]> = []) {
    for (const [path, item] of paths) this.#add(path.replaceAll("[]", ".[]").split("."), item);
  }

  /** Every place in an object that a path leads to, path by path where they do not part. */
  placesIn(data: unknown): readonly Place<Item>[] {
    const places: Place<Item>[] = [];
    this.#collect(data, "", places);
    return places;
  }

  #add([step, ...rest]: readonly string[], item: Item): void {
    if (step === undefined) {
      this.#items.push(item);
      return;
    }
    const child = this.#children.get(step) ?? new PathTree<Item>();
    this.#children.set(step, child);
    child.#add(rest, item);
  }

  #collect(value: unknown, field: string, places: Place<Item>[]): void {
    for (const item of this.#items) places.push({ item, field, value });
    for (const [step, child] of this.#children) {
      if (step === "[]") child.#collectItems(value, field, places);
      else if (Object.hasOwn(record(value), step)) child.#collect(record(value)[step], field === "" ? step : `${field}.${step}`, places);
    }
  }

  #collectItems(value: unknown, field: string, places: Place<Item>[]): void {
    let index = 0;
    for (const item of list(value)) this.#collect(item, `${field}[${index++}]`, places);
  }
}
