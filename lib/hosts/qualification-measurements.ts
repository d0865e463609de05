import { isRecord } from "../core/check";
import { qualificationHead } from "./qualification-program";

/** What a host was measured at. Checked: everything in it came from outside. What is absent could not be told. */
export interface Measurements {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Word of systemd-detect-virt. */
  readonly virtualization?: string;
  readonly clockSynchronised?: boolean;
  /** Whether a kubelet has pods there: then the host is not idle, and no load was put on it. */
  readonly pods: boolean;
  /** The disks below the folder that was measured. */
  readonly disks: readonly MeasuredDisk[];
  readonly link?: MeasuredLink;
  /** Shares of the processors' time in the first window. */
  readonly idle?: { readonly iowaitPercent: number; readonly idlePercent: number };
  readonly steal?: {
    readonly percent: number;
    /** Whether every core was kept busy. */
    readonly underLoad: boolean;
    /** Whether the hypervisor has ever told the host of time that it took. */
    readonly everTold: boolean;
  };
  readonly wakeUps?: { readonly count: number; readonly p999Ms: number; readonly longestMs: number };
  readonly fsync?: { readonly count: number; readonly p99Ms: number; readonly longestMs: number };
  /** Why a program did not measure. */
  readonly skipped: { readonly jitter?: SkipReason; readonly fsync?: SkipReason };
}

/** A disk below the folder that was measured. */
export interface MeasuredDisk {
  readonly name: string;
  /** `nvme`, `nvme-tcp`, `virtio`, `sata`, `scsi`, … */
  readonly transport: string;
  readonly sizeBytes: number;
  /** What the disk calls itself. */
  readonly model?: string;
}

/** The device of the default route. */
interface MeasuredLink {
  readonly device: string;
  /** `up`, `down`, `unknown`, … */
  readonly state: string;
  /** Absent where the device does not know. */
  readonly mbit?: number;
  /** While the host was measured. */
  readonly errors: number;
  /** While the host was measured; frames that nobody had asked for are among them. */
  readonly dropped: number;
}

/** Why a program did not measure. */
export type SkipReason = "no-program" | "failed" | "in-memory" | "no-space" | "read-only";

/** Form of each line by its first word. A line of another form is not the program's. */
const forms = {
  cores: /^[1-9]\d{0,4}$/,
  "memory-kib": /^[1-9]\d{0,12}$/,
  virtualization: /^[a-z0-9-]{1,32}$/,
  clock: /^(?:yes|no|unknown)$/,
  pods: /^(?:yes|no)$/,
  disk: /^[\w.:@+-]{1,64} [\w.:@+-]{1,64} (?:\d{1,15}|-) [\w.:@+-]{1,64}$/,
  "link-start": /^[\w.:@+-]{1,64} [a-z]{1,20} (?:-?\d{1,9}|-)(?: \d{1,15}){4}$/,
  "link-end": /^[\w.:@+-]{1,64} [a-z]{1,20} (?:-?\d{1,9}|-)(?: \d{1,15}){4}$/,
  "ticks-idle-start": /^\d{1,15}(?: \d{1,15}){7}$/,
  "ticks-idle-end": /^\d{1,15}(?: \d{1,15}){7}$/,
  "ticks-load-start": /^\d{1,15}(?: \d{1,15}){7}$/,
  "ticks-load-end": /^\d{1,15}(?: \d{1,15}){7}$/,
  jitter: /^[1-9]\d{0,11} \d{1,12} \d{1,12}$/,
  skip: /^(?:jitter (?:no-program|failed)|fsync (?:no-program|failed|in-memory|no-space|read-only))$/,
  fio: /^[\x20-\x7e]{0,4096}$/,
} as const;

type Word = keyof typeof forms;

/** Words that may come more than once. */
const repeated: readonly string[] = ["disk", "skip", "fio"];
const needed: readonly Word[] = ["cores", "memory-kib", "virtualization", "clock", "pods"];
const longest = 256 * 1024;

/** What the program printed, or undefined when any of it is not what the program prints. */
export function tryMeasurements(text: string): Measurements | undefined {
  const lines = linesByWord(text);
  if (lines === undefined || needed.some((word) => !lines.has(word))) return undefined;
  const one = (word: Word): string => lines.get(word)?.[0] ?? "";
  const virtualization = one("virtualization");
  const clock = one("clock");
  const fsync = fioSync(lines.get("fio"));
  return {
    cores: Number(one("cores")),
    memoryBytes: Number(one("memory-kib")) * 1024,
    ...(virtualization !== "-" && { virtualization }),
    ...(clock !== "unknown" && { clockSynchronised: clock === "yes" }),
    pods: one("pods") === "yes",
    disks: (lines.get("disk") ?? []).slice(0, 32).map(diskOf),
    ...linkOf(one("link-start"), one("link-end")),
    ...processorTime(one),
    ...wakeUpsOf(one("jitter")),
    ...(fsync !== undefined && { fsync }),
    skipped: { ...skipped(lines.get("skip")), ...(lines.has("fio") && fsync === undefined && { fsync: "failed" }) },
  };
}

/** Fields of the lines by their first word, when head, end and every line are as they have to be. */
function linesByWord(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  const lines = text.length > longest ? [] : text.replace(/\n+$/, "").split("\n");
  if (lines.length < 2 || lines.shift() !== qualificationHead || lines.pop() !== "end") return undefined;
  const byWord = new Map<string, string[]>();
  for (const line of lines) {
    const [word = ""] = line.split(" ", 1);
    const fields = line.slice(word.length + 1);
    const before = byWord.get(word) ?? [];
    if (!Object.hasOwn(forms, word) || !forms[word as Word].test(fields)) return undefined;
    if (before.length > 0 && !repeated.includes(word)) return undefined;
    byWord.set(word, [...before, fields]);
  }
  return byWord;
}

function diskOf(fields: string): MeasuredDisk {
  const [name = "", transport = "", sectors = "", model = ""] = fields.split(" ");
  // The kernel counts disks in sectors of 512 bytes, whatever theirs are.
  return { name, transport, sizeBytes: sectors === "-" ? 0 : Number(sectors) * 512, ...(model !== "-" && { model }) };
}

function linkOf(start: string, end: string): { readonly link?: MeasuredLink } {
  const [device = "", , , ...before] = start.split(" ");
  const [sameDevice, state = "", speed = "", ...after] = end.split(" ");
  if (device === "" || device !== sameDevice) return {};
  const [rxErrors, txErrors, rxDropped, txDropped] = before.map((count, index) => grown(count, after[index]));
  const mbit = Number(speed);
  return {
    link: {
      device,
      state,
      ...(mbit > 0 && { mbit }),
      errors: (rxErrors ?? 0) + (txErrors ?? 0),
      dropped: (rxDropped ?? 0) + (txDropped ?? 0),
    },
  };
}

/** Counters of the kernel may go backwards: then nothing has grown. */
function grown(from: string | undefined, to: string | undefined): number {
  return Math.max(Number(to) - Number(from), 0);
}

function processorTime(one: (word: Word) => string): Pick<Measurements, "idle" | "steal"> {
  const idle = window(one("ticks-idle-start"), one("ticks-idle-end"));
  const load = window(one("ticks-load-start"), one("ticks-load-end"));
  if (idle === undefined) return {};
  return {
    idle: { iowaitPercent: idle.iowait, idlePercent: idle.idle },
    steal: {
      percent: Math.max(idle.steal, load?.steal ?? 0),
      underLoad: load !== undefined,
      everTold: Number(one("ticks-load-end").split(" ")[7] ?? one("ticks-idle-end").split(" ")[7]) > 0,
    },
  };
}

/** Shares of a window, in percent; undefined where no time went by. */
function window(start: string, end: string): { readonly idle: number; readonly iowait: number; readonly steal: number } | undefined {
  const before = start.split(" ");
  const ticks = end.split(" ").map((count, index) => grown(before[index], count));
  const total = ticks.reduce((sum, count) => sum + count, 0);
  if (before.length !== 8 || ticks.length !== 8 || total === 0) return undefined;
  // In this order it never comes out above 100.
  const percent = (index: number): number => 100 * ((ticks[index] ?? 0) / total);
  return { idle: percent(3), iowait: percent(4), steal: percent(7) };
}

function wakeUpsOf(fields: string): Pick<Measurements, "wakeUps"> {
  if (fields === "") return {};
  const [count, p999, max] = fields.split(" ").map(Number);
  return { wakeUps: { count: count ?? 0, p999Ms: (p999 ?? 0) / 1_000, longestMs: (max ?? 0) / 1_000 } };
}

function skipped(lines: readonly string[] = []): Measurements["skipped"] {
  return Object.fromEntries(lines.map((fields) => fields.split(" ", 2)));
}

/** Time of fdatasync from fio's own answer; undefined when it holds none, as before fio 3.5. */
function fioSync(lines: readonly string[] | undefined): Measurements["fsync"] {
  const text = lines?.join("\n") ?? "";
  // Remarks may stand before the answer.
  const answer = tryJson(text.slice(text.search(/^\{/m)));
  const latency = at(answer, "jobs", 0, "sync", "lat_ns");
  const count = at(latency, "N");
  const p99 = at(latency, "percentile", "99.000000");
  const max = at(latency, "max");
  if (!isCount(count) || !isCount(p99) || !isCount(max) || count === 0 || p99 === 0) return undefined;
  return { count, p99Ms: p99 / 1e6, longestMs: max / 1e6 };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (Array.isArray(found)) return found[Number(step)];
    return isRecord(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }, value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
