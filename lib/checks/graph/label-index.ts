/** Finds what a label selector selects without looking at everything. */
export class LabelIndex<Item> {
  readonly #labelsOf: (item: Item) => Readonly<Record<string, string>>;
  readonly #all = new Map<string, Item[]>();
  readonly #byLabel = new Map<string, Item[]>();

  constructor(items: Iterable<Item>, labelsOf: (item: Item) => Readonly<Record<string, string>>, namespaceOf: (item: Item) => string) {
    this.#labelsOf = labelsOf;
    for (const item of items) {
      const namespace = namespaceOf(item);
      push(this.#all, namespace, item);
      for (const [name, value] of Object.entries(labelsOf(item))) push(this.#byLabel, `${namespace}/${name}=${value}`, item);
    }
  }

  /** Items of a namespace that carry all the labels; all of the namespace for a selector without labels. */
  select(namespace: string, labels: Readonly<Record<string, string>>): readonly Item[] {
    const wanted = Object.entries(labels);
    let fewest = this.#all.get(namespace) ?? [];
    for (const [name, value] of wanted) {
      const carriers = this.#byLabel.get(`${namespace}/${name}=${value}`) ?? [];
      if (carriers.length < fewest.length) fewest = carriers;
    }
    return wanted.length === 0 ? fewest : fewest.filter((item) => wanted.every(([name, value]) => this.#labelsOf(item)[name] === value));
  }

  /** Namespaces that have any item. */
  get namespaces(): readonly string[] {
    return [...this.#all.keys()];
  }
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
