import { all, type Check, mapOf, satisfies } from "../../core/check";
import { kernelKeyNames, reservedPortsKey } from "../../nodes/kernel-keys";
import type { KernelSetting } from "../../nodes/kernel-setting";

/**
 * Kernel settings as text, by key: `"32768"` is set as it is, `"at least 2097152"` is a floor.
 *
 * One text a key, so that `pulumi preview --diff` names each key with its old and its new value.
 */
export type KernelTexts = Readonly<Record<string, string>>;

const floorPattern = /^at least (\d{1,20})$/;

const kernelText: Check = all(
  satisfies(
    'text such as "32768", "32768 60999" or "at least 2097152"',
    (value) => typeof value === "string",
    (value) => (typeof value === "number" ? `Write it as text: "${value}".` : undefined),
  ),
  satisfies('"at least" and a whole number', (value) => !/^at *least/i.test(String(value)) || floorPattern.test(String(value))),
);

/** A map to texts that say a value or a floor. What key and value may be is the profile's matter. */
export const kernelTexts: Check = mapOf(() => [], kernelText);

/** Settings as texts. */
export function textsOf(settings: readonly KernelSetting[]): KernelTexts {
  return Object.fromEntries(settings.map(({ key, mode, value }) => [key, mode === "atLeast" ? `at least ${value}` : value]));
}

/** Checked texts as settings, in the order in which a pool writes them: the engine keeps none. */
export function settingsOf(texts: KernelTexts): readonly KernelSetting[] {
  return Object.entries(texts)
    .map(([key, text]) => settingOf(key, text))
    .sort((a, b) => rank(a.key) - rank(b.key) || (a.key < b.key ? -1 : 1));
}

/** What stands for a key in the state once its real value is known: the wanted text where it holds, else the real value. */
export function foundText(key: string, wanted: string, real: string): string {
  const { mode, value } = settingOf(key, wanted);
  const found = real.trim().replace(/\s+/g, " ");
  return (mode === "atLeast" ? reaches(found, value) : found === value) ? wanted : found;
}

function settingOf(key: string, text: string): KernelSetting {
  const floor = floorPattern.exec(text)?.[1];
  return floor === undefined ? { key, mode: "exact", value: text } : { key, mode: "atLeast", value: floor };
}

/** fs.file-max goes up to 2^63 - 1, beyond what a number holds. */
function reaches(found: string, floor: string): boolean {
  return /^\d{1,20}$/.test(found) && BigInt(found) >= BigInt(floor);
}

/** Known keys in the table's order, then the others, last the reserved ports: they are checked against the range before them. */
function rank(key: string): number {
  if (key === reservedPortsKey) return kernelKeyNames.length + 1;
  const index = (kernelKeyNames as readonly string[]).indexOf(key);
  return index < 0 ? kernelKeyNames.length : index;
}
