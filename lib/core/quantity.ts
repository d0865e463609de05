import { type Check, optional, satisfies, shape } from "./check";
import { join, type Problem, problem } from "./problem";

/** An amount of cpu: cores, or thousandths of one. `"500m"`, `"2"`. */
export type CpuQuantity = `${number}` | `${number}m`;
/** An amount of memory or disk. `"128Mi"`, `"2Gi"`, `"1G"`; without a unit, bytes. */
export type MemoryQuantity = `${number}${"" | "Ki" | "Mi" | "Gi" | "Ti" | "k" | "M" | "G" | "T"}`;

/** Compute resources of one container, as Kubernetes takes them. */
export interface Resources {
  /** What the scheduler sets aside. */
  readonly requests?: { readonly cpu?: CpuQuantity; readonly memory?: MemoryQuantity };
  /** What the kernel allows: more cpu is throttled, more memory ends the container. */
  readonly limits?: { readonly cpu?: CpuQuantity; readonly memory?: MemoryQuantity };
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const pattern = /^(\d{1,15}(?:\.\d{1,6})?)(|m|k|M|G|T|Ki|Mi|Gi|Ti)$/;

/** Cores or bytes of a quantity, or undefined when it is none. */
export function tryQuantity(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === "string" && pattern.exec(text)) || [];
  return amount === undefined ? undefined : Number(amount) * (factors[unit ?? ""] ?? Number.NaN);
}

/** Cores or bytes of a quantity that was checked before. */
export function quantity(text: CpuQuantity | MemoryQuantity): number {
  const result = tryQuantity(text);
  if (result === undefined) throw new RangeError(`${JSON.stringify(text)} is not a quantity`);
  return result;
}

/** An amount of cpu, at least a thousandth of a core. */
export const cpuQuantity: Check = satisfies(
  'an amount of cpu such as "500m" or "2"',
  (value) => (tryQuantity(value) ?? 0) >= 1e-3 && /^[\d.]+m?$/.test(String(value)),
  (value) => (typeof value === "number" ? `Write it as text: "${value}".` : undefined),
);

/** An amount of memory or disk, at least one byte. */
export const memoryQuantity: Check = satisfies(
  'an amount of memory such as "128Mi" or "2Gi"',
  (value) => (tryQuantity(value) ?? 0) >= 1 && !/m$|\.\d+$/.test(String(value)),
  (value) => (typeof value === "number" ? `Say the unit: "${value}Mi".` : undefined),
);

/** Requests and limits whose amounts are well-formed, and no request above its limit. */
export const resources: Check = (path, value) => {
  const amounts = optional(
    shape<{ cpu?: CpuQuantity; memory?: MemoryQuantity }>({ cpu: optional(cpuQuantity), memory: optional(memoryQuantity) }),
  );
  const problems = shape<Resources>({ requests: amounts, limits: amounts })(path, value);
  return problems.length > 0 ? problems : overcommitted(path, value as Resources);
};

function overcommitted(path: string, { requests = {}, limits = {} }: Resources): readonly Problem[] {
  return (["cpu", "memory"] as const).flatMap((kind) => {
    const [asked, limit] = [requests[kind], limits[kind]];
    if (asked === undefined || limit === undefined || quantity(asked) <= quantity(limit)) return [];
    return [problem(join(join(path, "requests"), kind), asked, `at most the limit, ${limit}`)];
  });
}
