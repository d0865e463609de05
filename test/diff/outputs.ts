import { type Difference, difference } from "../../lib/diff/difference";
import { type Output, readOutput } from "../../lib/diff/output";

/** An output of files, by path. */
export function output(files: Readonly<Record<string, string>>): Output {
  return readOutput(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
}

/** An output of one file that holds these objects. */
export function objects(...all: readonly object[]): Output {
  return output({ "all.yaml": all.map((object) => JSON.stringify(object)).join("\n---\n") });
}

/** The difference of two objects. */
export function changed(before: object, after: object): Difference {
  return difference(objects(before), objects(after));
}

/** What is said to follow from a change: `danger: …`. */
export function consequences(before: readonly object[], after: readonly object[]): readonly string[] {
  return difference(objects(...before), objects(...after)).objects.flatMap((object) =>
    object.consequences.map(({ level, text }) => `${level}: ${text}`),
  );
}
