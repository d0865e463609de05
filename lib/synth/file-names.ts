/** What a file is named after, from the shortest name that will do to the longest. */
export type NameSteps = readonly [string, ...string[]];

/**
 * A name for each file, such that no two files are one, nor one that is taken.
 *
 * A name is lengthened only where two are equal, then in all that share it, so that the order does not matter. File systems that do
 * not tell cases apart count. What is equal to the last step gets a number.
 */
export function distinctNames(steps: readonly NameSteps[], ending: string, taken: readonly string[]): readonly string[] {
  const levels = steps.map(() => 0);
  const names = (): readonly string[] => steps.map((each, index) => each[levels[index] ?? 0] ?? each[0]);
  const lengthen = (index: number): boolean => {
    const level = (levels[index] ?? 0) + 1;
    if (level >= (steps[index]?.length ?? 0)) return false;
    levels[index] = level;
    return true;
  };
  while (clashes(names()).filter(lengthen).length > 0);
  return numbered(names(), ending, taken);
}

/** The places of the names that occur more than once. */
function clashes(names: readonly string[]): readonly number[] {
  const places = new Map<string, number[]>();
  for (const [index, name] of names.entries()) {
    const same = places.get(name.toLowerCase());
    if (same === undefined) places.set(name.toLowerCase(), [index]);
    else same.push(index);
  }
  return [...places.values()].filter(({ length }) => length > 1).flat();
}

function numbered(names: readonly string[], ending: string, taken: readonly string[]): readonly string[] {
  const used = new Set(taken);
  return names.map((name) => {
    let path = `${name}${ending}`;
    for (let number = 2; used.has(path.toLowerCase()); number++) path = `${name}.${number}${ending}`;
    used.add(path.toLowerCase());
    return path;
  });
}
