/** Whole numbers from 0 up to one less than the given one, the same for the same seed. */
export type Random = (below: number) => number;

/** Mulberry32: small, and even enough to choose by. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One of the items. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item;
}

/** True in so many of a hundred cases. */
export function inPercent(random: Random, percent: number): boolean {
  return random(100) < percent;
}
