/** For each place in a list, the places that it waits for. */
export type Waits = readonly ReadonlySet<number>[];

/** What waits for what, and an order in which nothing comes before what it waits for. */
export interface WaitingOrder {
  readonly order: readonly number[];
  readonly waits: Waits;
}

/**
 * Joins what somebody declared with what follows from the objects. Where the two run in a circle, the declared stays: inside a circle,
 * and nowhere else, what was derived is dropped.
 *
 * @throws Error when what was declared runs in a circle by itself.
 */
export function waitingOrder(declared: Waits, derived: Waits): WaitingOrder {
  const both = declared.map((waits, index) => union(waits, derived[index] ?? new Set()));
  const all = order(both);
  if (all.length === both.length) return { order: all, waits: both };
  const circles = insideCircles(both);
  const waits = declared.map((kept, index) =>
    union(
      kept,
      [...(derived[index] ?? [])].filter((other) => !(circles.has(index) && circles.has(other))),
    ),
  );
  const mended = order(waits);
  if (mended.length < waits.length) throw new Error("Dependency cycle detected between the objects of the app");
  return { order: mended, waits };
}

function union(a: Iterable<number>, b: Iterable<number>): ReadonlySet<number> {
  return new Set([...a, ...b]);
}

/** What can be brought into an order; what waits in a circle, or for one, is left out. */
function order(waits: Waits): readonly number[] {
  const waiting = reversed(waits);
  const left = waits.map(({ size }) => size);
  const done = left.flatMap((count, index) => (count === 0 ? [index] : []));
  // The list grows while it is walked through.
  for (const index of done) {
    for (const other of waiting[index] ?? []) {
      left[other] = (left[other] ?? 0) - 1;
      if (left[other] === 0) done.push(other);
    }
  }
  return done;
}

/** The places on circles, and between them: what is neither before all circles nor after. */
function insideCircles(waits: Waits): ReadonlySet<number> {
  const outside = new Set([...order(waits), ...order(reversed(waits))]);
  return new Set(waits.map((_, index) => index).filter((index) => !outside.has(index)));
}

function reversed(waits: Waits): Waits {
  const back = waits.map(() => new Set<number>());
  for (const [index, others] of waits.entries()) for (const other of others) back[other]?.add(index);
  return back;
}
