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

  /** What belongs to hosts that overlap with a host. An item comes once for each of its hosts. */
  *overlapping(host: string): Iterable<Item> {
    if (host.length > longestName) return;
    if (!host.startsWith("*")) {
      yield* this.#exact.get(host) ?? [];
      yield* this.#covering(host, host.length);
      return;
    }
    const end = host.slice(1);
    yield* end === "" ? this.#all : (this.#below.get(end) ?? []);
    yield* this.#covering(end, end.length - 1);
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
  *#covering(name: string, longest: number): Iterable<Item> {
    for (const length of this.#lengths) if (length <= longest) yield* this.#wildcard.get(name.slice(name.length - length)) ?? [];
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
