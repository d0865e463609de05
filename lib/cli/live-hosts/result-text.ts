import { styleText } from "node:util";
import { safeText } from "../../checks/report/safe-text";
import type { Mismatch } from "../../hosts/host-error";
import type { KeyOrigin } from "../../hosts/host-facts";
import type { HostChange } from "../../hosts/host-plan";
import type { HostResult, HostState } from "./host-result";

/** Results as a person reads them: a block a host, and how many came to what. Ends with a line break. */
export function resultText(results: readonly HostResult[], { colour, closing }: ResultTextProps): string {
  const last = `${summary(results)}${closing === undefined ? "" : ` ${closing}`}`;
  return `${[...results.map((result) => block(result, colour)), "", last].join("\n")}\n`;
}

/** What a report shows beside the results. */
export interface ResultTextProps {
  readonly colour: boolean;
  /** Sentence after the summary. @default - none */
  readonly closing?: string;
}

function block(result: HostResult, colour: boolean): string {
  const { name, pool, address, state } = result;
  const head = safeText(headline(result));
  const shown = colour ? styleText(looks[state], head, { validateStream: false }) : head;
  return [`${safeText(`${name} (${address}, pool ${pool})`)}: ${shown}`, ...details(result).map((line) => `  ${safeText(line)}`)].join(
    "\n",
  );
}

const looks: Readonly<Record<HostState, Parameters<typeof styleText>[0]>> = {
  unchanged: "green",
  pending: "yellow",
  changed: "green",
  "not-begun": "yellow",
  holds: "green",
  drifted: "red",
  failed: "red",
};

function headline({ state, changes = [], mismatches = [], overriding = [], error }: HostResult): string {
  switch (state) {
    case "unchanged":
      return "nothing to do";
    case "pending":
      return count(changes.length, "change");
    case "changed":
      return `${count(changes.length, "change")} made and read back`;
    case "not-begun":
      return "not begun, it is as it was";
    case "holds":
      return "has the whole profile";
    case "drifted":
      return mismatches.length + overriding.length === 0
        ? "not as wanted"
        : `${count(mismatches.length + overriding.length, "part")} not as wanted`;
    case "failed":
      return `failed, ${error?.reason}`;
  }
}

function details(result: HostResult): readonly string[] {
  const { state, changes = [], mismatches = [], overriding = [], interrupted = false, error } = result;
  const swept = state === "pending" && changes.length === 0 && !interrupted;
  return [
    ...(interrupted ? ["an earlier run was cut off there: the next one first finishes it or puts back what it had begun"] : []),
    ...(swept ? ["only what is kept there, to put the earlier values back, is brought up to date"] : []),
    ...changes.map(changeText),
    ...mismatches.map(mismatchText),
    ...overriding.map(overridingText),
    ...(error === undefined ? [] : error.message.split("\n").map((line) => line.trimEnd())),
  ];
}

function changeText(change: HostChange): string {
  switch (change.kind) {
    case "value":
      return `${change.key}: ${change.from ?? "absent"} -> ${change.floor ? "at least " : ""}${change.to}`;
    case "file":
      return `${change.path}: ${change.action}`;
    case "module":
      return `module ${change.name}: load`;
    case "hash-size":
      return `table of nf_conntrack: ${change.from ?? "absent"} -> ${change.to} buckets`;
  }
}

/** `net.core.somaxconn: 128, wanted 32768`. */
function mismatchText({ kind, name, wanted, got }: Mismatch): string {
  const subject = { value: name, file: name, module: `module ${name}`, "hash-size": "table of nf_conntrack" }[kind];
  return `${subject}: ${got}, wanted ${wanted}`;
}

function overridingText({ key, value, file, line }: KeyOrigin): string {
  return `${key}: ${file}:${line} sets ${value} at the next boot`;
}

const words: Readonly<Record<HostState, string>> = {
  unchanged: "with nothing to do",
  pending: "to be changed",
  changed: "changed",
  "not-begun": "not begun",
  holds: "as wanted",
  drifted: "not as wanted",
  failed: "failed",
};

/** `3 hosts: 1 changed, 1 failed, 1 not begun.` */
function summary(results: readonly HostResult[]): string {
  const counts = (Object.keys(words) as HostState[])
    .map((state) => [state, results.filter((result) => result.state === state).length] as const)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${words[state]}`);
  return `${count(results.length, "host")}: ${counts.join(", ")}.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
