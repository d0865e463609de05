import { createHash } from "node:crypto";
import { type HostProfile, profileId } from "./host-profile";
import { programTransaction } from "./program-transaction";
import { programFacts, programWords } from "./program-words";

/** What a program does: `read` writes nothing; `apply` and `restore` change the host, all or nothing. */
export type HostVerb = "read" | "apply" | "restore";

/** What a program is made of, beside the verb. */
export interface HostProgramProps {
  /** What the host is to have. For `restore`, nothing. */
  readonly profile: HostProfile;
  /** Name of this run, for its journal: hexadecimal digits, never used before. */
  readonly transaction: string;
  /** How long to wait for another run on the same host. Unit: seconds. */
  readonly patienceSeconds: number;
  /** What `read` said of the sysctl files that were judged: the program refuses to go by a judgement of others. */
  readonly judged?: string;
  /** Shell text that is put in after a step, for tests that break the program off there. */
  readonly hook?: (step: string) => string;
}

const stepLine = /^ *#step ([a-z-]+)$/gm;

/** Names of the steps of `apply` and `restore`, as they stand in the program. Steps of files and values come once for each. */
export const programSteps: readonly string[] = [...programTransaction.matchAll(stepLine)].map(([, step]) => String(step));

/** The shell program of a verb. Everything of a profile is in it as quoted data; nothing of it is ever interpreted. */
export function hostProgram(verb: HostVerb, { profile, hook = () => "", ...props }: HostProgramProps): string {
  const data = programData(profile);
  if (verb === "read") return `${programWords}${programFacts}${data}! prepare || facts\n`;
  const transaction = programTransaction.replaceAll(stepLine, (_, step: string) => hook(step));
  const run = [
    `transaction=${quoted(props.transaction)}`,
    `patience=${props.patienceSeconds}`,
    `judged_before=${quoted(props.judged ?? "")}`,
    `wanted_pool=${quoted(verb === "restore" ? "-" : profile.pool)}`,
    `wanted_profile=${quoted(verb === "restore" ? "-" : profileId(profile))}`,
  ];
  return `${programWords}${programFacts}${transaction}${data}${run.join("\n")}\n${programTargets(profile)}! prepare || main\n`;
}

/** A profile that wants nothing. */
export const nothingWanted: HostProfile = { pool: "-", settings: [], files: [], modules: [] };

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** SHA-256 of a text, in hexadecimal digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Names of what is wanted. */
function programData({ files, links = [], settings, hashSize, modules }: HostProfile): string {
  const list = (lines: readonly string[]): string => quoted(lines.join("\n"));
  return [
    `wanted_files=${list([...files, ...links].map(({ path }) => `.${path}`))}`,
    `wanted_sums=${list(files.map(({ path, content }) => `${sha256(content)}  .${path}`))}`,
    `wanted_keys=${list(settings.map(({ key }) => keyPath(key)))}`,
    `wanted_hash=${quoted(hashSize === undefined ? "" : String(hashSize))}`,
    each(
      "each_module",
      modules.map((name) => [name, name.replaceAll(/[-_]/g, "[-_]")]),
    ),
    "",
  ].join("\n");
}

/** What is wanted, for a program that writes it. */
function programTargets({ files, links = [], settings }: HostProfile): string {
  const regular = files.map(({ path, mode, content }) => [
    `.${path}`,
    "regular",
    mode.replace(/^0/, ""),
    "$owner",
    "$group",
    sha256(content),
    Buffer.from(content).toString("base64") || "-",
  ]);
  const linked = links.map(({ path, target }) => [`.${path}`, "link", "-", "-", "-", target, "-"]);
  const values = settings.map(({ mode, key, value }) => [mode, keyPath(key), value]);
  return `${each("each_file", [...regular, ...linked])}\n${each("each_setting", values)}\n`;
}

/** A shell function that calls the one that it is given for each item. */
function each(name: string, items: readonly (readonly string[])[]): string {
  const word = (text: string): string => (text === "$owner" || text === "$group" ? `"${text}"` : quoted(text));
  return `${name}() {\n  :\n${items.map((words) => `  "$1" ${words.map(word).join(" ")}\n`).join("")}}`;
}

/** `net/core/somaxconn` of `net.core.somaxconn`. */
function keyPath(key: string): string {
  return key.replaceAll(".", "/");
}
