import type { Mismatch } from "./host-error";
import { type HostReading, tryReading } from "./host-reading";
import { keyName, longestLine, printable } from "./report-text";

/** What a program reports of a run. */
export interface HostReport {
  /** Programs and folders that the host lacks. */
  readonly missing?: string;
  readonly notRoot: boolean;
  readonly result?: HostResult;
  /** Where the run was when it ended. */
  readonly at: string;
  readonly troubles: readonly { readonly reason: "conflict" | "read-only" | "unexpected"; readonly text: string }[];
  readonly mismatches: readonly Mismatch[];
  readonly recovered: boolean;
  readonly reading?: HostReading;
}

/** How a run ended. `moved`: the sysctl files are not those that were judged; nothing was written. */
type HostResult = "busy" | "unchanged" | "changed" | "moved" | "refused" | "failed" | "not-undone";

const results: readonly string[] = ["busy", "unchanged", "changed", "moved", "refused", "failed", "not-undone"] satisfies HostResult[];
const reasons: readonly string[] = ["conflict", "read-only", "unexpected"];
const kinds: readonly string[] = ["value", "file", "module", "hash-size"] satisfies Mismatch["kind"][];

const mostLines = 100_000;

/** What the program printed, or undefined when any of it is not what the program prints. */
export function tryHostReport(text: string): HostReport | undefined {
  const lines = text.split("\n");
  if (lines.length > mostLines) return undefined;
  const start = lines.findIndex((line) => line.startsWith("facts\t"));
  const head = tryHead(start < 0 ? lines : lines.slice(0, start));
  if (head === undefined || start < 0) return head;
  const reading = tryReading(lines.slice(start));
  return reading === undefined ? undefined : { ...head, reading };
}

type Head = { -readonly [Part in "missing" | "notRoot" | "result" | "at" | "recovered"]: HostReport[Part] } & {
  readonly troubles: HostReport["troubles"][number][];
  readonly mismatches: Mismatch[];
};

/** What each word of the report's head brings; false for fields that it does not have. */
const headWords: Readonly<Record<string, (head: Head, fields: readonly string[]) => boolean>> = {
  missing: (head, [names = ""]) => {
    head.missing = names;
    return /^[\w/ -]{1,512}$/.test(names);
  },
  "not-root": (head) => {
    head.notRoot = true;
    return true;
  },
  locked: () => true,
  recovered: (head) => {
    head.recovered = true;
    return true;
  },
  result: (head, [result = "", at = ""]) => {
    head.result = result as HostResult;
    head.at = at;
    return results.includes(result) && /^[a-z-]{0,32}$/.test(at);
  },
  trouble: (head, [reason = "", text = ""]) => {
    head.troubles.push({ reason: reason as "conflict", text: printable(text, 600) });
    return reasons.includes(reason);
  },
  mismatch: ({ mismatches }, [kind = "", name = "", wanted = "", got = ""]) => {
    mismatches.push({ kind: kind as Mismatch["kind"], name, wanted: printable(wanted, 300), got: printable(got, 300) || "empty" });
    return kinds.includes(kind) && /^[\w./@+-]{1,255}$/.test(name);
  },
};

function tryHead(lines: readonly string[]): Omit<HostReport, "reading"> | undefined {
  const head: Head = { notRoot: false, at: "", recovered: false, troubles: [], mismatches: [], missing: undefined, result: undefined };
  for (const line of lines) {
    if (line === "") continue;
    const [word = "", ...fields] = line.split("\t");
    const read = Object.hasOwn(headWords, word) ? headWords[word] : undefined;
    if (line.length > longestLine || read?.(head, fields) !== true) return undefined;
  }
  const { missing, result, mismatches, ...rest } = head;
  const named = mismatches.map((mismatch) => ({ ...mismatch, name: mismatch.kind === "value" ? keyName(mismatch.name) : mismatch.name }));
  return { ...rest, mismatches: named, ...(missing !== undefined && { missing }), ...(result !== undefined && { result }) };
}
