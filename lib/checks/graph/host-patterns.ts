/** No host name is longer (RFC 1035 §2.3.4). */
const longestName = 253;

/** Hosts, each of which may begin with a wildcard, and what belongs to them. Finds those that can mean the same host without looking at all. */
export class HostPatterns<Item> {
  readonly #all: Item[] = [];
  readonly #exact = new Map<string, Item[]>();
  /** Wildcards without their `*`. */
  readonly #wildcard = new Map<string, Item[]>();
  readonly #lengths = new Set<number>();
  /** Everything by what it ends with. */
  readonly #below = new Map<string, Item[]>();

  constructor(hosts: Iterable<readonly [host: string, item: Item]>) {
    for (const [host, item] of hosts) if (host.length <= longestName) this.#add(host, item);
  }

  /** What belongs to hosts that overlap with a host, in lists that are the same each time. */
  *overlapping(host: string): Iterable<readonly Item[]> {
    if (host.length > longestName) return;
    const end = host.startsWith("*") ? host.slice(1) : host;
    const same = host.startsWith("*") ? this.#endingWith(end) : this.#exact.get(host);
    if (same !== undefined) yield same;
    // A wildcard of the same length is the host itself, and among those that end with it.
    yield* this.#covering(end, host.startsWith("*") ? end.length - 1 : end.length);
  }

  #endingWith(end: string): readonly Item[] | undefined {
    return end === "" ? this.#all : this.#below.get(end);
  }

  #add(host: string, item: Item): void {
    const isWildcard = host.startsWith("*");
    const name = isWildcard ? host.slice(1) : host;
    this.#all.push(item);
    push(isWildcard ? this.#wildcard : this.#exact, name, item);
    if (isWildcard) this.#lengths.add(name.length);
    for (const ending of endings(name)) push(this.#below, ending, item);
  }

  /** Wildcards whose ending a name has, up to a length. */
  *#covering(name: string, longest: number): Iterable<readonly Item[]> {
    for (const length of this.#lengths) {
      const found = length <= longest ? this.#wildcard.get(name.slice(name.length - length)) : undefined;
      if (found !== undefined) yield found;
    }
  }
}

/** What a wildcard can have after its `*`: the name from each dot or hyphen on. */
function endings(name: string): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < name.length; index++) if (name[index] === "." || name[index] === "-") found.push(name.slice(index));
  return found;
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
