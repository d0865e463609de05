/** Gives names of which no two are alike: what is taken gets a number. */
export class DistinctNames {
  readonly #taken: Set<string>;

  /** @param taken - names that are not to be given */
  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken);
  }

  take(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number++) name = `${wanted}${/\d$/.test(wanted) ? "-" : ""}${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** `virtual-service` of `VirtualService`. */
export function kebabCase(text: string): string {
  return text
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

/** `kubeSystem` of `kube-system`: a name for a variable out of any text. */
export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z\d]+/).filter((word) => word !== "");
  const name = words
    .map((word, index) => (index === 0 ? word.slice(0, 1).toLowerCase() : word.slice(0, 1).toUpperCase()) + word.slice(1))
    .join("");
  return /^[a-z]/.test(name) ? name : `n${name}`;
}

/** A name for a file out of any text. */
export function fileName(text: string): string {
  const name = text.toLowerCase().replace(/[^a-z\d]+/g, "-");
  return name.replace(/^-|-$/g, "") || "unnamed";
}
