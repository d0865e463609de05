import { notPlain } from "./not-plain";
import { keyText } from "./yaml-scalar";

/** Keys whose mere presence makes cdk8s treat a plain object as something else. */
const odd: ReadonlySet<string> = new Set(["resolve", "constructor", "__proto__"]);
const utf8 = new TextEncoder();
/** Bounds of what is remembered, so that a million ConfigMap keys do not stay in memory. */
const mostKeys = 20_000;
const mostShapes = 50_000;
const longestShape = 64;

/** A key as it is written: ready bytes for each depth. */
export class Key {
  readonly name: string;
  readonly #lines: (Uint8Array | undefined)[] = [];
  readonly #inline: (Uint8Array | undefined)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** The key on a line of its own. */
  line(depth: number): Uint8Array {
    this.#lines[depth] ??= utf8.encode(`\n${"  ".repeat(depth)}${keyText(this.name, depth)}`);
    return this.#lines[depth];
  }

  /** The key behind the dash of a list. */
  inline(depth: number): Uint8Array {
    this.#inline[depth] ??= utf8.encode(` ${keyText(this.name, depth)}`);
    return this.#inline[depth];
  }
}

/** The keys of an object in the order in which they are written. */
export interface Shape {
  readonly keys: readonly Key[];
  /** Whether cdk8s would not take an object with these keys for plain data. */
  readonly odd: boolean;
}

/** A step of the tree of shapes: after these keys, in this order. */
class Step {
  shape: Shape | undefined;
  readonly #next: Map<string, Step> = new Map();
  #lastKey: string | undefined;
  #lastStep: Step | undefined;

  /** The step behind one more key. Objects alike come in a row, so the last answer is mostly the next one. */
  next(key: string): Step | undefined {
    if (this.#lastKey === key) return this.#lastStep;
    const step = this.#next.get(key);
    if (step !== undefined) {
      this.#lastKey = key;
      this.#lastStep = step;
    }
    return step;
  }

  add(key: string): Step {
    const step = new Step();
    this.#next.set(key, step);
    return step;
  }
}

/**
 * Orders the keys of objects, and remembers the answer for objects with the same keys.
 *
 * Sorting each object anew would cost more than all the rest of the text.
 */
export class KeyOrder {
  readonly #order: (keys: readonly string[]) => readonly string[];
  readonly #keys: Map<string, Key>;
  readonly #root: Step = new Step();
  #shapes = 0;

  constructor(order: (keys: readonly string[]) => readonly string[], keys: Map<string, Key>) {
    this.#order = order;
    this.#keys = keys;
  }

  shape(record: object): Shape {
    const names = Object.keys(record);
    if (names.length > longestShape) return this.#make(names);
    let step = this.#root;
    for (const name of names) {
      const next = step.next(name) ?? this.#grow(step, name);
      if (next === undefined) return this.#make(names);
      step = next;
    }
    step.shape ??= this.#make(names);
    return step.shape;
  }

  #grow(step: Step, name: string): Step | undefined {
    return this.#shapes++ < mostShapes ? step.add(name) : undefined;
  }

  #make(names: readonly string[]): Shape {
    if (!names.every((name) => name.isWellFormed())) throw notPlain;
    return { keys: this.#order(names).map((name) => this.#key(name)), odd: names.some((name) => odd.has(name)) };
  }

  #key(name: string): Key {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = new Key(name);
    if (this.#keys.size < mostKeys) this.#keys.set(name, key);
    return key;
  }
}

/** Keys as an object has them whose properties were set in sorted order: JavaScript puts whole numbers first. */
export function sortedKeys(names: readonly string[]): readonly string[] {
  return Object.keys(Object.fromEntries([...names].sort().map((name) => [name, true])));
}

/** Keys as they come. */
export function givenKeys(names: readonly string[]): readonly string[] {
  return names;
}
