/** Items of one namespace. */
interface Namespace<Item> {
  readonly all: Item[];
  /** By the name of a label, then by its value: keys put together of both would have to be made, and hashed, at each question. */
  readonly byLabel: Map<string, Map<string, Item[]>>;
}

/** Finds what a label selector selects without looking at everything. */
export class LabelIndex<Item> {
  readonly #labelsOf: (item: Item) => Readonly<Record<string, string>>;
  readonly #namespaces = new Map<string, Namespace<Item>>();

  constructor(items: Iterable<Item>, labelsOf: (item: Item) => Readonly<Record<string, string>>, namespaceOf: (item: Item) => string) {
    this.#labelsOf = labelsOf;
    for (const item of items) {
      const { all, byLabel } = this.#namespace(namespaceOf(item));
      all.push(item);
      for (const [name, value] of Object.entries(labelsOf(item))) addTo(byLabel, name, value, item);
    }
  }

  /** Items of a namespace that carry all the labels; all of the namespace for a selector without labels. */
  select(namespace: string, labels: Readonly<Record<string, string>>): readonly Item[] {
    const here = this.#namespaces.get(namespace);
    if (here === undefined) return [];
    const wanted = Object.entries(labels);
    let fewest = here.all;
    for (const [name, value] of wanted) {
      const carriers = here.byLabel.get(name)?.get(value);
      if (carriers === undefined) return [];
      if (carriers.length < fewest.length || wanted.length === 1) fewest = carriers;
    }
    return wanted.length <= 1 ? fewest : fewest.filter((item) => wanted.every(([name, value]) => this.#labelsOf(item)[name] === value));
  }

  /** Namespaces that have any item. */
  get namespaces(): readonly string[] {
    return [...this.#namespaces.keys()];
  }

  #namespace(name: string): Namespace<Item> {
    const known = this.#namespaces.get(name) ?? { all: [], byLabel: new Map() };
    this.#namespaces.set(name, known);
    return known;
  }
}

function addTo<Item>(byLabel: Namespace<Item>["byLabel"], name: string, value: string, item: Item): void {
  const byValue = byLabel.get(name) ?? new Map<string, Item[]>();
  byLabel.set(name, byValue);
  const list = byValue.get(value);
  if (list === undefined) byValue.set(value, [item]);
  else list.push(item);
}
