import { safeText } from "../checks/report/safe-text";
import { difference, isEmpty } from "../diff/difference";
import { type Output, readOutput } from "../diff/output";
import type { Console } from "./console";
import { type DiffFormOptions, differenceText } from "./difference-text";
import { readOutputFiles } from "./output-files";
import { UsageError } from "./usage-error";

/**
 * Runs `meshground diff` on two outputs.
 *
 * @returns the exit code: 0 when they are the same, 1 when they differ, 2 when something could not be read; nothing is compared then.
 * @throws UsageError when there are not two, or both are standard input.
 */
export async function diff(paths: readonly string[], options: DiffFormOptions, console: Console): Promise<number> {
  const [before, after] = paths;
  if (before === undefined || after === undefined)
    throw new UsageError(["name two outputs, before and after, or a release: --istio 1.31.0."]);
  if (before === "-" && after === "-") throw new UsageError(["only one of the two can be standard input."]);
  const outputs = [await outputOf(before, console), await outputOf(after, console)] as const;
  const unreadable = outputs.flatMap((output) => output.unreadable);
  for (const line of unreadable) console.error(`meshground: cannot read ${safeText(line)}\n`);
  if (unreadable.length > 0) return 2;
  const found = difference(...outputs);
  console.write(differenceText(found, options, console.colour));
  return isEmpty(found) ? 0 : 1;
}

async function outputOf(path: string, console: Console): Promise<Output> {
  if (path !== "-") {
    const { files, unreadable } = readOutputFiles(path);
    const output = readOutput(files);
    return { ...output, unreadable: [...unreadable, ...output.unreadable] };
  }
  const bytes = await console.stdin();
  // Nothing piped in is mostly a command that failed, and would look like the loss of every object.
  if (bytes.length === 0) return { ...readOutput([]), unreadable: ["<stdin>: it is empty."] };
  return readOutput([{ path: "", name: "<stdin>", bytes }]);
}
