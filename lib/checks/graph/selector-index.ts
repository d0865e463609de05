import { textMap } from "../fields";

/** Labels that a selector asks for; `unreadable` for one that is no map of texts. */
export type LabelSelector = Readonly<Record<string, string>> | "unreadable";

/** Reads a map of labels that must be met. Nothing said is an empty one. */
export function labelSelector(value: unknown): LabelSelector {
  if (value === undefined || value === null) return {};
  const labels = textMap(value);
  return labels === value ? labels : "unreadable";
}

/**
 * Finds what selects a set of labels without looking at everything: the other way round from a `LabelIndex`.
 *
 * A selector that is empty, or cannot be read, selects nothing here.
 */
export class SelectorIndex<Item> {
  readonly #selectorOf: (item: Item) => LabelSelector;
  /** Items by the one label of their selector that the fewest others ask for. */
  readonly #byLabel = new Map<string, Item[]>();

  constructor(items: Iterable<Item>, selectorOf: (item: Item) => LabelSelector, namespaceOf: (item: Item) => string) {
    this.#selectorOf = selectorOf;
    const asking = [...items].map((item) => ({ item, keys: keysOf(namespaceOf(item), selectorOf(item)) }));
    const asked = new Map<string, number>();
    for (const { keys } of asking) for (const key of keys) asked.set(key, (asked.get(key) ?? 0) + 1);
    for (const { item, keys } of asking) {
      const [first, ...others] = keys;
      if (first === undefined) continue;
      this.#add(
        others.reduce((rarest, key) => ((asked.get(key) ?? 0) < (asked.get(rarest) ?? 0) ? key : rarest), first),
        item,
      );
    }
  }

  /** Items of a namespace whose selector a set of labels meets. */
  selecting(namespace: string, labels: Readonly<Record<string, string>>): readonly Item[] {
    const candidates = keysOf(namespace, labels).flatMap((key) => this.#byLabel.get(key) ?? []);
    return candidates.filter((item) => Object.entries(this.#selectorOf(item)).every(([name, value]) => labels[name] === value));
  }

  #add(key: string, item: Item): void {
    const list = this.#byLabel.get(key);
    if (list === undefined) this.#byLabel.set(key, [item]);
    else list.push(item);
  }
}

function keysOf(namespace: string, selector: LabelSelector): readonly string[] {
  return selector === "unreadable" ? [] : Object.entries(selector).map(([name, value]) => `${namespace}/${name}=${value}`);
}
