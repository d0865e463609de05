import fc from "fast-check";
import { kernelKeyNames, kernelKeys } from "../../lib/nodes/kernel-keys";
import type { KernelKeyName, KernelSettings } from "../../lib/nodes/kernel-settings";
import { character } from "../core/hostile";

/** Settings of any known keys with any values in range. Keys that others contradict are left out by the test that minds. */
export const anySettings: fc.Arbitrary<KernelSettings> = fc
  .subarray([...kernelKeyNames])
  .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, anySetting(key)]))) as fc.Arbitrary<KernelSettings>);

/** The same settings with their keys in another order. */
export function reversed<Map extends object>(map: Map): Map {
  return Object.fromEntries(Object.entries(map).reverse()) as Map;
}

/** What people try to break out of a file with. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: character, maxLength: 40 }),
  fc
    .tuple(
      fc.string({ maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "$(id)", "`id`", '"', "'", ";", "\u2028", "\u0085", "\0", "#", ": ", "../", "%H", "\\", "\t", " - x"),
      fc.string({ maxLength: 8 }),
    )
    .map((parts) => parts.join("")),
);

function anySetting(key: KernelKeyName): fc.Arbitrary<unknown> {
  const { value } = kernelKeys[key];
  switch (value.kind) {
    case "amount": {
      const amount = fc.integer({ min: value.min, max: Math.min(value.max, 2 ** 31 - 1) });
      return fc.oneof(amount, fc.record({ exact: amount }), fc.record({ atLeast: amount }));
    }
    case "level":
      return fc.integer({ min: value.min, max: value.max });
    case "choice":
      return fc.constantFrom(...Object.keys(value.choices).map(Number));
    case "tuple":
      return fc
        .tuple(...value.parts.map(({ min, max }) => fc.integer({ min, max })))
        .map((numbers) => [...numbers].sort((a, b) => a - b))
        .filter((numbers) =>
          numbers.every((number, index) => number >= (value.parts[index]?.min ?? 0) && number <= (value.parts[index]?.max ?? 0)),
        );
  }
}
