import { all, type Check, isRecord, line, matching, satisfies, wholeNumber } from "../core/check";
import { nearest } from "../core/nearest";
import { join, type Problem, problem } from "../core/problem";
import { expectedOf, type KernelKey, type KernelKeyValue } from "./kernel-key";
import { kernelKeyNames, reservedPortsKey, tryKernelKey } from "./kernel-keys";
import type { KernelProfile } from "./kernel-profile";

/** One kernel setting, checked and ready to be written. */
export interface KernelSetting {
  /** Name with dots, as sysctl writes it: `net.core.somaxconn`. */
  readonly key: string;
  /** `exact`: this value. `atLeast`: raised to this value, left alone when higher. */
  readonly mode: "exact" | "atLeast";
  /** As the kernel reads it: numbers with one space between them. */
  readonly value: string;
}

/** Keys that a prop of the pool sets, because more than the key depends on it. */
const elsewhere: Readonly<Record<string, string>> = {
  [reservedPortsKey]: "Set it with the pool's reservedPorts.",
  "net.netfilter.nf_conntrack_buckets": "Set it with the pool's conntrack.hashSize.",
};

/** Segments of letters, digits, `_` and `-`. No slash and no empty segment, so a key cannot leave /proc/sys. */
const keyPattern = /^[a-z][a-z0-9_-]*(?:\.[A-Za-z0-9_-]+){1,10}$/;
const unknownKey = matching(keyPattern, "the name of a kernel key, with dots", 128);
const unknownValue = all(
  satisfies("a number or text", (value) => typeof value === "string" || Number.isSafeInteger(value)),
  (path, value) =>
    matching(
      /^[A-Za-z0-9_+-][\w.,:+-]*(?: [\w.,:+-]+)*$/,
      "words of letters, digits and _ . , : + -, with one space between them",
      256,
    )(path, String(value)),
);

/** Problems of a profile: unknown keys, values out of range, floors where more is not better. */
export const kernelProfile: Check = (path, profile) => {
  if (!isRecord(profile) || !isRecord(profile.settings) || !isRecord(profile.unknown)) {
    return [problem(path, profile, "a KernelProfile")];
  }
  return [
    ...Object.entries(profile.settings).flatMap(([key, value]) => knownProblems(join(path, key), key, value)),
    ...Object.entries(profile.unknown).flatMap(([key, value]) => unknownProblems(join(path, key), key, value)),
  ];
};

/** The settings of a checked profile, known keys in the table's order, then the unknown ones by name. */
export function settingsOf({ settings, unknown }: Pick<KernelProfile, "settings" | "unknown">): readonly KernelSetting[] {
  const known = kernelKeyNames.filter((key) => Object.hasOwn(settings, key));
  return [
    ...known.map((key) => settingOf(key, settings[key])),
    ...Object.keys(unknown)
      .sort()
      .map((key) => settingOf(key, unknown[key])),
  ];
}

/** The key that an exact setting lowers below what a node has that nobody tuned; undefined when it does not. Unit of the memory: bytes. */
export function loweredKey({ key, mode, value }: KernelSetting, memory: number): KernelKey | undefined {
  const known = tryKernelKey(key);
  const stock = known?.stockAmount?.(memory);
  return stock === undefined || mode === "atLeast" || Number(value) >= stock ? undefined : known;
}

function settingOf(key: string, given: unknown): KernelSetting {
  if (isRecord(given) && given.atLeast !== undefined) return { key, mode: "atLeast", value: String(given.atLeast) };
  const exact = isRecord(given) ? given.exact : given;
  return { key, mode: "exact", value: Array.isArray(exact) ? exact.join(" ") : String(exact) };
}

function knownProblems(path: string, key: string, given: unknown): readonly Problem[] {
  const known = tryKernelKey(key);
  if (known === undefined) return [notKnown(path, key)];
  if (!isRecord(given)) return valueProblems(path, known, given);
  const [form, ...more] = Object.keys(given);
  const forms = known.value.kind === "amount" ? ["exact", "atLeast"] : ["exact"];
  if (form === undefined || more.length > 0 || !forms.includes(form))
    return [problem(path, given, expectedOf(known), floorHint(known, form))];
  return valueProblems(join(path, form), known, given[form]);
}

function valueProblems(path: string, known: KernelKey, value: unknown): readonly Problem[] {
  return holds(known.value, value) ? [] : [problem(path, value, expectedOf(known), overwrittenHint(known))];
}

function holds(expected: KernelKeyValue, value: unknown): boolean {
  switch (expected.kind) {
    case "choice":
      return typeof value === "number" && Object.hasOwn(expected.choices, String(value));
    case "tuple":
      return (
        Array.isArray(value) &&
        value.length === expected.parts.length &&
        expected.parts.every(({ min, max }, index) => within(value[index], Math.max(min, Number(value[index - 1] ?? min)), max))
      );
    default:
      return within(value, expected.min, expected.max);
  }
}

function within(value: unknown, min: number, max: number): boolean {
  return wholeNumber(min, max)("", value).length === 0;
}

function floorHint({ value }: KernelKey, form: string | undefined): string | undefined {
  return form === "atLeast" && value.kind !== "amount" ? "A floor makes sense for amounts only." : undefined;
}

function overwrittenHint({ value, overwrittenBy }: KernelKey): string | undefined {
  const single = value.kind === "choice" && Object.keys(value.choices).length === 1;
  return single && overwrittenBy !== undefined ? `Written by ${overwrittenBy}.` : undefined;
}

function notKnown(path: string, key: string): Problem {
  const hint = elsewhere[key] ?? meantKey(key) ?? "For a key that the library does not know: profile.withUnknown({ … }).";
  return { path, message: `unknown kernel key. ${hint}` };
}

/** `Did you mean "net.core.somaxconn"?`, where a key is near. The last word decides: the folders before it are the same for dozens of keys. */
export function meantKey(key: string): string | undefined {
  const lastWord = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
  const word = nearest(lastWord(key), kernelKeyNames.map(lastWord));
  const meant = kernelKeyNames.find((name) => lastWord(name) === word);
  return meant === undefined ? undefined : `Did you mean ${JSON.stringify(meant)}?`;
}

function unknownProblems(path: string, key: string, given: unknown): readonly Problem[] {
  if (tryKernelKey(key) !== undefined) return [{ path, message: "a known kernel key. Set it with KernelProfile.with." }];
  if (elsewhere[key] !== undefined) return [notKnown(path, key)];
  const named = unknownKey(path, key);
  if (named.length > 0) return named;
  const form = isRecord(given) ? Object.keys(given).filter((prop) => prop !== "reason") : [];
  if (!isRecord(given) || form.length !== 1 || !["exact", "atLeast"].includes(String(form[0]))) {
    return [problem(path, given, "{ exact, reason } or { atLeast, reason }")];
  }
  const value = form[0] === "exact" ? unknownValue : wholeNumber(0);
  return [...value(join(path, String(form[0])), given[String(form[0])]), ...line(join(path, "reason"), given.reason)];
}
